"""The command line: what it prints, and one clear line for everything that goes wrong."""

import dataclasses
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.figures import size
from api.cli.main import app
from api.settings import rows
from index.models import embedder as models
from index.models.embedder import Embedder
from index.storage.snapshot import FileSum, content_digest
from index.storage.vectors import write_vectors
from rag.reading.reader import SHIPPED, WORD_PIECES
from tests.conftest import DataDir
from tests.support.command_line import SPOKESWOMAN, one_line, run
from tests.support.paths import ROOT, SEED_ARTICLE


@pytest.fixture
def own_data(seed_data: Path, tmp_path: Path) -> Path:
    """A copy of a data folder, to be damaged."""
    shutil.copytree(seed_data, tmp_path / "data", symlinks=True)
    return tmp_path / "data"


@pytest.fixture
def empty_data(tmp_path: Path) -> Path:
    """A data folder without an index."""
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_a_chat_remembers_what_was_said(seed_data: Path) -> None:
    typed = (
        "How many additional troops were South Korean lawmakers told about?\nAnd when?\n"
        + "why " * 600
        + "\n\nnot read"
    )
    result = CliRunner().invoke(app, ["chat", "--data-dir", str(seed_data)], input=typed)
    assert result.exit_code == 0, result.output
    assert result.stdout.count("% sure") >= 2
    assert "Asked as: And when? (additional troops, South Korean lawmakers" in result.stdout
    assert "Wednesday" in result.stdout
    assert result.stderr.count("\n") == 1
    assert "shorten it" in result.stderr


def test_build_reports_what_it_did_and_what_it_left_out(empty_data: Path, tmp_path: Path) -> None:
    source = tmp_path / "news"
    source.mkdir()
    shutil.copy(SEED_ARTICLE, source)
    (source / "empty.txt").touch()
    (source / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    result = run("build", source, "--data-dir", empty_data)
    assert result.exit_code == 0, result.output
    assert re.search(r"1 article, 3 passages: version 000001-[0-9a-f]{8} in \S+ is current", result.stdout)
    assert re.search(r"s \(scan [\d.]+, read .*\); 3 passages embedded, \d+ passages/s", result.stdout)
    assert "1 added, 0 changed, 0 removed, 0 unchanged, 2 failed" in result.stdout
    assert "2 files or records not read" in result.stdout
    assert re.search(r"\narticles a second that one process reads: txt [\d.,]+\n$", result.stdout)
    assert "not read: news/empty.txt: " in result.stderr
    assert "not read: news/picture.png: " in result.stderr
    again = run("build", source, "--data-dir", empty_data)
    assert re.search(r"version 000001-[0-9a-f]{8} in \S+ stays current, nothing changed", again.stdout)
    assert "0 added, 0 changed, 0 removed, 1 unchanged, 2 failed" in again.stdout
    assert "not read: news/empty.txt: " in again.stderr
    strict = run("build", source, "--strict", "--data-dir", empty_data)
    assert "2 of the files and records can't be read: nothing is published" in strict.stderr


def test_build_takes_its_sources_from_the_settings(empty_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_SOURCES", str(SEED_ARTICLE))
    assert run("build", "--data-dir", empty_data).exit_code == 0
    assert run("doctor", "--data-dir", empty_data).exit_code == 0


def _empty_folder(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_empty_folder, "has no files: put articles into it"),
        (lambda folder: folder / "missing", "does not exist"),
        (lambda folder: folder / "*.txt", "matches no file"),
    ],
)
def test_build_tells_of_a_bad_source(empty_data: Path, tmp_path: Path, make: Callable[[Path], Path], told: str) -> None:
    assert told in one_line(run("build", make(tmp_path), "--data-dir", empty_data))


def test_build_tells_when_nothing_can_be_read(empty_data: Path, tmp_path: Path) -> None:
    (tmp_path / "x.txt").touch()
    assert "nothing to index" in one_line(run("build", tmp_path / "x.txt", "--data-dir", empty_data))


def test_ask_prints_the_answer_with_its_quote_and_source(seed_data: Path) -> None:
    result = run("ask", SPOKESWOMAN, "--data-dir", seed_data, "--limit", "1")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert re.fullmatch(r".*Farah Dakhlallah  \(\d+% sure\)", lines[0])
    words = " ".join(result.stdout.split())
    assert re.search(r"Meanwhile, .*\*.*Farah Dakhlallah\* said", words)
    assert "U.S. Officials Confirm North Korea Sent Troops to Russia · AFP · 23 October 2024" in words


