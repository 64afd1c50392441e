import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from training.data import Example, TextSpan
from training.embedding import Encoder, Pair, batches, blended, embedded, fit, loss_of, pairs
from training.negatives import NegativeMiner
from training.recipe import Mixture, Training

pytestmark = pytest.mark.slow

TEXTS = ["The mill at Arlen was built by Tomas Veld.", "Queen Maud opened the bridge.", "The Petrel left in spring."]
PAIRS = [Pair(f"who {text.lower()}", text, TEXTS[at - 1]) for at, text in enumerate(TEXTS)]
RECIPE = Training(steps=6, batch_size=3, learning_rate=5e-3, checkpoint_every=2, precision="float32", seed=1)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    letters = sorted({letter for text in TEXTS for letter in text.lower() if letter.isalpha()})
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{letter}" for letter in letters)]
    tokenizer = Tokenizer(models.WordPiece({name: at for at, name in enumerate(names)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(2)
    config = BertConfig(
        vocab_size=len(names), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return folder


def test_vectors_have_length_one_and_padding_makes_no_difference(base: Path) -> None:
    encoder = Encoder(base).train(False)
    with torch.inference_mode():
        together, alone = encoder(TEXTS), encoder(TEXTS[1:2])
    assert torch.allclose(together.norm(dim=-1), torch.ones(3), atol=1e-6)
    assert torch.allclose(together[1], alone[0], atol=1e-5)


def test_it_learns_and_goes_on_as_if_it_had_not_been_stopped(base: Path, tmp_path: Path) -> None:
    whole = Encoder(base)
    before = loss_of(whole, PAIRS).item()
    fit(whole, PAIRS, RECIPE, tmp_path / "whole")
    assert loss_of(whole, PAIRS).item() < before
    first, second = Encoder(base), Encoder(base)
    fit(first, PAIRS, replace(RECIPE, steps=6), tmp_path / "parts")
    (tmp_path / "parts" / "newest.pt").unlink()  # the one before it is of step 4
    fit(second, PAIRS, RECIPE, tmp_path / "parts")
    for name, tensor in whole.state_dict().items():
        assert torch.equal(second.state_dict()[name], tensor), name


def test_the_same_passage_twice_in_a_batch_is_no_negative(base: Path) -> None:
    encoder = Encoder(base).train(False)
    twice = [replace(PAIRS[0], negative=""), Pair("whose mill", TEXTS[0])]
    assert loss_of(encoder, twice).item() == pytest.approx(0.0, abs=1e-6)


def test_every_pair_comes_once_a_pass() -> None:
    stream = batches(PAIRS, 1, seed=3)
    passes = [[next(stream)[0] for _ in PAIRS] for _ in range(3)]
    assert all(sorted(p.question for p in part) == sorted(p.question for p in PAIRS) for part in passes)


def test_pairs_are_embedded_as_the_index_does_it() -> None:
    context = TEXTS[0]
    example = Example(
        "1", "news-written", "a", "Who built it?", context, (TextSpan("Tomas Veld", 31),), headline="A mill"
    )
    other = replace(
        example, id="2", title="b", context=TEXTS[1], answers=(TextSpan("Queen Maud", 0),), headline="A bridge"
    )
    miner = NegativeMiner((e.title, e.headline, e.context) for e in (example, other))
    recipe = Mixture(untitled=0.0, low=80, high=200)
    made = pairs([example, other, example.unanswered(id="3")], {"news-written": 9}, miner, recipe)
    assert {pair.passage for pair in made} == {embedded(example), embedded(other)}
    assert embedded(example) == f"A mill\n{context}"
    assert made == pairs([example, other, example.unanswered(id="3")], {"news-written": 9}, miner, recipe)


def test_a_mean_with_the_published_weights(base: Path, tmp_path: Path) -> None:
    trained = {name: tensor + Random(1).random() for name, tensor in Encoder(base).state_dict().items()}
    blended(base, trained, 0.0, tmp_path / "old")
    blended(base, trained, 1.0, tmp_path / "new")
    published = load_file(base / "model.safetensors")
    old, new = (load_file(tmp_path / name / "model.safetensors") for name in ("old", "new"))
    name = "encoder.layer.0.output.dense.weight"
    assert all(torch.equal(old[key], tensor) for key, tensor in published.items())
    assert torch.equal(new[name], trained[f"model.{name}"])
    assert json.loads((tmp_path / "new" / "config.json").read_text())["hidden_size"] == 16
