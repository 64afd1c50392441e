"""``pullquote collections``, and ``--collection`` of the commands."""

import json
from pathlib import Path

import pytest

from api.access.keys import KeyStore
from index.collection.folders import FOLDER, CollectionFolders
from tests.support.command_line import one_line, run

QUESTION = "Who lit the lamp of Heronport?"
LAMP = "The lamp\n\nLighthouse keeper Clara Wick lit the lamp of Heronport on Friday.\n"


def test_one_is_made_built_asked_and_deleted(seed_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = ["--data-dir", str(tmp_path / "data")]
    (tmp_path / "lamp.txt").write_text(LAMP)
    made = run("collections", "create", "lamps", "--set", "keep_versions=1", *data)
    assert made.exit_code == 0, made.output
    built = run("build", tmp_path / "lamp.txt", "--collection", "lamps", *data)
    assert built.exit_code == 0, built.output
    assert "Clara Wick" in run("ask", QUESTION, "--collection", "lamps", *data).stdout
    assert "there is no index" in one_line(run("ask", QUESTION, *data))
    (listed,) = [each for each in json.loads(run("collections", "list", "--json", *data).stdout) if each["created"]]
    assert (listed["name"], listed["articles"], listed["settings"]) == ("lamps", 1, {"keep_versions": 1})
    (tmp_path / "lamp.txt").write_text(LAMP.replace("Clara Wick", "Ada Finch"))
    again = run("build", "--collection", "lamps", *data)  # the sources are those of the build before
    assert again.exit_code == 0, again.output
    monkeypatch.setenv("PULLQUOTE_COLLECTION", "lamps")
    assert "Ada Finch" in run("ask", QUESTION, *data).stdout
    assert run("versions", *data).stdout.count("\n") == 1  # keep_versions is its own
    assert run("doctor", *data).exit_code == 0
    key = run("keys", "create", "alone", "--collection", "lamps", *data)
    assert "PULLQUOTE_PUBLIC_ASK" in key.stderr
    deleted = run("collections", "delete", "lamps", "--yes", *data)
    assert deleted.exit_code == 0, deleted.output
    assert "is revoked" in deleted.stderr
    assert list((tmp_path / "data" / FOLDER).iterdir()) == []
    assert KeyStore(tmp_path / "data").all()[0].trouble == "was revoked"


def test_settings_are_changed_and_given_back(tmp_path: Path) -> None:
    data = ["--data-dir", str(tmp_path)]
    run("collections", "create", "news", "--set", "keep_days=2", *data)
    changed = run("collections", "set", "news", "keep_versions=3", "public_ask=false", "--unset", "keep_days", *data)
    assert "public_ask=false, keep_versions=3" in changed.stdout, changed.output
    assert CollectionFolders(tmp_path).read("news").settings == {"keep_versions": 3, "public_ask": False}
    assert (
        "nothing"
        in run("collections", "set", "news", "--unset", "keep_versions", "--unset", "public_ask", *data).stdout
    )
    assert "name a setting" in one_line(run("collections", "set", "news", *data), 2)
    for wrong, told in (
        ("keep_versions=0", "keep_versions"),
        ("port=1", "a collection may have passage_tokens"),
        ("x", "x"),
    ):
        assert told in one_line(run("collections", "set", "news", wrong, *data), 2)
    assert "port" in one_line(run("collections", "set", "news", "--unset", "port", *data), 2)
    assert "collections list" in one_line(run("collections", "set", "none", "keep_versions=3", *data), 2)
    assert "of the service" in one_line(run("collections", "set", "default", "keep_versions=3", *data), 2)
    audit = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert next(each["settings"] for each in audit if each["action"] == "collection.change") == {
        "keep_versions": 3,
        "public_ask": False,
        "keep_days": None,
    }


def test_what_can_not_be_is_told_in_a_line(tmp_path: Path) -> None:
    data = ["--data-dir", str(tmp_path)]
    assert "a-z 0-9" in one_line(run("collections", "create", "No", *data), 2)
    run("collections", "create", "news", *data)
    assert "already" in one_line(run("collections", "create", "news", *data), 2)
    assert "keep_versions" in one_line(run("collections", "create", "x", "--set", "keep_versions=0", *data), 2)
    assert "port" in one_line(run("collections", "create", "x", "--set", "port=1", *data), 2)
    assert "collections list" in one_line(run("collections", "delete", "none", "--yes", *data), 2)
    assert "default" in one_line(run("collections", "delete", "default", "--yes", *data), 2)
    assert "collections create" in one_line(run("ask", QUESTION, "--collection", "none", *data), 2)
    assert "PULLQUOTE_COLLECTION" in one_line(run("ask", QUESTION, "--collection", "../x", *data), 2)
    assert "there are default, news" in one_line(run("keys", "create", "k", "--collection", "none", *data), 2)
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["news"]