def test_links_lead_to_a_service_that_listens_and_nowhere_else(
    seed_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setenv("PULLQUOTE_PORT", str(port))
        served = run("ask", SPOKESWOMAN, "--data-dir", seed_data, "--limit", "1").stdout
    link = re.search(rf"http://127.0.0.1:{port}/c/000-c02cb47a3876a1ac-3749d4648d\.\S+", served)
    assert link is not None
    assert len(link[0]) < 90
    alone = run("ask", SPOKESWOMAN, "--data-dir", seed_data, "--limit", "1").stdout
    assert "http://" not in alone
    assert re.search(r"000-c02cb47a3876a1ac-3749d4648d, characters \d+ to \d+", alone)


def test_a_terminal_opens_the_link_of_a_source(seed_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("PULLQUOTE_PUBLIC_URL", "https://answers.example")
    shown = run("ask", SPOKESWOMAN, "--data-dir", seed_data, "--limit", "1").stdout
    assert re.search(r"\x1b\]8;[^;]*;https://answers\.example/c/\S+?\x1b\\.*U\.S\. Officials.*\x1b\]8;;", shown)


def test_a_chat_knows_its_commands_and_courtesies(seed_data: Path) -> None:
    typed = f"hello\nThank you!\n/help\n/nothing\n{SPOKESWOMAN}\n/new\nAnd when?\n/quit\nnot read"
    result = CliRunner().invoke(app, ["chat", "--data-dir", str(seed_data)], input=typed)
    assert result.exit_code == 0, result.output
    assert result.stdout.count("Ask a question, or /help.") == 2
    assert "/new   forget what was said before" in result.stdout
    assert "There is no /nothing" in result.stdout
    assert result.stdout.count("Farah Dakhlallah") == 2, "the answer and its quote, and no follow-up"
    assert "Asked as" not in result.stdout


def test_nothing_in_an_article_or_a_name_steers_the_terminal(empty_data: Path, tmp_path: Path) -> None:
    source = tmp_path / "news"
    source.mkdir()
    record = {
        "title": "Spokes\x1b[31mwoman",
        "author": "A\x07B",
        "text": "The NATO spokeswoman is Farah\x1b[2J Dakhlallah, the alliance said.",
    }
    (source / "a.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    (source / "bad\nname\x1b[1m.txt").touch()
    built = run("build", source, "--data-dir", empty_data)
    assert built.exit_code == 0, built.output
    assert r"not read: news/bad\nname\x1b[1m.txt: " in built.stderr
    asked = run("ask", SPOKESWOMAN, "--min-confidence", "0", "--data-dir", empty_data)
    assert "Dakhlallah" in asked.stdout
    assert not set("\x1b\x07") & set(built.output + asked.output)
    told = one_line(run("ask", "who?", "--data-dir", tmp_path / "no\x1b[1m\nwhere"))
    assert "\x1b" not in told


def test_ask_says_when_nothing_answers(seed_data: Path) -> None:
    result = run("ask", "What is the boiling point of mercury?", "--data-dir", seed_data)
    assert result.exit_code == 0
    assert result.stdout.startswith("No article answers that.")


def test_ask_prints_what_the_service_answers(seed_data: Path) -> None:
    body = json.loads(run("ask", SPOKESWOMAN, "--json", "--data-dir", seed_data).stdout)
    assert body["answerable"] is True
    assert "Farah Dakhlallah" in body["answers"][0]["text"]
    assert set(body) >= {"question", "standalone_question", "best_guess", "index_version", "models", "timings_ms"}


@pytest.mark.parametrize(
    ("filters", "is_found"),
    [
        (("--author", "afp", "--author", "Reuters"), True),
        (("--from", "2024-10-23", "--to", "2024-10-23"), True),
        (("--from", "2024-10-24"), False),
        (("--source", "Nobody"), False),
        (("--tag", "none"), False),
        (("--min-confidence", "1"), False),
    ],
)
def test_ask_filters(seed_data: Path, filters: tuple[str, ...], is_found: bool) -> None:
    body = json.loads(run("ask", SPOKESWOMAN, "--json", "--data-dir", seed_data, *filters).stdout)
    assert body["answerable"] is is_found


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("  ",), "it is empty"),
        (("w" * 100_000,), "100000 characters"),
        (("who?", "--limit", "0"), "limit"),
        (("who?", "--min-confidence", "7"), "min_confidence"),
        (("who?", "--from", "2024-10-02", "--to", "2024-10-01"), "later than"),
    ],
)
def test_ask_tells_what_is_wrong_with_the_question(seed_data: Path, arguments: tuple[str, ...], told: str) -> None:
    assert told in one_line(run("ask", *arguments, "--data-dir", seed_data), 2)


def test_without_an_index_every_command_says_how_to_build_one(empty_data: Path) -> None:
    for command in (("ask", "who?"), ("versions",)):
        assert "make index" in one_line(run(*command, "--data-dir", empty_data))
    assert "make index" in run("doctor", "--data-dir", empty_data).stdout


def test_doctor_finds_a_sound_index_sound(seed_data: Path) -> None:
    result = run("doctor", "--data-dir", seed_data)
    assert result.exit_code == 0, result.output
    assert all(line.startswith("ok ") for line in result.stdout.splitlines())
    assert "3 vectors, passages and lengths in words" in result.stdout


def _alter(data: Path) -> None:
    file = next(data.glob("index/versions/*/vectors.faiss"))
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)


