from __future__ import annotations

import subprocess
import sys

ASK = """
import os, pathlib, sys
from leukoscope.exporting.libraries import library
nncf = library("nncf")
from nncf.telemetry import telemetry
print(type(telemetry).__name__, "openvino_telemetry" in sys.modules, sorted(os.listdir(os.environ["HOME"])))
"""


def test_nncf_has_nothing_to_send_word_of_its_use_with(tmp_path: object) -> None:
    environment = {"HOME": str(tmp_path), "PATH": "", "OMP_NUM_THREADS": "1"}
    said = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True, timeout=300
    )
    kind, imported, written = said.stdout.strip().split(maxsplit=2)
    assert (kind, imported, written) == ("MagicMock", "False", "[]")
