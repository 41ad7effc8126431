"""The client in the docs needs ONNX Runtime and NumPy alone, and calls cells as the bundle does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from leukoscope.inference.saying import said_of

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "export-a-bundle.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
ALONE = """
import sys
sys.argv = {arguments!r}
exec(compile({client!r}, "client.py", "exec"))
unwanted = {{"torch", "leukoscope", "cv2", "PIL", "onnx", "openvino", "scipy"}} & set(sys.modules)
assert not unwanted, unwanted
"""


def test_the_client_is_short() -> None:
    lines = [line for line in BLOCKS[0].splitlines() if line.strip() and not line.startswith(('"""', "import", "from"))]
    assert len(lines) <= 20


def test_the_client_runs_alone_and_calls_as_the_bundle_does(of_cells: Any, tmp_path: Path) -> None:
    bundle, made = of_cells
    pictures = np.random.default_rng(0).integers(0, 256, (70, 50, 48, 3), dtype=np.uint8)
    np.save(tmp_path / "cells.npy", pictures)
    arguments = ["client.py", str(made.folder), str(tmp_path / "cells.npy")]
    run = subprocess.run(
        [sys.executable, "-c", ALONE.format(arguments=arguments, client=BLOCKS[0])],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    first, *rows = run.stdout.splitlines()
    assert first.startswith("For research use only.")
    assert first.endswith("LEAKAGE: twins on both sides")
    said = said_of(bundle, [(bundle.framing.apply(picture),) for picture in pictures])
    assert [row.split()[1] for row in rows] == said["called"].to_list()
    np.testing.assert_allclose([float(row.split()[3]) for row in rows], said["p_all"], atol=2e-4)


def test_facts_become_what_the_graph_takes() -> None:
    given: dict[str, Any] = {"np": np}
    exec(BLOCKS[1].split("\n\n\nknown")[0], given)
    known = {"age": 71, "sex": "X"}
    facts = [{"name": "age", "low": 1}, {"name": "count"}, {"name": "sex", "words": ["F", "M"]}]
    assert given["raw"](facts[0], known) == 71
    assert np.isnan(given["raw"](facts[1], known))
    assert given["raw"](facts[2], known) == -1
    assert given["raw"](facts[2], {"sex": "M"}) == 1