def _cut(data: Path) -> None:
    file = next(data.glob("index/versions/*/text.sqlite"))
    file.write_bytes(file.read_bytes()[:500])


def _another_count(data: Path) -> None:
    file = next(data.glob("index/versions/*/manifest.json"))
    file.write_text(file.read_text().replace('"passages": 3', '"passages": 4'))


def _lose_the_pointed_version(data: Path) -> None:
    shutil.rmtree(next(data.glob("index/versions/*")))


def _folder_as_pointer(data: Path) -> None:
    (data / "index" / "CURRENT").unlink()
    (data / "index" / "CURRENT").mkdir()


def test_a_folder_in_place_of_the_pointer_is_told_by_every_command(own_data: Path) -> None:
    _folder_as_pointer(own_data)
    for command in (("ask", "who?"), ("versions",)):
        assert "CURRENT" in one_line(run(*command, "--data-dir", own_data))
    assert re.search("^TROUBLE.*CURRENT", run("doctor", "--data-dir", own_data).stdout)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_alter, "index file altered"),
        (_cut, "index file cut"),
        (_another_count, "the manifest lists 4"),
        (_lose_the_pointed_version, "which is not there"),
    ],
)
def test_doctor_tells_what_is_wrong_and_ask_tells_it_too(
    own_data: Path, damage: Callable[[Path], None], told: str
) -> None:
    damage(own_data)
    result = run("doctor", "--data-dir", own_data)
    assert result.exit_code == 1
    assert told in next(line for line in result.stdout.splitlines() if line.startswith("TROUBLE"))
    assert told in one_line(run("ask", "who?", "--data-dir", own_data))


