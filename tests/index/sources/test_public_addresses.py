"""Which addresses may be fetched from, told by the function alone: nothing here connects to anything."""

import ipaddress

import pytest

from index.sources.public_addresses import BESIDE_THE_REGISTRIES, IPV4, IPV6, is_public

NOT_PUBLIC = {
    "this machine and this network": "0.0.0.0 0.1.2.3 127.0.0.1 127.255.255.254 255.255.255.255 :: ::1",
    "private": "10.0.0.0 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 fc00::1 fd00:ec2::254 fec0::1",
    "link-local": "169.254.0.1 169.254.169.254 fe80::1 fe80::1%eth0 febf::1",
    "shared between the customers of a provider": "100.64.0.1 100.100.100.200 100.127.255.255",
    "IETF protocol assignments": "192.0.0.0 192.0.0.7 192.0.0.8 192.0.0.11 192.0.0.170 192.0.0.171 192.0.0.192",
    "documentation": "192.0.2.1 198.51.100.1 203.0.113.255 2001:db8::1 3fff::1 3fff:fff::1",
    "measuring": "198.18.0.1 198.19.255.255 2001:2::1",
    "relays": "192.88.99.1 192.88.99.2",
    "metadata of clouds": "168.63.129.16 169.254.169.253 192.0.0.192",
    "reserved": "240.0.0.1 254.255.255.255 2001:10::1 2001:1ff::1 2001:5::1 5f00::1 4000::1 e000::1",
    "multicast": "224.0.0.1 239.255.255.255 ff02::1 ff0e::1",
    "discarded": "100::1 100:0:0:1::1 100:0:0:2::1",
    "mapped IPv4": "::ffff:10.0.0.1 ::ffff:127.0.0.1 ::ffff:192.0.0.192 ::ffff:168.63.129.16 ::ffff:192.88.99.9",
    "compatible IPv4": "::127.0.0.1 ::10.0.0.1 ::8.8.8.8",
    "translated IPv4": "::ffff:0:127.0.0.1 ::ffff:0:8.8.8.8",
    "NAT64": "64:ff9b::a9fe:a9fe 64:ff9b::7f00:1 64:ff9b::a83f:8110 64:ff9b:1::7f00:1 64:ff9b:1::808:808 64:ff9b:2::1",
    "6to4": "2002:7f00:1:: 2002:a00:1::1 2002:a9fe:a9fe::1 2002:c000:c0::1 2002:c058:6301::",
    "Teredo, by its client": "2001:0:808:808:0:0:80ff:fffe 2001::5601:5601",
    "Teredo, by its server": "2001:0:a00:1:0:0:f7f7:f7f7 2001:0:7f00:1:8000:0:f7f7:f7f7",
    "ISATAP": "2a00:1450::5efe:7f00:1 2606:2800::200:5efe:a9fe:a9fe fe80::5efe:808:808",
}
PUBLIC = {
    "ordinary": "1.1.1.1 8.8.8.8 11.0.0.0 100.63.255.255 100.128.0.0 126.1.1.1 128.0.0.1 168.63.129.15",
    "beside reserved ones": "172.15.255.255 172.32.0.0 192.0.1.1 192.0.3.0 192.88.98.1 198.17.255.255 198.20.0.0",
    "IPv6": "2000::1 2001:200::1 2400:cb00::1 2606:2800:21f:cb07:6820:80da:af6b:8b2c 2a00:1450::1",
    "exceptions in reserved ones": "192.0.0.9 192.0.0.10 2001:1::1 2001:1::2 2001:1::3 2001:3::1 2001:20::1 2001:30::1",
    "AS112": "192.31.196.1 192.175.48.6 2001:4:112::1 2620:4f:8000::6",
    "holding a public IPv4": "::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1 2a00:1450::5efe:808:808",
    "Teredo between public ones": "2001:0:808:808:0:0:fefe:fefe",
}


def _each(told: dict[str, str]) -> list[tuple[str, str]]:
    return [(address, what) for what, addresses in told.items() for address in addresses.split()]


@pytest.mark.parametrize(("address", "what"), _each(NOT_PUBLIC))
def test_what_is_not_public(address: str, what: str) -> None:
    assert not is_public(address), what


@pytest.mark.parametrize(("address", "what"), _each(PUBLIC))
def test_what_is_public(address: str, what: str) -> None:
    assert is_public(address), what


@pytest.mark.parametrize(("network", "name", "is_reachable"), [*IPV4, *BESIDE_THE_REGISTRIES[1:3]])
def test_an_ipv4_network_counts_in_every_form(network: str, name: str, is_reachable: bool) -> None:
    """The last address of it, which no smaller network of the tables holds."""
    last = ipaddress.ip_network(network)[-1]
    assert isinstance(last, ipaddress.IPv4Address)
    high, low = divmod(int(last), 2**16)
    forms = [f"::ffff:{last}", f"64:ff9b::{last}", f"2002:{high:x}:{low:x}::1", f"2a00:1450::5efe:{last}"]
    forms.append(f"2001:0:{high:x}:{low:x}::f7f7:f7f7")
    forms.append(f"2001:0:808:808::{high ^ 0xFFFF:x}:{low ^ 0xFFFF:x}")
    assert [is_public(form) for form in (str(last), *forms)] == [is_reachable] * 7, name


@pytest.mark.parametrize(("network", "name"), [(network, name) for network, name, _ in IPV6])
def test_a_network_is_written_as_the_registry_writes_it(network: str, name: str) -> None:
    assert str(ipaddress.ip_network(network)) == network, name


def test_what_is_no_address_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        is_public("answers.example.org")
