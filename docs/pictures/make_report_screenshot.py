"""Take a picture of the first screen of a report: ``report_first_screen.png``.

python docs/pictures/make_report_screenshot.py runs/demo/report.html
"""

from __future__ import annotations

import argparse
from pathlib import Path

from browser import photograph

HERE = Path(__file__).parent


def main() -> None:
    """Take the picture that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path, help="a run's report.html; of drawn cells: no person's cells in the docs")
    parser.add_argument("--out", type=Path, default=HERE / "report_first_screen.png", help="the PNG to write")
    parser.add_argument("--width", type=int, default=1180, help="of the window, in CSS pixels")
    parser.add_argument("--height", type=int, default=900, help="of the window, in CSS pixels")
    asked = parser.parse_args()
    photograph(asked.report, asked.out, width=asked.width, height=asked.height, scale=1.5)


if __name__ == "__main__":
    main()
