"""Pictures that a network of cells was never meant for, by kind: for ``bench_out_of_distribution.py``.

The method was chosen on the kinds ``choosing``; the kinds ``reporting`` are for the report, and no picture and no
change is in both. Two changes of stain began as ``reporting``: the method of that day did not flag them on C-NMC, was
changed for it, and they are ``choosing`` since.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from leukoscope.pictures.decode import decode
from leukoscope.randomness import generator

Pixels = NDArray[np.uint8]
SIDE = 450
"""Side in px that strangers are brought to: that of C-NMC's pictures, near that of PBC's (360) and Matek's (400)."""
WINDOW = 200
"""Side in px of a window in a field of BCCD, where a white cell has about 150."""
PHOTOGRAPHS = {
    "choosing": ("coffee", "chelsea", "camera", "brick", "page"),
    "reporting": (
        "astronaut",
        "rocket",
        "retina",
        "immunohistochemistry",
        "hubble_deep_field",
        "grass",
        "coins",
        "text",
    ),
}
PARTS = 5
MOST = 40


def photographs(part: str) -> list[Pixels]:
    """Return photographs, each whole and in ``PARTS`` squares of it."""
    found = []
    for name in PHOTOGRAPHS[part]:
        picture = np.asarray(getattr(data, name)())
        pixels = np.stack([picture] * 3, axis=-1) if picture.ndim == 2 else picture[..., :3]
        draw = generator(0, "photographs", name)
        found.append(_sized(pixels))
        for _ in range(PARTS):
            side = int(draw.integers(min(150, min(pixels.shape[:2]) - 1), min(pixels.shape[:2])))
            top, left = (int(draw.integers(0, length - side + 1)) for length in pixels.shape[:2])
            found.append(_sized(pixels[top : top + side, left : left + side]))
    return found


def empty_fields(bccd: Path, half: int) -> list[Pixels]:
    """Return windows of every other of BCCD's fields, 0 or 1, that no box of a white cell touches."""
    found = []
    for path, boxes in _fields(bccd, half):
        pixels, draw = decode(path).pixels, generator(0, "empty", path.stem)
        for _ in range(20):
            top, left = (int(draw.integers(0, length - WINDOW)) for length in pixels.shape[:2])
            apart = [x1 < left or x0 > left + WINDOW or y1 < top or y0 > top + WINDOW for x0, y0, x1, y1 in boxes]
            if all(apart):
                found.append(_sized(pixels[top : top + WINDOW, left : left + WINDOW]))
                break
    return found[:MOST]


def white_cells(bccd: Path, half: int) -> list[Pixels]:
    """Return BCCD's white cells, each in the middle of its window."""
    found = []
    for path, boxes in _fields(bccd, half):
        pixels = decode(path).pixels
        for x0, y0, x1, y1 in boxes:
            top, left = (y0 + y1 - WINDOW) // 2, (x0 + x1 - WINDOW) // 2
            if min(top, left) >= 0 and top + WINDOW <= len(pixels) and left + WINDOW <= pixels.shape[1]:
                found.append(_sized(pixels[top : top + WINDOW, left : left + WINDOW]))
    return found[:MOST]


def blank_fields() -> list[Pixels]:
    """Return fields of one light colour with a little noise and unevenness: glass with nothing on it."""
    found = []
    for number in range(20):
        draw = generator(0, "blank", number)
        shade = draw.uniform((190, 170, 180), (250, 245, 250))
        slope = np.linspace(-8, 8, SIDE)[:, None, None] * draw.uniform(-1, 1)
        found.append(np.clip(shade + slope + draw.normal(0, 3, (SIDE, SIDE, 3)), 0, 255).astype(np.uint8))
    return found


def pictures_below(folder: Path, pattern: str, most: int = MOST) -> list[Pixels]:
    """Return pictures of a folder, spread evenly over their names, brought to ``SIDE``."""
    paths = sorted(folder.glob(pattern))
    chosen = [paths[place] for place in np.linspace(0, len(paths) - 1, min(most, len(paths)), dtype=int)]
    return [_sized(decode(path).pixels) for path in chosen]


def hue_turned(pixels: Pixels, degrees: int) -> Pixels:
    """Return the picture with its hues turned; black, grey and white stay."""
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(int) + degrees // 2) % 180
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), dtype=np.uint8)


def stain_strength(pixels: Pixels, factors: Sequence[float]) -> Pixels:
    """Return the picture with each channel's optical density multiplied; black background stays black."""
    light = np.maximum(pixels.astype(float), 1) / 255
    changed = (255 * light ** np.asarray(factors)).round().astype(np.uint8)
    return np.asarray(np.where(pixels.max(axis=-1, keepdims=True) > 0, changed, pixels), dtype=np.uint8)


def grey(pixels: Pixels) -> Pixels:
    """Return the picture without colour."""
    return np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=-1)


def swapped(pixels: Pixels, order: tuple[int, int, int] = (2, 1, 0)) -> Pixels:
    """Return the picture with its channels in another order."""
    return np.ascontiguousarray(pixels[..., list(order)])


