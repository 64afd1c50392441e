"""Folders in an object store, on a WebDAV server and in a mailbox: what changed is fetched, and nothing else."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.building.builder import BuildReport, build
from index.models.embedder import Embedder
from index.sources.addresses import clean_source
from index.sources.documents import DocumentReader
from index.sources.fetch import Fetcher, FetchError, FetchPolicy
from index.sources.folder_files import folder_files
from index.storage.versions import Versions
from tests.support.folder_servers import LOGIN, Kept, bucket, mailbox, webdav

OATS = b"The mill of Aske grinds oats from the first of October until the snow is gone."
RYE = b"The rye of the valley is sown in September and cut in July, says the miller."

Look = Callable[..., BuildReport]


@pytest.fixture
def policy(tmp_path: Path) -> FetchPolicy:
    logins = tmp_path / "logins"
    logins.write_text(f"machine 127.0.0.1 login {LOGIN[0]} password {LOGIN[1]}\n")
    return FetchPolicy(allow_private=True, seconds=120, logins=logins)


@pytest.fixture(params=[bucket, webdav, mailbox], ids=["s3", "webdav", "imap"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    with request.param(tmp_path, monkeypatch) as folder:
        folder.put("oats.txt", OATS)
        folder.put("deep/rye.txt", RYE)
        yield folder


@pytest.fixture
def look(tmp_path: Path, embedder: Embedder, kept: Kept, policy: FetchPolicy) -> Look:
    versions = Versions(tmp_path / "index")

    def run(**options: object) -> BuildReport:
        return build([kept.address], versions, embedder, fetcher=Fetcher(policy), **options)  # type: ignore[arg-type]

    return run


@pytest.mark.slow
def test_what_came_changed_and_went_is_named_and_nothing_else_is_fetched(kept: Kept, look: Look) -> None:
    source = clean_source(kept.address)
    first = look()
    assert (first.articles, first.failures) == (2, [])
    assert (first.looks[source].articles, first.looks[source].added) == (2, 2)
    kept.fetched.clear()
    again = look()
    assert (again.is_new, again.failures, kept.fetched) == (False, [], [])
    kept.put("oats.txt", OATS + b" Nobody grinds on Sunday.")
    kept.put("barley.txt", b"Barley is ground in the mill of Lorn, and only in the winter.")
    kept.delete("deep/rye.txt")
    found = look().looks[source]
    is_mail = source.startswith("imap")  # a message never changes, it goes and another one comes
    assert (found.articles, found.added, found.changed, found.removed) == ((2, 2, 0, 2) if is_mail else (2, 1, 1, 1))
    assert "rye.txt" not in kept.fetched


@pytest.mark.slow
def test_a_folder_that_is_not_due_fails_or_is_emptied_keeps_what_was_indexed(
    kept: Kept, look: Look, policy: FetchPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = clean_source(kept.address)
    look()
    kept.put("barley.txt", b"Barley is ground in the mill of Lorn, and only in the winter.")
    assert look(is_due=lambda _: False).articles == 2
    kept.delete("oats.txt")
    kept.delete("deep/rye.txt")
    kept.delete("barley.txt")
    emptied = look()
    assert emptied.articles == 2
    assert "the folder is empty, where it held 2 files" in str(emptied.looks[source].error)


@pytest.mark.slow
def test_private_addresses_and_wrong_logins_are_refused_without_a_word_of_the_login(
    kept: Kept, policy: FetchPolicy, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    address = clean_source(kept.address)
    with pytest.raises(FetchError, match="private or reserved"):
        folder_files(
            address, FetchPolicy(logins=None if address.startswith("webdav") else policy.logins), DocumentReader()
        )
    assert policy.logins
    policy.logins.write_text("machine 127.0.0.1 login ann password wrong-s3cret\n")
    if not address.startswith("s3"):
        with pytest.raises(FetchError, match="refuses the login") as refused:
            folder_files(address, policy, DocumentReader())
        assert "s3cret" not in f"{refused.value}{caplog.text}"
    policy.logins.write_text("machine without s3cret\n")
    if not address.startswith("s3"):
        with pytest.raises(FetchError, match="mistake in line") as unread:
            folder_files(address, policy, DocumentReader())
        assert "s3cret" not in f"{unread.value}{caplog.text}"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("webdavs://ann:s3cret@host/docs", "leave them out"),
        ("s3://", "names no bucket"),
        ("s3://A_B/docs", "names no bucket"),
        ("imaps://mail.example", "/INBOX"),
        ("webdavs://host/docs?a=b", "leave them out"),
        ("webdavs://host:port/", "check its spelling"),
    ],
)
def test_an_address_that_makes_no_sense_says_how_to_mend_it(address: str, reason: str) -> None:
    with pytest.raises(FetchError, match=reason) as error:
        clean_source(address)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    ("address", "clean"),
    [
        ("s3://shelf/docs/", "s3://shelf/docs"),
        ("webdavs://Host:443/a/../my docs", "webdavs://host/my%20docs"),
        ("imaps://mail.example:993/INBOX", "imaps://mail.example/INBOX"),
    ],
)
def test_an_address_has_one_form(address: str, clean: str) -> None:
    assert clean_source(address) == clean