def test_a_model_file_that_is_not_there_is_told(
    seed_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = shutil.copytree(models.SHIPPED, tmp_path / "shipped", ignore=shutil.ignore_patterns("int8.onnx"))
    monkeypatch.setattr(models, "SHIPPED", shipped)
    told = "int8.onnx is missing or altered. Install pullquote again."
    assert told in run("doctor", "--data-dir", seed_data).stdout
    assert told in one_line(run("ask", "who?", "--data-dir", seed_data))


def test_a_reader_folder_that_lacks_a_file_is_told(
    seed_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(SHIPPED, tmp_path / "reader")
    shutil.copy(WORD_PIECES, tmp_path / "reader")
    (tmp_path / "reader" / "config.json").unlink()
    monkeypatch.setenv("PULLQUOTE_READER", str(tmp_path / "reader"))
    assert "config.json" in one_line(run("ask", "who?", "--data-dir", seed_data))


@pytest.mark.slow
def test_doctor_mends_the_pointer_and_clears_what_killed_builders_left(own_data: Path) -> None:
    assert run("build", ROOT / "tests" / "articles", "--data-dir", own_data).exit_code == 0
    next(own_data.glob("index/versions/000002-*/vectors.faiss")).unlink()
    (own_data / "index" / ".building-dead").mkdir()
    found = run("doctor", "--data-dir", own_data)
    assert found.exit_code == 1
    assert "The version 000001-" in found.stdout
    assert "not the current version" not in found.stdout
    assert ".building-dead" in found.stdout
    mended = run("doctor", "--repair", "--json", "--data-dir", own_data)
    told = {finding["check"]: finding["mended"] for finding in json.loads(mended.stdout) if not finding["is_fine"]}
    assert re.fullmatch("000001-[0-9a-f]{8} is current again", told["current version"])
    assert told["left-overs"] == "removed: 1 left-over folder"
    assert told["other versions"] is None
    assert mended.exit_code == 1
    shutil.rmtree(next(own_data.glob("index/versions/000002-*")))
    assert run("doctor", "--data-dir", own_data).exit_code == 0


def test_doctor_tells_of_an_older_version_that_was_altered(own_data: Path) -> None:
    assert run("build", ROOT / "tests" / "articles", "--data-dir", own_data).exit_code == 0
    file = next(own_data.glob("index/versions/000001-*/vectors.faiss"))
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    result = run("doctor", "--data-dir", own_data)
    assert result.exit_code == 1
    [line] = [line for line in result.stdout.splitlines() if line.startswith("TROUBLE")]
    assert re.search("000001-[0-9a-f]{8}, not the current version: index file altered", line)


def _write(data: Path, statement: str) -> None:
    """Change the text side of the current version, with a manifest that agrees."""
    file = next(data.glob("index/versions/*/text.sqlite"))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement)
    path = file.with_name("manifest.json")
    manifest = json.loads(path.read_text())
    manifest["files"][file.name] = dataclasses.asdict(FileSum.of(file))
    digest = content_digest({name: FileSum(**sums) for name, sums in manifest["files"].items()})
    manifest["version"] = f"000001-{digest[:8]}"
    path.write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE passages SET end = 100000 WHERE row = 1", "1 passages lie outside their articles"),
        ("UPDATE passages SET start = start + 2 WHERE row = 1", "have an id that is not made of their offsets"),
        ("UPDATE articles SET title = 'Another'", "3 passages have other words than those that were embedded"),
        ("UPDATE passages SET article = 7 WHERE row = 2", "a row of passages refers to nothing"),
    ],
)
def test_doctor_looks_at_every_passage(own_data: Path, statement: str, told: str) -> None:
    _write(own_data, statement)
    result = run("doctor", "--data-dir", own_data)
    assert result.exit_code == 1
    assert told in result.stdout


def test_doctor_computes_vectors_again(own_data: Path, embedder: Embedder) -> None:
    file = next(own_data.glob("index/versions/*/vectors.faiss"))
    write_vectors(file, embedder.embed_passages(["other", "words", "than these"]))
    _write(own_data, "SELECT 1")
    path = file.with_name("manifest.json")
    manifest = json.loads(path.read_text())
    manifest["files"][file.name] = dataclasses.asdict(FileSum.of(file))
    path.write_text(json.dumps(manifest))
    _write(own_data, "SELECT 1")
    assert "3 of 3 vectors computed again differ" in run("doctor", "--data-dir", own_data).stdout


