"""Which IP addresses are of the public internet, as IANA's registries of special-purpose addresses tell.

The registries are written out here, because what Python's :mod:`ipaddress` calls global differs from version to version
and leaves out what was registered since: https://www.iana.org/assignments/iana-ipv4-special-registry/ and
https://www.iana.org/assignments/iana-ipv6-special-registry/, both as of 9 October 2025.
"""

import ipaddress
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_YES, _NO = True, False
_BY_WHAT_IT_HOLDS = True
"""The registry says that it depends ("N/A"): the IPv4 addresses inside decide, see :func:`_held`."""

IPV4 = (
    ("0.0.0.0/8", "This network", _NO),
    ("0.0.0.0/32", "This host on this network", _NO),
    ("10.0.0.0/8", "Private-Use", _NO),
    ("100.64.0.0/10", "Shared Address Space", _NO),
    ("127.0.0.0/8", "Loopback", _NO),
    ("169.254.0.0/16", "Link Local", _NO),
    ("172.16.0.0/12", "Private-Use", _NO),
    ("192.0.0.0/24", "IETF Protocol Assignments", _NO),
    ("192.0.0.0/29", "IPv4 Service Continuity Prefix", _NO),
    ("192.0.0.8/32", "IPv4 dummy address", _NO),
    ("192.0.0.9/32", "Port Control Protocol Anycast", _YES),
    ("192.0.0.10/32", "Traversal Using Relays around NAT Anycast", _YES),
    ("192.0.0.170/32", "NAT64/DNS64 Discovery", _NO),
    ("192.0.0.171/32", "NAT64/DNS64 Discovery", _NO),
    ("192.0.2.0/24", "Documentation (TEST-NET-1)", _NO),
    ("192.31.196.0/24", "AS112-v4", _YES),
    ("192.52.193.0/24", "AMT", _YES),
    ("192.88.99.0/24", "Deprecated (6to4 Relay Anycast)", _NO),
    ("192.88.99.2/32", "6a44-relay anycast address", _NO),
    ("192.168.0.0/16", "Private-Use", _NO),
    ("192.175.48.0/24", "Direct Delegation AS112 Service", _YES),
    ("198.18.0.0/15", "Benchmarking", _NO),
    ("198.51.100.0/24", "Documentation (TEST-NET-2)", _NO),
    ("203.0.113.0/24", "Documentation (TEST-NET-3)", _NO),
    ("240.0.0.0/4", "Reserved", _NO),
    ("255.255.255.255/32", "Limited Broadcast", _NO),
)
"""Network, name, and whether it is globally reachable; of networks inside each other the smallest counts."""

IPV6 = (
    ("::1/128", "Loopback Address", _NO),
    ("::/128", "Unspecified Address", _NO),
    ("::ffff:0:0/96", "IPv4-mapped Address", _BY_WHAT_IT_HOLDS),
    ("64:ff9b::/96", "IPv4-IPv6 Translat.", _BY_WHAT_IT_HOLDS),
    ("64:ff9b:1::/48", "IPv4-IPv6 Translat.", _NO),
    ("100::/64", "Discard-Only Address Block", _NO),
    ("100:0:0:1::/64", "Dummy IPv6 Prefix", _NO),
    ("2001::/23", "IETF Protocol Assignments", _NO),
    ("2001::/32", "TEREDO", _BY_WHAT_IT_HOLDS),
    ("2001:1::1/128", "Port Control Protocol Anycast", _YES),
    ("2001:1::2/128", "Traversal Using Relays around NAT Anycast", _YES),
    ("2001:1::3/128", "DNS-SD Service Registration Protocol Anycast", _YES),
    ("2001:2::/48", "Benchmarking", _NO),
    ("2001:3::/32", "AMT", _YES),
    ("2001:4:112::/48", "AS112-v6", _YES),
    ("2001:10::/28", "Deprecated (previously ORCHID)", _NO),
    ("2001:20::/28", "ORCHIDv2", _YES),
    ("2001:30::/28", "Drone Remote ID Protocol Entity Tags (DETs) Prefix", _YES),
    ("2001:db8::/32", "Documentation", _NO),
    ("2002::/16", "6to4", _BY_WHAT_IT_HOLDS),
    ("2620:4f:8000::/48", "Direct Delegation AS112 Service", _YES),
    ("3fff::/20", "Documentation", _NO),
    ("5f00::/16", "Segment Routing (SRv6) SIDs", _NO),
    ("fc00::/7", "Unique-Local", _NO),
    ("fe80::/10", "Link-Local Unicast", _NO),
)

BESIDE_THE_REGISTRIES = (
    ("0.0.0.0/0", "Ordinary IPv4 addresses", _YES),
    ("168.63.129.16/32", "Metadata and name server of a cloud's virtual machines", _NO),
    ("224.0.0.0/4", "Multicast", _NO),
    ("::/0", "Not assigned to anybody, the forms of IPv4 addresses in ::/8 and site-local addresses included", _NO),
    ("2000::/3", "Global Unicast", _YES),
    ("ff00::/8", "Multicast", _NO),
)
"""What other registries and the makers of clouds tell: https://www.iana.org/assignments/ipv6-address-space/."""

_MAPPED, _NAT64 = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)
"""What stands before an IPv4 address in the last 64 bits of an IPv6 address: RFC 5214, section 6.1."""

_Networks = list[tuple[IPv4Network | IPv6Network, bool]]


def _smallest_first(rows: Iterable[tuple[str, str, bool]]) -> _Networks:
    networks = [(ipaddress.ip_network(network), is_reachable) for network, _, is_reachable in rows]
    return sorted(networks, key=lambda row: -row[0].prefixlen)


_NETWORKS = _smallest_first((*IPV4, *IPV6, *BESIDE_THE_REGISTRIES))


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet, whatever IPv6 form an IPv4 address is hidden in.

    :param address: of IPv4 or IPv6; the name of a network interface behind ``%`` makes no difference.
    :raises ValueError: if it is no IP address.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    is_reachable = next(reachable for network, reachable in _NETWORKS if found in network)
    return is_reachable and all(is_public(str(inner)) for inner in _held(found))


def _held(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to: mapped, NAT64, 6to4, both of Teredo, ISATAP."""
    if isinstance(address, IPv4Address):
        return []
    last = IPv4Address(int(address) & 0xFFFFFFFF)
    held = [last] if int(address) >> 32 & 0xFFFFFFFF in _ISATAP else []
    if address in _MAPPED or address in _NAT64:
        held.append(last)
    if address.sixtofour:
        held.append(address.sixtofour)
    return [*held, *(address.teredo or ())]
