"""Compile a transformers question-answering model for serving: ``python -m rag.reading.compile_reader NAME FOLDER``."""

import sys
from pathlib import Path

import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from index.models.compiled import write_description
from index.models.onnx_export import export, quantise
from index.models.onnx_model import ModelError


class _Reader(torch.nn.Module):
    """A question-answering model as a function of its tensors."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, features: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        output = self.model(**features)
        return output.start_logits, output.end_logits


def compile_reader(name: str, folder: Path) -> None:
    """Fill ``folder`` with ``model.float32.onnx``, ``model.int8.onnx``, ``tokenizer.json`` and ``config.json``.

    :raises ModelError: when the model can't be loaded, is no reader, or has no fast tokenizer.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
        model, loading = AutoModelForQuestionAnswering.from_pretrained(name, output_loading_info=True)
    except Exception as error:
        raise ModelError(f"transformers can't load it: {str(error).splitlines()[0]}") from error
    if any("qa_outputs" in key for key in loading["missing_keys"]):
        raise ModelError("it was never trained for question answering (its output layer is missing)")
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError("it has no fast tokenizer (tokenizer.json)")
    torch.set_num_threads(1)
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    model.config.to_json_file(folder / "config.json")
    example = tokenizer(["who?", "when was it?"], ["one text", "and another one"], padding=True, return_tensors="pt")
    inputs = {key: example[key] for key in ("input_ids", "attention_mask", "token_type_ids") if key in example}
    export(_Reader(model), inputs, ["start_logits", "end_logits"], folder / "model.float32.onnx")
    quantise(folder / "model.float32.onnx", folder / "model.int8.onnx")
    write_description(folder, {"name": name})


if __name__ == "__main__":
    try:
        compile_reader(sys.argv[1], Path(sys.argv[2]))
    except ModelError as error:
        sys.exit(f"ModelError: {error}")
