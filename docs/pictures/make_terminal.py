"""Take a picture of a terminal while a command runs in it: ``terminal.png``.

    python docs/pictures/make_terminal.py --at "epoch 6 of 8 .* [4-9][0-9] %" -- leukoscope train drawn --out runs/demo

The command (found as the shell finds it: activate the environment first) runs in an empty folder of its own, so that
its paths are those of the reader. The moment is the first one at which the screen has a line in which ``--at`` is
found, or the middle of the run.
"""

from __future__ import annotations

import argparse
import io
import re
import shlex
import tempfile
from pathlib import Path

from browser import photograph
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text
from screen import Screen, record

HERE = Path(__file__).parent
DIM = [(64, 68, 77), (232, 108, 117), (126, 200, 140), (224, 188, 106)]
DIM += [(110, 168, 240), (196, 140, 226), (92, 196, 204), (222, 225, 230)]
BRIGHT = [(120, 126, 138), (240, 130, 138), (150, 216, 162), (238, 206, 130)]
BRIGHT += [(140, 188, 248), (212, 164, 238), (120, 214, 220), (255, 255, 255)]
THEME = TerminalTheme((24, 26, 31), (222, 225, 230), DIM, BRIGHT)
MARGIN, LINE, COLUMN, BAR = 22, 21, 8.43, 36
PAGE = f"""<!doctype html><html><head><meta charset="utf-8"><style>
html {{{{ background: {{background}}; }}}}
body {{{{ margin: 0; color: {{foreground}}; }}}}
.bar {{{{ height: {BAR}px; background: #23262d; display: flex; align-items: center; gap: 8px; padding-left: 14px; }}}}
.bar i {{{{ width: 12px; height: 12px; border-radius: 50%; background: #4a4f5a; }}}}
pre {{{{ margin: {MARGIN}px; font: 14px/{LINE}px "DejaVu Sans Mono", "Liberation Mono", monospace; }}}}
{{stylesheet}}
</style></head><body><div class="bar"><i></i><i></i><i></i></div><pre>{{code}}</pre></body></html>"""


def main() -> None:
    """Record, choose the moment, draw."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        written = record(asked.command, width=asked.columns, height=asked.rows, folder=Path(folder))
    lines = moment(written, asked.columns, asked.at)
    prompt = Text.assemble(("$ ", "bold green"), (shlex.join(asked.command), "bold"))
    draw([prompt, *lines][-asked.rows :], asked.columns, asked.out)


def moment(written: list[tuple[float, str]], columns: int, at: str | None) -> list[Text]:
    """Return the screen at the first moment at which a line matches, or in the middle of the run."""
    screen, middle = Screen(columns), written[-1][0] / 2
    for seconds, text in written:
        screen.feed(text)
        shown = screen.shown()
        if any(re.search(at, line.plain) for line in shown) if at else seconds >= middle:
            return shown
    raise SystemExit(f"No line ever matched {at!r}. The last screen:\n" + "\n".join(line.plain for line in shown))


def draw(lines: list[Text], columns: int, picture: Path) -> None:
    """Write lines as a PNG of a terminal's window."""
    console = Console(record=True, width=columns, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False)
    page = console.export_html(theme=THEME, code_format=PAGE)
    width = round(2 * MARGIN + COLUMN * columns)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "terminal.html"
        path.write_text(page, encoding="utf-8")
        photograph(path, picture, width=width, height=BAR + 2 * MARGIN + LINE * len(lines))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE / "terminal.png", help="the PNG to write")
    parser.add_argument("--at", help="a regular expression that a line of the screen must match")
    parser.add_argument("--columns", type=int, default=96, help="width of the terminal")
    parser.add_argument("--rows", type=int, default=30, help="height of the terminal")
    parser.add_argument("command", nargs="+", help="the command, after --")
    return parser.parse_args()


if __name__ == "__main__":
    main()
