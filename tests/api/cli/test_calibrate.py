"""``pullquote calibrate``: what it fits is kept beside the index, used, told by the doctor, and undone."""

import json
import shutil
from pathlib import Path

import pytest

from index.models.compiled import sha256_file
from index.models.embedder import Embedder
from rag.answerer import Answerer
from rag.evaluating.recalibration import LEAST
from rag.ranking.calibration import MULTILINGUAL, SMALL, Calibrator, own_path, shipped_for
from rag.reading.multilingual import ADAPTER
from rag.reading.passage_reader import open_reader
from rag.reading.reader import Reader
from tests.support.command_line import SPOKESWOMAN, one_line, run
from tests.support.paths import SEED_ARTICLE


@pytest.fixture
def data(seed_data: Path, tmp_path: Path) -> Path:
    """A copy of a data folder, to be changed."""
    shutil.copytree(seed_data, tmp_path / "data", symlinks=True)
    return tmp_path / "data"


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """As many questions as are needed, all alike, of whose answers half are wrong although they look right."""
    lines = [
        {"id": f"{answer} {number}", "question": SPOKESWOMAN, "answers": [answer]}
        for answer in ("Farah Dakhlallah", "somebody else")
        for number in range(LEAST)
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same question is read once."""
    read, known = Reader.read, {}

    def once(self: Reader, question: str, passages: list[str], *more: object, **others: object) -> object:
        key = (question, *passages)
        if key not in known:
            known[key] = read(self, question, passages, *more, **others)
        return known[key]

    monkeypatch.setattr(Reader, "read", once)


@pytest.mark.usefixtures("quick")
def test_a_calibration_is_kept_used_told_and_undone(data: Path, questions: Path) -> None:
    def confidence() -> float:
        asked = run("ask", SPOKESWOMAN, "--min-confidence", "0", "--json", "--data-dir", data)
        return float(json.loads(asked.stdout)["answers"][0]["confidence"])

    shipped = confidence()
    result = run("calibrate", questions, "--data-dir", data)
    assert result.exit_code == 0, result.output
    assert "log loss" in result.stdout
    kept = own_path(data / "index")
    assert Calibrator.read(kept).fitted_on == f"{2 * LEAST} questions of questions.jsonl"
    assert confidence() < shipped
    assert confidence() == pytest.approx(0.5, abs=0.1)
    assert "one of your own" in run("doctor", "--data-dir", data).stdout
    assert run("build", SEED_ARTICLE, "--data-dir", data).exit_code == 0
    assert kept.exists()
    assert run("calibrate", "--reset", "--data-dir", data).exit_code == 0
    assert confidence() == shipped
    assert "fitted on" in run("doctor", "--data-dir", data).stdout


def test_a_calibration_for_another_reader_is_not_used_and_told(data: Path) -> None:
    Calibrator.read().stretched(1.0, -9.0, reader="another").write(own_path(data / "index"))
    assert run("ask", SPOKESWOMAN, "--data-dir", data).stdout.startswith("Farah")
    result = run("doctor", "--data-dir", data)
    assert result.exit_code == 1
    assert "TROUBLE" in result.stdout
    assert "fitted for another reading model" in result.stdout


def test_a_damaged_calibration_says_how_to_mend_it(data: Path) -> None:
    own_path(data / "index").write_text("{}")
    assert "pullquote calibrate --reset" in one_line(run("ask", SPOKESWOMAN, "--data-dir", data))
    assert run("calibrate", "--reset", "--data-dir", data).exit_code == 0
    assert run("ask", SPOKESWOMAN, "--data-dir", data).exit_code == 0


def test_what_cannot_be_calibrated_is_told_in_one_line(data: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text(json.dumps({"question": SPOKESWOMAN, "answers": ["Farah Dakhlallah"]}) + "\n")
    told = one_line(run("calibrate", few, "--data-dir", data))
    assert f"1 of the best answers are right and 0 wrong, and {LEAST} of each are needed" in told
    assert not own_path(data / "index").exists()
    assert "--reset" in one_line(run("calibrate", "--data-dir", data), 2)
    assert "--reset" in one_line(run("calibrate", few, "--reset", "--data-dir", data), 2)


def test_the_shipped_calibration_is_that_of_the_shipped_reader(
    seed_answerer: Answerer, embedder: Embedder, reader: Reader
) -> None:
    assert Calibrator.read(SMALL).reader == reader.sha256
    assert Calibrator.read().reader == open_reader(None, Path()).sha256
    assert shipped_for(sha256_file(ADAPTER)) == Calibrator.read(MULTILINGUAL)
    assert Calibrator.read(MULTILINGUAL).reader == sha256_file(ADAPTER)
