"""The table of a study of patients: the model beside each fact alone, all facts, and the pictures alone.

    leukoscope sweep lyon-fusion --reader lyon --data LYON --weights WEIGHTS --seeds 5 --out runs/lyon-fusion
    python benchmarks/patient_table.py runs/lyon-fusion

Each row is the mean and standard deviation over the runs' test parts; nothing is computed here but these.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import mean, stdev

from leukoscope.files import read_json

SCORES = ("roc_auc", "balanced_accuracy")


def main() -> None:
    """Print one row a model, in the order of the first run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path, help="The study's folder.")
    found: dict[str, dict[str, list[float]]] = {}
    paths = sorted(parser.parse_args().study.glob("runs/*/scores.json"))
    for path in paths:
        for row in read_json(path)["ablations"]:
            name = f"model ({row['title']})" if row["model"] else row["title"]
            own = found.setdefault(name, {score: [] for score in SCORES})
            for score in SCORES:
                own[score].append(row["scores"][score]["value"])
    print(f"| {len(paths)} runs | ROC AUC | balanced accuracy |\n|---|---|---|")
    for name, own in found.items():
        print(f"| {name} | {' | '.join(_over(own[score]) for score in SCORES)} |")


def _over(values: list[float]) -> str:
    return f"{mean(values):.3f} ± {stdev(values) if len(values) > 1 else 0:.3f}"


if __name__ == "__main__":
    main()