def test_doctor_compiles_no_model(own_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_EMBEDDER_PRECISION", "float32")
    result = run("doctor", "--data-dir", own_data)
    assert result.exit_code == 1
    assert "is not compiled" in result.stdout
    assert not (own_data / "models").exists()


def test_an_index_moves_in_one_file(own_data: Path, tmp_path: Path) -> None:
    empty_data = tmp_path / "elsewhere"
    empty_data.mkdir()
    exported = run("export", tmp_path / "index.zip", "--data-dir", own_data)
    assert re.fullmatch(r"version 000001-[0-9a-f]{8} is in \S+ \([\d.]+ kB\)", exported.stdout.strip())
    assert run("import", tmp_path / "index.zip", "--data-dir", empty_data).exit_code == 0
    assert run("doctor", "--data-dir", empty_data).exit_code == 0
    (tmp_path / "index.zip").write_bytes(b"nonsense")
    assert "can't be read as an archive" in one_line(run("import", tmp_path / "index.zip", "--data-dir", empty_data))


def test_versions_are_rolled_back_and_pruned(own_data: Path) -> None:
    assert run("build", ROOT / "tests" / "articles", "--data-dir", own_data).exit_code == 0
    assert re.fullmatch(r"version 000001-\S+ in \S+ is current", run("rollback", "--data-dir", own_data).stdout.strip())
    assert "no version before" in one_line(run("rollback", "--data-dir", own_data))
    assert run("prune", "--keep", "1", "--data-dir", own_data).stdout == "nothing to remove\n"
    run("rollback", "000002-nowhere", "--data-dir", own_data)
    newest = run("versions", "--data-dir", own_data).stdout.split()[-6]
    assert run("rollback", newest, "--data-dir", own_data).exit_code == 0
    assert run("prune", "--keep", "1", "--data-dir", own_data).stdout.startswith("removed 000001-")


def test_versions_are_listed_with_the_current_one_marked(own_data: Path) -> None:
    assert run("build", ROOT / "tests" / "articles", "--data-dir", own_data).exit_code == 0
    result = run("versions", "--data-dir", own_data)
    assert [line[:8] for line in result.stdout.splitlines()] == ["  000001", "* 000002"]
    next(own_data.glob("index/versions/000001-*/manifest.json")).unlink()
    assert "damaged" in run("versions", "--data-dir", own_data).stdout


def test_a_bad_setting_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_PORT", "many")
    assert "PULLQUOTE_PORT" in one_line(run("serve"), 2)


def test_serve_help_lists_every_setting() -> None:
    shown = run("serve", "--help").stdout
    for name, default, description in rows():
        assert name in shown
        assert default in shown
        assert description in shown


def test_a_port_in_use_is_told_at_once(seed_data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = one_line(run("serve", "--port", str(port), "--data-dir", seed_data), 2)
    assert f"port {port} on 127.0.0.1 is in use" in told


@pytest.mark.parametrize("host", ["no such host", "192.0.2.1"])
def test_an_address_that_is_not_ours_is_told(seed_data: Path, host: str) -> None:
    assert "--host" in one_line(run("serve", "--host", host, "--data-dir", seed_data), 2)


@pytest.mark.slow
def test_the_module_is_the_command(seed_data: Path, tmp_path: Path) -> None:
    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "api", *arguments], capture_output=True, text=True, cwd=tmp_path, env=os.environ
        )

    asked = command("ask", SPOKESWOMAN, "--data-dir", str(seed_data))
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "Farah Dakhlallah" in asked.stdout
    refused = command("ask", SPOKESWOMAN)
    assert refused.returncode == 1
    assert refused.stderr.startswith("pullquote: there is no index in var/index yet.")
    assert "Traceback" not in refused.stderr
    assert "build" in command("--help").stdout


@pytest.mark.slow
def test_a_terminal_that_shows_ascii_only_gets_the_answer(tmp_path: Path, seed_data: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "api", "ask", SPOKESWOMAN, "--limit", "1", "--data-dir", seed_data]
    asked = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "Farah Dakhlallah" in asked.stdout
    assert r" \xb7 AFP \xb7 " in asked.stdout


