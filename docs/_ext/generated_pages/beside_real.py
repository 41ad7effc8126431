"""Drawn cells beside real ones: a figure of the built pages, made where the real pictures lie beside the project."""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).parents[2]
REAL = DOCS.parents[1] / "shared" / "data"
FIGURE = DOCS / "reference" / "generated" / "drawn_beside_real.png"
SHOWN = """![Drawn cells above real ones](generated/drawn_beside_real.png)

Above: drawn. Below: real, from the public sets [C-NMC 2019](https://doi.org/10.7937/tcia.2019.dc64i46r) (CC BY 3.0) and
[PBC](https://doi.org/10.17632/snkd93bnjr.1) (Acevedo and others 2020, CC BY 4.0), shrunk.
"""
NOT_SHOWN = """The real pictures are other people's and do not come with Leukoscope. With copies of C-NMC and PBC as
`cnmc/` and `pbc/` in one folder, `python docs/pictures/make_drawn_sheet.py FOLDER sheet.png` puts drawn cells above
real ones.
"""


def beside_real(real: Path = REAL, figure: Path = FIGURE) -> str:
    """Return the section's text; where there are real pictures, the figure is written first."""
    if not (real / "cnmc").is_dir() or not (real / "pbc").is_dir():
        return NOT_SHOWN
    sys.path.insert(0, str(DOCS / "pictures"))
    from make_drawn_sheet import drawn_beside_real  # noqa: PLC0415 - the script lies beside the pictures it makes

    figure.parent.mkdir(parents=True, exist_ok=True)
    drawn_beside_real(real, figure)
    return SHOWN
