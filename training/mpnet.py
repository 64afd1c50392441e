"""An MPNet reader that is asked in the word pieces of BERT, so that it can teach a BERT reader piece by piece.

MPNet's vocabulary is that of BERT (uncased) behind other special tokens, and it puts two separators between question
and passage where BERT puts one (Song et al. 2020). Both differences are bridged here: inputs and logits are BERT's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from transformers import MPNetConfig, MPNetForQuestionAnswering

from training.judging import Attention, parts_of

_SPECIAL = {"[CLS]": "<s>", "[SEP]": "</s>", "[PAD]": "<pad>", "[MASK]": "<mask>"}


class Scores(NamedTuple):
    """float32[batch, length] each; and float32[batch, 3] of every layer that is judged by."""

    start_logits: torch.Tensor
    end_logits: torch.Tensor
    judged: tuple[torch.Tensor, ...] = ()


def piece_table(bert: Tokenizer, mpnet: Tokenizer) -> torch.Tensor:
    """int64[BERT vocabulary]: the number of every BERT word piece in MPNet's vocabulary, unknown when it has none."""
    theirs = mpnet.get_vocab()
    table = torch.full((bert.get_vocab_size(),), theirs["[UNK]"], dtype=torch.long)
    for piece, number in bert.get_vocab().items():
        table[number] = theirs.get(_SPECIAL.get(piece, piece), theirs["[UNK]"])
    return table


class MPNetReader(torch.nn.Module):
    """Takes int64[batch, length] of BERT's kind and returns :class:`Scores` at the same places.

    :param table: As from :func:`piece_table`.
    """

    table: torch.Tensor

    def __init__(self, model: MPNetForQuestionAnswering, table: torch.Tensor) -> None:
        super().__init__()
        self.model = model
        self.judges = torch.nn.ModuleDict()
        self.register_buffer("table", table, persistent=False)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor) -> Scores:
        """Scores at BERT's places; of the two separators the first stands for BERT's."""
        rows, length = input_ids.shape
        passage = token_type_ids.argmax(dim=1, keepdim=True)
        places = torch.arange(length + 1, device=input_ids.device).expand(rows, -1)
        source = places - (places >= passage).long()
        out = self.model(
            input_ids=self.table[input_ids.gather(1, source)],
            attention_mask=attention_mask.gather(1, source),
            output_hidden_states=bool(self.judges),
        )
        back = places[:, :length] + (places[:, :length] >= passage).long()
        scores = Scores(out.start_logits.gather(1, back), out.end_logits.gather(1, back))
        if not self.judges:
            return scores
        parts, is_token = parts_of(token_type_ids, attention_mask), attention_mask == 1
        judged = []
        for layer, judge in self.judges.items():
            values = out.hidden_states[1 + int(layer)]
            judged.append(judge(values.gather(1, back[..., None].expand(-1, -1, values.shape[-1])), parts, is_token))
        return scores._replace(judged=tuple(judged))

    def judge_by(self, layers: Sequence[int]) -> None:
        """Give each of these layers an attention that says what a passage says to a sentence, newly begun."""
        width = self.model.config.hidden_size
        self.judges = torch.nn.ModuleDict({str(layer): Attention(width) for layer in layers})


def keep_layers(reader: MPNetReader, layers: Sequence[int]) -> None:
    """Take all but these layers out of a reader, so that a student begins as its teacher ends; 0 is the lowest.

    :raises ValueError: When there is no such layer.
    """
    there = reader.model.mpnet.encoder.layer
    if not layers or not all(0 <= layer < len(there) for layer in layers):
        raise ValueError(f"the reader has the layers 0 to {len(there) - 1}, not all of {list(layers)}")
    reader.model.mpnet.encoder.layer = torch.nn.ModuleList(there[layer] for layer in layers)
    reader.model.config.num_hidden_layers = len(layers)


def mpnet_reader(folder: Path, bert_tokenizer: Path, dropout: float, attention_dropout: float) -> MPNetReader:
    """A reader with the encoder of a checkpoint folder and a new output layer."""
    config = MPNetConfig.from_pretrained(folder)
    config.hidden_dropout_prob = dropout
    config.attention_probs_dropout_prob = attention_dropout
    model = MPNetForQuestionAnswering.from_pretrained(folder, config=config, dtype=torch.float32)
    tokenizers = (Tokenizer.from_file(str(file)) for file in (bert_tokenizer, folder / "tokenizer.json"))
    return MPNetReader(model, piece_table(*tokenizers))