def test_eval_prints_figures_and_writes_them_for_machines(seed_data: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    lines = [
        {"id": "good", "question": SPOKESWOMAN, "answers": ["Farah Dakhlallah"]},
        {"id": "none", "question": "What does a litre of milk cost in Norway?", "answers": []},
    ]
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = run("eval", questions, "--all", "--json", tmp_path / "out.json", "--data-dir", seed_data)
    assert result.exit_code == 0, result.output
    assert "ok    good" in result.stdout
    assert re.search(r"F1, best answer +1\.000", result.stdout)
    written = json.loads((tmp_path / "out.json").read_text())
    assert written["summary"]["exact match, best answer"] == 1
    assert [item["given"] for item in written["questions"]] == [True, False]


def test_eval_names_a_file_it_cannot_use(seed_data: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("no json\n")
    assert "bad.jsonl, line 1" in one_line(run("eval", tmp_path / "bad.jsonl", "--data-dir", seed_data))
    assert "can't be read" in one_line(run("eval", tmp_path / "missing.jsonl", "--data-dir", seed_data))


def test_eval_writes_a_page_and_tells_what_changed(seed_data: Path, tmp_path: Path) -> None:
    questions, page, old = tmp_path / "questions.jsonl", tmp_path / "out.html", tmp_path / "old.json"
    questions.write_text(json.dumps({"question": SPOKESWOMAN, "answers": ["Farah Dakhlallah"]}) + "\n")
    assert run("eval", questions, "--json", old, "--data-dir", seed_data).exit_code == 0
    before = json.loads(old.read_text())
    before["questions"][0] |= {"answer": "somebody", "outcome": "wrong"}
    old.write_text(json.dumps(before))
    result = run("eval", questions, "--compare", old, "--html", page, "--data-dir", seed_data)
    assert result.exit_code == 0, result.output
    assert "+ 1 question: goes well now\n  + 1: Who is the NATO spokeswoman?" in result.stdout
    assert "Better (1)" in page.read_text(encoding="utf-8")
    assert "is no evaluation" in one_line(run("eval", questions, "--compare", questions, "--data-dir", seed_data))


def test_eval_looks_where_it_will_write_before_it_asks(tmp_path: Path) -> None:
    told = one_line(run("eval", tmp_path / "unread.jsonl", "--json", tmp_path / "no" / "out.json"), 2)
    assert f"there is no folder {tmp_path / 'no'}" in told


def test_verify_tells_what_became_of_citations(seed_data: Path, tmp_path: Path) -> None:
    asked = run("ask", SPOKESWOMAN, "--json", "--data-dir", seed_data).stdout
    kept = tmp_path / "answer.json"
    kept.write_text(asked, encoding="utf-8")
    result = run("verify", kept, "--data-dir", seed_data)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("found    000-c02cb47a3876a1ac-3749d4648d at ")
    citation = json.loads(asked)["answers"][0]["citations"][0]
    changed = {**citation, "quote": citation["quote"].replace("Farah", "Sarah")}
    result = CliRunner().invoke(app, ["verify", "-", "--data-dir", str(seed_data)], json.dumps([citation, changed]))
    assert result.exit_code == 1
    assert re.search(r"^changed .* 9\d% alike: .*Sarah.*\nnow .*Farah", result.stdout, re.MULTILINE)
    gone = {**citation, "article_id": "no-such-article"}
    result = CliRunner().invoke(app, ["verify", "-", "--json", "--data-dir", str(seed_data)], json.dumps(gone))
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == "gone"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("{}", "no citation"),
        ('{"article_id": "a", "quote": "b"}', "start: "),
        ("\0", "not JSON"),
    ],
)
def test_verify_takes_only_citations(seed_data: Path, tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "kept.json").write_text(text)
    assert told in one_line(run("verify", tmp_path / "kept.json", "--data-dir", seed_data), 2)


def test_an_export_of_nothing_leaves_nothing_behind(empty_data: Path, tmp_path: Path) -> None:
    before = sorted(path.name for path in empty_data.iterdir())
    result = run("export", tmp_path / "index.zip", "--data-dir", empty_data)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no index" in result.stderr
    assert sorted(path.name for path in empty_data.iterdir()) == before
    assert not (tmp_path / "index.zip").exists()


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (20_400, "20.4 kB"), (3 * 10**9, "3.0 GB")]
)
def test_sizes_are_told_in_a_unit_that_shows_them(number: int, told: str) -> None:
    assert size(number) == told


def test_what_is_not_read_comes_with_advice(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text("The ferry is late.")
    (tmp_path / "models").symlink_to(ROOT / "var" / "models")
    sources = [tmp_path / "news", "http://127.0.0.1:9/feed.xml"]
    for _ in range(2):  # read, and then taken from the version before
        result = run("build", *sources, "--data-dir", tmp_path)
        [line] = [line for line in result.stderr.splitlines() if line.startswith("not read: ")]
        assert line.startswith("not read: http://127.0.0.1:9/feed.xml: 127.0.0.1 is private or reserved")
        assert line.endswith("Set PULLQUOTE_FETCH_PRIVATE to allow such addresses")


def test_a_row_of_a_table_is_told_as_its_cells(make_data_dir: DataDir, tmp_path: Path) -> None:
    rows = "| Mill | Sacks a day |\n|---|---|\n| North Mill | 41 |\n"
    (tmp_path / "mills.md").write_text(f"# Mills\n\nThey grind oats.\n\n{rows}", encoding="utf-8")
    data = make_data_dir(tmp_path)
    shown = run("ask", "How many sacks a day does the North Mill grind?", "--data-dir", data).stdout
    assert "Mill: North Mill; Sacks a day: *41*" in shown
