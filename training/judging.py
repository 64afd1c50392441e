"""What a passage says to a sentence, by a narrow attention over a layer of the large reader.

It is trained together with the reader (``judged`` in a recipe), so that the layer learns to tell it, and then fitted to
what the reader makes of them as int8 (:mod:`training.entailment`), which is what ships.
"""

from __future__ import annotations

import torch

from rag.checking.checker import STATUSES
from rag.checking.entailment import HEADS

_SIZE, _LAYERS, _WIDER = 64, 2, 2
_DROPOUT = 0.2
SMOOTHING = 0.1
"""Of the labels that it learns by."""

_STATEMENT, _PASSAGE, _MARK = 0, 1, 2


class Layer(torch.nn.Module):
    """The tokens of a statement look at all tokens, and each is then changed by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.norm_said, self.norm_seen = torch.nn.LayerNorm(_SIZE), torch.nn.LayerNorm(_SIZE)
        self.ask, self.key, self.value, self.seen = (torch.nn.Linear(_SIZE, _SIZE) for _ in range(4))
        self.widen, self.narrow = torch.nn.Linear(_SIZE, _SIZE * _WIDER), torch.nn.Linear(_SIZE * _WIDER, _SIZE)
        self.drop = torch.nn.Dropout(_DROPOUT)

    def forward(self, said: torch.Tensor, there: torch.Tensor, is_token: torch.Tensor) -> torch.Tensor:
        """float[batch, tokens of the statement, size]."""
        asks, keys, values = (
            part.view(*part.shape[:2], HEADS, -1).transpose(1, 2)
            for part in (self.ask(self.norm_said(said)), self.key(there), self.value(there))
        )
        scores = asks @ keys.transpose(-1, -2) / keys.shape[-1] ** 0.5
        shares = scores.masked_fill(~is_token[:, None, None], -1e4).softmax(-1)
        said = said + self.drop(self.seen((shares @ values).transpose(1, 2).reshape(said.shape)))
        changed: torch.Tensor = said + self.drop(self.narrow(torch.relu(self.widen(self.norm_seen(said)))))
        return changed


class Attention(torch.nn.Module):
    """What :class:`rag.checking.entailment.Entailment` computes, for many pairs at a time."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.enter, self.part = torch.nn.Linear(width, _SIZE), torch.nn.Embedding(3, _SIZE)
        self.norm_in, self.norm_out = torch.nn.LayerNorm(_SIZE), torch.nn.LayerNorm(_SIZE)
        self.layers = torch.nn.ModuleList(Layer() for _ in range(_LAYERS))
        self.leave = torch.nn.Linear(3 * _SIZE, len(STATUSES))
        self.drop = torch.nn.Dropout(_DROPOUT)

    def forward(self, values: torch.Tensor, parts: torch.Tensor, is_token: torch.Tensor) -> torch.Tensor:
        """float[batch, 3]: the logits of :data:`STATUSES`; a statement's tokens stand behind the first one."""
        there = self.drop(self.norm_in(self.enter(values) + self.part(parts)))
        is_said = (parts == _STATEMENT) & is_token
        is_said[:, 0] = True
        is_said = is_said[:, : int(is_said.sum(1).max())]
        said = there[:, : is_said.shape[1]]
        for layer in self.layers:
            said = layer(said, there, is_token)
        said = self.norm_out(said)
        mean = (said * is_said[..., None]).sum(1) / is_said.sum(1, keepdim=True)
        most = said.masked_fill(~is_said[..., None], -1e4).amax(1)
        logits: torch.Tensor = self.leave(self.drop(torch.cat([said[:, 0], mean, most], 1)))
        return logits


def parts_of(token_type_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """int64[batch, length]: the parts of :class:`rag.reading.reader.States` for inputs of BERT's form."""
    parts = torch.where(token_type_ids == 1, _PASSAGE, _STATEMENT).masked_fill(attention_mask == 0, _MARK)
    first = token_type_ids.argmax(dim=1, keepdim=True)
    marks = torch.cat([torch.zeros_like(first), first - 1, attention_mask.sum(1, keepdim=True) - 1], 1)
    return parts.scatter(1, marks, _MARK)
