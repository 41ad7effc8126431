"""What a patient's smear looks like as a whole: how strongly it took each stain, and the light it was seen in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from leukoscope.drawn.stains import ABSORBANCE, Stains
from leukoscope.randomness import generator as generator_for

Background = Literal["smear", "black"]
BACKGROUNDS: tuple[Background, ...] = ("smear", "black")
# Micrometres that a picture shows: a cell with its neighbours, or the cell alone as C-NMC's 300 px centre has it.
FIELD: dict[Background, float] = {"smear": 30.0, "black": 20.0}
# The lamp in red, green and blue (1 = 255): a pale cream field; C-NMC's pictures were made dark.
_LAMP: dict[Background, tuple[float, float, float]] = {"smear": (0.965, 0.925, 0.875), "black": (0.42, 0.33, 0.415)}
# C-NMC's normalised stain is thinner, and redder in the nucleus, than a smear straight from the microscope.
_DENSITY: dict[Background, tuple[float, float, float]] = {"smear": (1.0, 1.0, 1.0), "black": (0.33, 0.57, 0.46)}


@dataclass(frozen=True)
class Look:
    """One patient's stain and illumination.

    Args:
        absorbance: Absorbance of the four stains in red, green and blue, 4 tuples of 3.
        lamp: The light in red, green and blue, 0 to 1.
        gradient: How much brighter the lit side is than the middle (0 to about 0.1).
        direction: Where the light comes from, radians.
        blur: Blur of the lens, micrometres (deviation of a Gaussian).
        grain: Noise of the camera, grey levels of 255 (deviation).
        spread: How flat the smear is: a factor on all diameters of cells, about 1.
    """

    absorbance: tuple[tuple[float, float, float], ...]
    lamp: tuple[float, float, float]
    gradient: float = 0.0
    direction: float = 0.0
    blur: float = 0.1
    grain: float = 1.0
    spread: float = 1.0


def draw_look(seed: int, patient: str, background: Background = "smear") -> Look:
    """Draw a patient's stain and illumination, the same whenever it is asked for.

    Args:
        seed: The cohort's seed.
        patient: The patient's name.
        background: ``smear``, or ``black`` for pictures as dark as C-NMC's.
    """
    generator = generator_for(seed, "look", patient)
    strength = np.exp(generator.normal(0, [[0.09], [0.14], [0.15], [0.12]])) * np.exp(generator.normal(0, 0.08))
    hue = np.exp(generator.normal(0, 0.05, ABSORBANCE.shape))
    absorbance = ABSORBANCE * strength * hue * np.asarray(_DENSITY[background])
    balance = np.exp(generator.normal(0, [0.015, 0.02, 0.045]))
    bright = np.exp(generator.normal(0, 0.035 if background == "smear" else 0.09))
    lamp = np.clip(np.asarray(_LAMP[background]) * balance * bright, 0.0, 1.0)
    return Look(
        tuple((float(red), float(green), float(blue)) for red, green, blue in absorbance),
        (float(lamp[0]), float(lamp[1]), float(lamp[2])),
        gradient=float(generator.uniform(0, 0.06)),
        direction=float(generator.uniform(0, 2 * np.pi)),
        blur=float(generator.uniform(0.03, 0.12) + (0.12 if background == "black" else 0.0)),
        grain=float(generator.uniform(0.6, 1.6)),
        spread=float(np.exp(generator.normal(0, 0.03))),
    )


def develop(stains: Stains, look: Look, size: int, field: float, generator: np.random.Generator) -> NDArray[np.float32]:
    """Take the photograph: light through the stains, lens, camera.

    Args:
        stains: (4, side, side) float32, amounts of the stains, ``side`` a multiple of ``size``.
        look: The patient's stain and illumination.
        size: Side of the picture in pixels.
        field: What it shows, micrometres.
        generator: Where the camera's noise comes from.

    Returns:
        (size, size, 3) float32 in [0, 255], RGB.
    """
    side = stains.shape[1]
    density = cv2.transform(cv2.merge(list(stains)), np.asarray(look.absorbance, dtype=np.float32).T.copy())
    light = cv2.exp(-density) * (np.float32(255) * np.asarray(look.lamp, dtype=np.float32))
    blur = max(look.blur * side / field, 0.3)
    light = cv2.GaussianBlur(light, (0, 0), sigmaX=blur, borderType=cv2.BORDER_REPLICATE)
    small = np.asarray(cv2.resize(light, (size, size), interpolation=cv2.INTER_AREA), dtype=np.float32)
    small *= _shade(size, look)[:, :, None]
    small += generator.standard_normal(small.shape, dtype=np.float32) * np.float32(look.grain)
    return np.clip(small, 0, 255)


def _shade(size: int, look: Look) -> NDArray[np.float32]:
    ticks = np.linspace(-1, 1, size, dtype=np.float32)
    slope = np.float32(np.cos(look.direction)) * ticks[None, :] + np.float32(np.sin(look.direction)) * ticks[:, None]
    return np.asarray(1 + np.float32(look.gradient) * (slope - 0.5), dtype=np.float32)
