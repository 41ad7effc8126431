"""What calibrating and referring cells does on the test parts of finished runs.

Run: python benchmarks/bench_cell_referral.py runs/first runs/second [--accuracy 0.95] [--calibrate platt]

For each run of cells, from the predictions that lie in its folder and without any network: calibration and rule are
fitted on its validation part (out of fold where that was learnt from), and applied once to its test part. A line a run:
how many cells and patients, log-loss before and after, the share referred, the accuracy of the rest and of all with
their intervals by patient.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from leukoscope.evaluation import Threshold
from leukoscope.recipes.schema import ReferSettings
from leukoscope.runs.cell_referral import cell_referral
from leukoscope.runs.learned import Said
from leukoscope.runs.run import Run


def line(folder: Path, refer: ReferSettings) -> str:
    """Return what the rule does on one run."""
    run = Run(folder)
    kept = run.scores["threshold"]
    said = Said(run.predictions("validation"), run.predictions("test"), None if kept is None else Threshold(**kept))
    found = cell_referral(refer, said).scores
    section, gain = found["referral"], found["calibration"]["log_loss"]
    own = section["validation"]
    fitted = f"  fitted on {own['cells']:,} cells of {own['patients']} patients: called from {section['least']}"
    rest, all_ = words(section["accuracy"]), words(section["accuracy_of_all"])
    rows = [f"{folder}: {run.record['recipe']} on {run.record['data']['name']}"]
    rows += [f"{fitted}, reached {own['reached']:.3f} with {own['kept']:.3f} kept"]
    on, away = f"{section['cells']:,} cells of {section['patients']} patients", words(section["referred"])
    rows += [f"  test, {on}: {away} referred"]
    rows += [f"  accuracy of the rest {rest}, of all {all_}"]
    rows += [f"  log-loss {gain['before']:.3f} before, {gain['after']:.3f} after"]
    return "\n".join(rows + [f"  note: {note}" for note in (*section["notes"], *found["calibration"]["notes"])])


def words(score: dict[str, Any]) -> str:
    """Return a score with its interval."""
    if score["value"] is None:
        return f"n/a ({score['reason']})"
    if score["low"] is None:
        return f"{score['value']:.3f} ({score['reason']})"
    return f"{score['value']:.3f} ({score['low']:.3f} to {score['high']:.3f})"


def main() -> None:
    """Print what the rule does on each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--accuracy", type=float, default=0.95)
    parser.add_argument("--calibrate", default="platt")
    options = parser.parse_args()
    refer = ReferSettings(accuracy=options.accuracy, calibrate=options.calibrate)
    for folder in options.runs:
        print(line(folder, refer), flush=True)


if __name__ == "__main__":
    main()
