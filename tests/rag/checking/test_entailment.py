"""An attention over the large reader's layers judges whether a passage bears a statement out."""

from pathlib import Path

import numpy as np
import pytest

from index.models.onnx_model import ModelError
from rag.checking.entailment import ENTAILMENT, Entailed, Entailment, shipped
from rag.reading.passage_reader import PassageReader, open_reader
from rag.reading.reader import MAX_TOKENS

TITLE = "Ferry line adds a night service"
PASSAGE = (
    "The harbour company said on Tuesday that a ferry will cross the Sound at night from May. The ship carries 420 "
    "passengers and 56 cars. Tickets stay as cheap as those of the day, the company's director Mara Lindqvist said."
)


def judge(reader: PassageReader, statement: str, passage: str = PASSAGE) -> Entailed:
    states = reader.states(statement, passage, TITLE)
    assert states
    return shipped().judge(states)


def test_what_a_passage_speaks_of_is_known(both_readers: PassageReader) -> None:
    spoken = [
        judge(both_readers, said).covered
        for said in ("The ship has room for 420 passengers.", "Mara Lindqvist is a pilot.")
    ]
    other = [judge(both_readers, said).covered for said in ("Seals were counted in June.", "The library lends tools.")]
    assert min(spoken) > max(other)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("The ship has room for 420 passengers.", "The ship has room for 240 passengers."),
        ("Mara Lindqvist directs the harbour company.", "Mara Lindqvist directs the ministry of transport."),
        ("The night ferry starts in May.", "The night ferry starts in March."),
    ],
)
def test_what_it_says_is_known_from_what_it_denies(both_readers: PassageReader, right: str, wrong: str) -> None:
    assert judge(both_readers, right).borne_out > judge(both_readers, wrong).borne_out


@pytest.mark.parametrize("statement", ["", "?", "word " * 400, "한" * 900])
def test_any_statement_and_passage_can_be_judged(both_readers: PassageReader, statement: str) -> None:
    for passage in ("x", "word " * 900):
        assert all(np.isfinite(judge(both_readers, statement, passage)))


def test_each_token_has_a_part(both_readers: PassageReader) -> None:
    states = both_readers.states("The ferry is new.", PASSAGE, TITLE)
    assert states
    assert states.values.shape == (len(states.parts), 768)
    assert states.values.dtype == np.float32
    assert list(states.parts[:9]) == [2, 0, 0, 0, 0, 0, 2, 2, 1]
    assert len(states.parts) <= MAX_TOKENS + 1


def test_the_small_reader_has_no_layer_for_it() -> None:
    assert open_reader("small", Path("none"), threads=1).states("The ferry is new.", PASSAGE, TITLE) is None


@pytest.mark.parametrize("content", [b"", b"no weights", ENTAILMENT.read_bytes()[:9_000]])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / ENTAILMENT.name
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"entailment\.npz is missing or damaged"):
        Entailment.read(path)