def blurred(pixels: Pixels) -> Pixels:
    """Return the picture far out of focus."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 12), dtype=np.uint8)


def noisy(pixels: Pixels) -> Pixels:
    """Return the picture with strong noise."""
    drawn = generator(0, "noise").normal(0, 40, pixels.shape)
    return np.clip(pixels + drawn, 0, 255).astype(np.uint8)


def enlarged(pixels: Pixels) -> Pixels:
    """Return the middle third, as large as the whole."""
    height, width = pixels.shape[:2]
    middle = pixels[height // 3 : height - height // 3, width // 3 : width - width // 3]
    return np.asarray(cv2.resize(middle, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def shuffled(pixels: Pixels) -> Pixels:
    """Return the picture cut into 5 x 5 pieces, in another order: its colours and edges, and no cell."""
    height, width = (length // 5 * 5 for length in pixels.shape[:2])
    whole = pixels[:height, :width]
    pieces = [piece for row in np.split(whole, 5) for piece in np.split(row, 5, axis=1)]
    order = generator(0, "shuffled").permutation(25)
    rows = [np.concatenate([pieces[place] for place in order[start : start + 5]], axis=1) for start in range(0, 25, 5)]
    return np.concatenate(rows)


def in_colours_of(pixels: Pixels, example: Pixels) -> Pixels:
    """Return the picture with each channel's mean and deviation of another one."""
    own, wanted = pixels.reshape(-1, 3).astype(float), example.reshape(-1, 3).astype(float)
    found = (own - own.mean(0)) / np.maximum(own.std(0), 1) * wanted.std(0) + wanted.mean(0)
    return np.clip(found, 0, 255).astype(np.uint8).reshape(pixels.shape)


CHANGES: dict[str, dict[str, Callable[[Pixels], Pixels]]] = {
    "choosing": {
        "stain: hues turned by 100 degrees": partial(hue_turned, degrees=100),
        "stain: twice as strong": partial(stain_strength, factors=(2, 2, 2)),
        "stain: red and blue exchanged": swapped,
        "stain: hues turned by 40 degrees": partial(hue_turned, degrees=40),
        "noise": noisy,
        "pieces of the cell in another order": shuffled,
    },
    "reporting": {
        "stain: green and blue exchanged": partial(swapped, order=(0, 2, 1)),
        "stain: hues turned by 320 degrees": partial(hue_turned, degrees=320),
        "stain: stronger and redder (density x 1, 1.7, 2)": partial(stain_strength, factors=(1, 1.7, 2)),
        "stain: eosin for azure (density x 0.4, 1, 1.5)": partial(stain_strength, factors=(0.4, 1, 1.5)),
        "stain: 0.4 of its strength": partial(stain_strength, factors=(0.4, 0.4, 0.4)),
        "no colour": grey,
        "out of focus": blurred,
        "a third of the cell, enlarged": enlarged,
    },
}
"""What is done to held-out cells of the network's own data set."""


def strangers(own: str, held_out: Sequence[Pixels], root: Path, part: str) -> dict[str, list[Pixels]]:
    """Return strangers by kind.

    Args:
        own: The network's own data set, a folder below ``root``: ``cnmc``, ``pbc``.
        held_out: Cells of it that it was not trained on, as they are in their files.
        root: The folder of all data sets.
        part: ``choosing`` or ``reporting``.
    """
    half = 0 if part == "choosing" else 1
    sets: dict[str, Callable[[], list[Pixels]]] = (
        {"other set: segmentation_WBC 1": lambda: pictures_below(root / "segmentation_wbc", "**/Dataset 1/*.bmp")}
        if part == "choosing"
        else {
            "other set: Lyon": lambda: pictures_below(root / "lyon", "**/*.jpg"),
            "other set: Matek": lambda: pictures_below(root / "matek", "**/*.tiff"),
            "other set: segmentation_WBC 2": lambda: pictures_below(root / "segmentation_wbc", "**/Dataset 2/*.bmp"),
            "other set: BCCD": lambda: white_cells(root / "bccd", half),
            **({} if own == "pbc" else {"other set: PBC": lambda: pictures_below(root / "pbc", "**/*.jpg")}),
            **({} if own == "cnmc" else {"other set: C-NMC": lambda: pictures_below(root / "cnmc", "**/*.webp")}),
        }
    )
    found = {"photographs": photographs(part), "fields without white cell": empty_fields(root / "bccd", half)}
    if part == "choosing":
        found["blank fields"] = blank_fields()
    else:
        pairs = zip(found["photographs"], [*held_out, *held_out], strict=False)
        found["photographs in the cells' colours"] = [in_colours_of(*pair) for pair in pairs]
    found |= {name: make() for name, make in sets.items()}
    return found | {name: [change(one) for one in held_out] for name, change in CHANGES[part].items()}


def _fields(bccd: Path, half: int) -> Iterator[tuple[Path, list[tuple[int, int, int, int]]]]:
    for path in sorted(bccd.glob("**/BloodImage_*.jpg"))[half::2]:
        table = next(iter(bccd.glob(f"**/{path.stem}.xml")), None)
        if table is None:
            continue
        objects = ET.parse(table).getroot().iter("object")
        boxes = [one.find("bndbox") for one in objects if one.findtext("name") == "WBC"]
        corners = ("xmin", "ymin", "xmax", "ymax")
        yield path, [tuple(int(box.findtext(name) or 0) for name in corners) for box in boxes if box is not None]  # type: ignore[misc]


def _sized(pixels: Pixels) -> Pixels:
    # The middle square, enlarged or made smaller: what a laboratory that crops by hand would hand in.
    side = min(pixels.shape[:2])
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    square = np.ascontiguousarray(pixels[top : top + side, left : left + side])
    way = cv2.INTER_AREA if side > SIDE else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (SIDE, SIDE), interpolation=way), dtype=np.uint8)
