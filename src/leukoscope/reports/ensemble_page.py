"""From the tables of an ensemble's folder to one page that needs nothing else."""

from __future__ import annotations

from pathlib import Path

from leukoscope.files import write_text
from leukoscope.reports.ensemble_figures import ensemble_figures
from leukoscope.reports.ensemble_folder import EnsembleFolder
from leukoscope.reports.ensemble_tables import ensemble_section, read_ensemble
from leukoscope.reports.templates import environment, style
from leukoscope.reports.words import NOTHING, day_of


def write_ensemble_page(folder: Path) -> Path:
    """Write ``ensemble.html`` and ``figures/`` from the tables of an ensemble, and from nothing else.

    The page is one file: no script, no request to anywhere.

    Args:
        folder: The ensemble's folder.

    Returns:
        The page.

    Raises:
        DataError: there is no finished ensemble, or a table is missing or damaged.
    """
    place = EnsembleFolder(Path(folder))
    record = read_ensemble(place.path)
    context = {
        "css": style("page.css"),
        "name": record["name"],
        "date": day_of(record["started"]),
        "version": record["versions"]["leukoscope"],
        "command": record["command"] or NOTHING,
        "seed": record["seed"],
        "folders": [(member["name"], member["folder"] or "a table of predictions") for member in record["members"]],
        "ensemble": ensemble_section(place.path),
        "ensemble_figures": ensemble_figures(place.path),
    }
    write_text(place.page, environment().get_template("ensemble.html").render(context))
    return place.page
