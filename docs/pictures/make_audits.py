"""Make the audits of the public data sets that stand in the docs.

    python docs/pictures/make_audits.py              docs/audits/SET.md, and the pages with pictures for the build
    python docs/pictures/make_audits.py --missing    only the pages with pictures that are not there yet

The sets lie as ``cnmc/``, ``pbc/`` and so on in the folder of real pictures beside the project (``REAL`` in
``docs/_ext/generated_pages/beside_real.py``); one that is not there is passed over. Where nothing is there, nothing is
done. The pages with pictures go to ``docs/reference/generated/audits/``, which git ignores: the pictures are other
people's. ``make docs`` copies them into the built docs.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "_ext"))

from generated_pages.audits import DOCS, PAGES, at_hand, findings_page
from generated_pages.beside_real import REAL

import leukoscope as lk
from leukoscope.files import read_json, write_text


def make(name: str, real: Path = REAL, pages: Path = PAGES) -> None:
    """Audit one set and write the folder with its page, pictures and tables.

    Args:
        name: The set's folder and reader.
        real: Folder of the sets.
        pages: Where the folder goes to.
    """
    lk.audit_cohort(lk.read_cohort(real / name, name), out=pages / name)


def main(*, missing: bool, real: Path = REAL, pages: Path = PAGES, docs: Path = DOCS) -> None:
    """Make all audits, or only those pages that are not there yet.

    Args:
        missing: Make only pages with pictures, where there is none.
        real: Folder of the sets.
        pages: Where the folders with pages go to.
        docs: The documentation's folder.
    """
    for name in at_hand(real):
        if missing and (pages / name / "audit.html").is_file():
            continue
        make(name, real, pages)
        if not missing:
            write_text(docs / "audits" / f"{name}.md", findings_page(name, read_json(pages / name / "audit.json")))


if __name__ == "__main__":
    main(missing="--missing" in sys.argv[1:])
