"""The benchmark that asks of one passage alone."""

from pathlib import Path

from benchmarks.given_passage import WAYS, Given
from index.models.embedder import Embedder
from index.storage.versions import Versions
from rag.ranking.calibration import Calibrator
from rag.reading.reader import Reader
from training.data import Example, TextSpan
from training.threshold import score_at

HARBOUR = "The old harbour of Brennick was opened in 1881. A storm took its lighthouse in 1902."
FERRY = "The ferry to Holm leaves at nine. It carries sixty passengers and no cars."


def test_a_question_is_asked_of_its_own_passage_and_of_no_other(
    embedder: Embedder, reader: Reader, tmp_path: Path
) -> None:
    question = "When was the old harbour of Brennick opened?"
    answered = Example("a", "set", "Harbour", question, HARBOUR, (TextSpan("1881", HARBOUR.index("1881")),))
    elsewhere = Example("b", "set", "Ferry", question, FERRY, ())
    given = Given([answered, elsewhere], Versions(tmp_path / "index"), embedder, reader, Calibrator.read())
    (text, right), (_, wrong) = given.ask(answered), given.ask(elsewhere)
    assert text == "1881"
    assert all(more > less for more, less in zip(right, wrong, strict=True))
    assert len(right) == len(WAYS)


def test_what_is_withheld_counts_where_nothing_answers() -> None:
    odds, gains, held = [2.0, 1.0, -1.0, -2.0], [0.5, 0.0, 0.8, 0.0], [0.0, 1.0, 0.0, 1.0]
    assert score_at(0.0, odds, gains, held) == (0.5 + 0.0 + 0.0 + 1.0) / 4
