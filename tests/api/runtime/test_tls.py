"""The service speaks HTTPS by itself when it is given a certificate."""

import ssl
from pathlib import Path

import httpx2
import pytest
import trustme

from api.settings import ConfigurationError, load_settings
from tests.support.running_server import running_server


@pytest.mark.slow
def test_with_a_certificate_https_is_spoken_and_nothing_else(seed_data: Path, tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(str(key))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    files = {"PULLQUOTE_TLS_CERTIFICATE": str(certificate), "PULLQUOTE_TLS_KEY": str(key)}
    with running_server(seed_data, trust=trust, PULLQUOTE_THREADS="1", **files) as (address, _):
        assert address.startswith("https://")
        body = {"question": "Who is the NATO spokeswoman?"}
        answer = httpx2.post(f"{address}/v1/ask", json=body, verify=trust, timeout=60).json()
        assert answer["answers"][0]["citations"][0]["link"].startswith(address)
        with pytest.raises(httpx2.TransportError):
            httpx2.get(address.replace("https", "http"), timeout=60)


@pytest.mark.parametrize("given", [{"tls_key": "key.pem"}, {"tls_certificate": "chain.pem"}])
def test_one_file_without_the_other_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="both or neither"):
        load_settings(**given)
