import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.models.onnx_model import ModelError
from rag.reading.reader import MAX_TOKENS, SHIPPED, WORD_PIECES, Reader

PASSAGE = "The lighthouse on Gull Point was built in 1887 by Mara Lindqvist. It was painted red after the war."


def test_it_finds_the_words_that_answer(reader: Reader) -> None:
    [[span, *_]] = reader.read("Who built the lighthouse?", [PASSAGE])
    assert PASSAGE[span.start : span.end] == "Mara Lindqvist"
    assert span.margin > 0


def test_a_passage_that_does_not_answer_scores_below_no_answer(reader: Reader) -> None:
    [[span, *_]] = reader.read("What does a litre of milk cost in Norway?", [PASSAGE])
    assert span.margin < 0


def test_what_is_read_beside_it_makes_no_difference(reader: Reader) -> None:
    passages = [PASSAGE, "Nothing of note.", PASSAGE + " " + PASSAGE]
    question = "When was the lighthouse built?"
    assert reader.read(question, passages) == [reader.read(question, [passage])[0] for passage in passages]


def test_an_answer_at_the_end_of_a_very_long_passage_is_found(reader: Reader) -> None:
    filler = "The council met again and talked about the drains. " * 120
    [[span, *_]] = reader.read("Who built the lighthouse?", [filler + PASSAGE])
    assert (filler + PASSAGE)[span.start : span.end] == "Mara Lindqvist"
    assert span.start > len(filler)


def test_spans_of_overlapping_windows_are_told_once(reader: Reader) -> None:
    filler = "The council met again and talked about the drains. " * 25
    [spans] = reader.read("Who built the lighthouse?", [filler + PASSAGE + filler], 5)
    assert all(a.end <= b.start or b.end <= a.start for a in spans for b in spans if a is not b)


@pytest.mark.parametrize("question", ["?", "🙂", "who " * 5000, "\n", "x" * 100_000])
def test_no_question_is_too_odd(reader: Reader, question: str) -> None:
    [spans] = reader.read(question, [PASSAGE])
    assert all(0 <= span.start < span.end <= len(PASSAGE) for span in spans)


def test_a_long_question_leaves_room_for_the_passage(reader: Reader) -> None:
    question = "In the matter of the tower on the point by the sea, " * 40 + "who built it?"
    assert reader.read(question, [PASSAGE])[0]
    assert MAX_TOKENS > 300


def test_nothing_to_read(reader: Reader) -> None:
    assert reader.read("Who?", []) == []
    assert reader.read("Who?", ["", " \n ", "…"]) == [[], [], []]


@settings(max_examples=40)
@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_spans_are_offsets_into_any_text(reader: Reader, text: str) -> None:
    [spans] = reader.read("What happened?", [text])
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end].strip()


def whole_copy(folder: Path) -> Path:
    """The shipped reader with its tokenizer beside it, as a reader from elsewhere has it."""
    shutil.copytree(SHIPPED, folder)
    shutil.copy(WORD_PIECES, folder)
    return folder


def test_a_reader_that_was_not_trained_to_do_so_reads_no_title(reader: Reader, tmp_path: Path) -> None:
    copy = whole_copy(tmp_path / "reader")
    config = json.loads((copy / "config.json").read_text())
    del config["reads_titles"]
    (copy / "config.json").write_text(json.dumps(config))
    without = Reader(copy, threads=1)
    question, title = "Who built the lighthouse?", "Lighthouse by Jonas Brandt"
    assert reader.reads_titles
    assert not without.reads_titles
    assert without.read(question, [PASSAGE], titles=[title]) == without.read(question, [PASSAGE])
    assert reader.read(question, [PASSAGE], titles=[title]) != reader.read(question, [PASSAGE])
    assert reader.read(question, [PASSAGE], titles=[" "]) == reader.read(question, [PASSAGE])


def test_the_title_can_answer_and_says_that_it_is_the_title(reader: Reader) -> None:
    title = "Mara Lindqvist built the lighthouse on Gull Point"
    [[span, *_]] = reader.read("Who built the lighthouse?", ["It was painted red."], titles=[title])
    assert span.in_title
    assert title[span.start : span.end] == "Mara Lindqvist"
    [[span, *_]] = reader.read("Who built the lighthouse?", [PASSAGE], titles=["Red paint"])
    assert not span.in_title
    assert PASSAGE[span.start : span.end] == "Mara Lindqvist"


def test_a_very_long_title_leaves_room_for_the_passage(reader: Reader) -> None:
    [spans] = reader.read("Who built the lighthouse?", [PASSAGE], 50, titles=["Notes on towers " * 900])
    assert any(PASSAGE[s.start : s.end] == "Mara Lindqvist" for s in spans if not s.in_title)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(st.characters(codec="utf-8"), max_size=120))
def test_spans_are_offsets_into_the_title_or_the_passage(reader: Reader, title: str, passage: str) -> None:
    [spans] = reader.read("What happened?", [passage], 20, titles=[title])
    for span in spans:
        text = title if span.in_title else passage
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end].strip()


@pytest.mark.parametrize("name", ["model.int8.onnx", "tokenizer.json", "config.json"])
def test_a_folder_that_lacks_a_file_is_named(tmp_path: Path, name: str) -> None:
    copy = whole_copy(tmp_path / "copy")
    (copy / name).unlink()
    with pytest.raises(ModelError, match="missing"):
        Reader(copy)


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    copy = whole_copy(tmp_path / "copy")
    (copy / "model.int8.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match="can't be read as an ONNX model"):
        Reader(copy)


@pytest.mark.slow
def test_a_reader_that_is_not_there_is_named_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the model '.*nowhere' can't be used") as caught:
        Reader.load(str(tmp_path / "nowhere"), tmp_path / "cache")
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A question-answering model of transformers with random weights, in the folder layout of the model hub."""
    from transformers import BertConfig, BertForQuestionAnswering, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    vocabulary = len(json.loads(WORD_PIECES.read_text())["model"]["vocab"])
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    BertForQuestionAnswering(config).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_file=str(WORD_PIECES),
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        unk_token="[UNK]",
    ).save_pretrained(folder)
    return folder


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_any_transformers_question_answering_model_can_be_set(tiny_model: Path, tmp_path: Path) -> None:
    reader = Reader.load(str(tiny_model), tmp_path / "cache")
    assert reader.name == str(tiny_model)
    text = PASSAGE * 20
    [spans] = reader.read("Who built it?", [text])
    assert spans
    assert all(text[span.start : span.end] for span in spans)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_model_without_an_output_layer_for_answers_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    from transformers import BertModel

    model = Path(shutil.copytree(tiny_model, tmp_path / "no-reader"))
    BertModel.from_pretrained(model).save_pretrained(model)
    with pytest.raises(ModelError, match="never trained for question answering"):
        Reader.load(str(model), tmp_path / "cache")


def test_an_answer_lies_in_one_of_the_stretches_it_may_lie_in(reader: Reader) -> None:
    passage = "Lighthouse: Gull Point; Built: 1887; Keeper: Mara Lindqvist"
    stretches = [(12, 22), (31, 35), (45, 59)]
    [spans] = reader.read("Who is the keeper of Gull Point?", [passage], 9, answerable=[stretches])
    assert passage[spans[0].start : spans[0].end] == "Mara Lindqvist"
    assert all(any(low <= span.start and span.end <= high for low, high in stretches) for span in spans)
