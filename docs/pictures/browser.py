"""A picture of a page, taken by Chromium without a window."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
SECONDS = 120
COLOURS = 256


def photograph(page: Path, picture: Path, *, width: int, height: int, scale: float = 2.0) -> None:
    """Write a PNG of the top of a page.

    Args:
        page: The HTML file.
        picture: The PNG to write.
        width: Of the window, in CSS pixels.
        height: Of the window, in CSS pixels.
        scale: Pixels a CSS pixel.
    """
    with tempfile.TemporaryDirectory() as profile:
        taken = Path(profile) / "taken.png"
        command = [
            browser_path(),
            *FLAGS,
            f"--user-data-dir={profile}",
            f"--force-device-scale-factor={scale}",
            f"--window-size={width},{height}",
            f"--screenshot={taken}",
            page.resolve().as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
        if done.returncode or not taken.is_file():
            sys.exit(f"Chromium took no picture of {page}:\n{done.stderr}")
        picture.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(taken) as image:
            # A page has few colours: a palette makes the file a third as large, and nobody sees it.
            image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)


def browser_path() -> str:
    """Return the path of the browser that is installed."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return found or sys.exit(f"None of {', '.join(BROWSERS)} is installed.")
