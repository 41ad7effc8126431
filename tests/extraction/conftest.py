from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from leukoscope.drawn import draw_look
from leukoscope.drawn.whole_field import draw_field
from leukoscope.randomness import generator

KINDS = {"P01/a": ("lymphocyte", "monocyte"), "P01/b": (), "P02/c": ("segmented_neutrophil",)}


@pytest.fixture(scope="session")
def smears(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three fields of two patients, a folder each, with two, no and one white cell; and one that is damaged."""
    folder = tmp_path_factory.mktemp("smears")
    for name, kinds in KINDS.items():
        look, chance = draw_look(0, name), generator(1, "smears", name)
        (folder / name).parent.mkdir(exist_ok=True)
        pixels = draw_field(kinds, size=240, look=look, generator=chance, field=60.0).pixels
        Image.fromarray(pixels).save(folder / f"{name}.png")
    (folder / "P02" / "d.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder
