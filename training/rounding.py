"""Training with the rounding of int8 in every matrix product, so that the weights get used to it (Jacob et al. 2018).

What is rounded is what the exported graph rounds: weights symmetrically with one scale a column, and what comes in with
one scale and zero point a sequence, as every sequence is run alone. Gradients pass as if nothing were rounded.
"""

from __future__ import annotations

import torch
from torch.nn import functional


def rounded_weights(weights: torch.Tensor) -> torch.Tensor:
    """float32[out, in] as int8 stands for it, with one scale an output."""
    scale = weights.detach().abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / 127
    return weights + ((weights.detach() / scale).round() * scale - weights.detach())


def rounded_inputs(inputs: torch.Tensor) -> torch.Tensor:
    """float32[batch, length, width] as uint8 stands for it, with one scale and zero point a sequence."""
    plain = inputs.detach().float()
    low = plain.amin(dim=(1, 2), keepdim=True).clamp(max=0)
    scale = (plain.amax(dim=(1, 2), keepdim=True).clamp(min=0) - low).clamp(min=1e-8) / 255
    zero = (-low / scale).round()
    return inputs + (((plain / scale).round() + zero).clamp(0, 255) - zero).mul(scale).sub(plain)


class Rounded(torch.nn.Linear):
    """A linear layer that computes as its int8 form will."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """float32[batch, length, out]."""
        return functional.linear(rounded_inputs(inputs), rounded_weights(self.weight), self.bias)


def round_products(model: torch.nn.Module) -> None:
    """Make every linear layer but the output layer compute with rounding; names and weights stay as they are."""
    for name, module in model.named_modules():
        if type(module) is torch.nn.Linear and "qa_outputs" not in name:
            module.__class__ = Rounded
