"""Augmentation of batched tensors on their device, with PyTorch. Importing this imports torch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from leukoscope.pictures.augmentation.arrays import noise_field
from leukoscope.pictures.augmentation.parameters import Parameters

PADDINGS = {"black": "zeros", "edge": "border", "reflect": "reflection"}
"""What ``grid_sample`` calls the ways to fill what comes in from outside."""


def change_tensors(pixels: Tensor, parameters: Parameters) -> Tensor:
    """Apply drawn changes.

    The same as ``change_arrays`` but for rounding: values stay floats. Noise is drawn on the CPU, so that it is the
    same field.

    Args:
        pixels: (n, 3, h, w) float32, RGB, 0 to 1, on any device.
        parameters: Of n cells.

    Returns:
        (n, 3, h, w) float32, 0 to 1, on the same device, new.
    """
    moved = _moved(pixels, parameters)
    return _coloured(moved, parameters) if parameters.coloured.any() else moved


def _moved(pixels: Tensor, parameters: Parameters) -> Tensor:
    height, width = pixels.shape[2:]
    linear = np.rint(parameters.linear)
    across = linear[:, 0, 0] == 0
    exact = parameters.exact & (~across if height != width else True)
    moved = torch.empty_like(pixels)
    for transposed, horizontal, vertical in np.ndindex(2, 2, 2):
        signs = np.where(across[:, None], linear[:, [0, 1], [1, 0]], linear[:, [0, 1], [0, 1]])
        chosen = (
            exact & (across == transposed) & (signs[:, 0] == 1 - 2 * horizontal) & (signs[:, 1] == 1 - 2 * vertical)
        )
        if chosen.any():
            place = torch.from_numpy(np.flatnonzero(chosen)).to(pixels.device)
            turned = pixels[place].transpose(2, 3) if transposed else pixels[place]
            moved[place] = turned.flip([axis for axis, mirrored in ((3, horizontal), (2, vertical)) if mirrored])
    if not exact.all():
        place = torch.from_numpy(np.flatnonzero(~exact)).to(pixels.device)
        moved[place] = _warped(pixels[place], parameters, ~exact)
    return moved


def sampling_grid(parameters: Parameters, chosen: np.ndarray, pixels: Tensor) -> Tensor:
    """Return where each pixel of the result is taken from, as ``grid_sample`` wants it.

    Args:
        parameters: Of n cells.
        chosen: (n,) bool, which m of them are moved.
        pixels: (m, 3, h, w), their pictures; only size, type and device count.

    Returns:
        (m, h, w, 2), of the pictures' type, on their device.
    """
    count, _, height, width = pixels.shape
    linear, shift = (part[chosen] for part in parameters.inverse())
    # affine_grid measures in half sides: p = half * q, so q' = half^-1 linear half q + half^-1 shift * shorter side.
    half = np.array([width / 2, height / 2])
    theta = np.concatenate([linear * half / half[:, None], (shift * min(height, width) / half)[:, :, None]], axis=2)
    matrices = torch.from_numpy(theta).to(pixels)
    return functional.affine_grid(matrices, [count, 3, height, width], align_corners=False)


def _warped(pixels: Tensor, parameters: Parameters, chosen: np.ndarray) -> Tensor:
    grid, padding = sampling_grid(parameters, chosen, pixels), PADDINGS[parameters.fill]
    return functional.grid_sample(pixels, grid, mode="bilinear", padding_mode=padding, align_corners=False)


def _coloured(pixels: Tensor, parameters: Parameters) -> Tensor:
    gain = torch.from_numpy(parameters.gain).to(pixels)[:, :, None, None]
    contrast = torch.from_numpy(parameters.contrast).to(pixels)[:, None, None, None]
    lit = pixels * gain
    changed = lit * contrast + lit.mean(dim=(1, 2, 3), keepdim=True) * (1 - contrast)
    if (parameters.noise > 0).any():
        height, width = pixels.shape[2:]
        fields = np.stack([noise_field(int(seed), height, width) for seed in parameters.noise_seed])
        noise = torch.from_numpy(parameters.noise).to(pixels)[:, None, None, None]
        changed = changed + torch.from_numpy(fields).to(pixels).permute(0, 3, 1, 2) * noise
    return changed.clamp(0, 1)
