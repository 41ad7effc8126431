from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

AS_IT_IS = "import torch, torchvision"
CURED = """
import sys
from leukoscope.models.torchvision_cure import cure
first = cure()
assert cure() is first
import timm
import torchvision
print(first.operators, first.version == torchvision.__version__, first.library is None, first.reason is None)
"""
PRETENDED = """
import sys
from pathlib import Path
import torch
from leukoscope.models.torchvision_cure import cure

def pretend(name):
    cure.cache_clear()
    sys.path.insert(0, str(Path(sys.argv[1]) / name))
    for module in [module for module in sys.modules if module.partition(".")[0] == "torchvision"]:
        del sys.modules[module]
    try:
        return cure()
    except RuntimeError as error:
        return error
    finally:
        del sys.path[0]

print(pretend("whole").operators, hasattr(torch.ops.torchvision, "nms"))
print(repr(pretend("otherwise")), hasattr(torch.ops.torchvision, "nms"))
broken = pretend("broken")
print(broken.operators, broken.version, broken.reason)
print(hasattr(torch.ops.torchvision, "nms"), hasattr(torch.ops.torchvision, "qnms"))
"""
BROKEN = """
import torch
from torchvision import half
half.imported += 1
if not hasattr(torch.ops.torchvision, "nms"):
    raise RuntimeError("operator torchvision::nms does not exist")
__version__ = f"imported {half.imported} time(s)"
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def test_timm_imports_whether_torchvision_loads_its_operators_or_not() -> None:
    needed = run(AS_IT_IS).returncode != 0
    cured = run(CURED)
    assert cured.stderr == ""
    assert cured.stdout.split() == (["defined", "True", "False", "False"] if needed else ["own"] + ["True"] * 3)


def test_schemas_are_defined_only_where_torchvision_asks_for_them(tmp_path: Path) -> None:
    for name, content in {
        "whole": "__version__ = '1'",
        "otherwise": "raise RuntimeError('no disk')",
        "broken": BROKEN,
    }.items():
        package = tmp_path / name / "torchvision"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(content)
        (package / "half.py").write_text("imported = 0")
    found = run(PRETENDED, str(tmp_path))
    assert found.stderr == ""
    assert found.stdout.splitlines() == [
        "own False",
        "RuntimeError('no disk') False",
        "defined imported 1 time(s) operator torchvision::nms does not exist",
        "True True",
    ]


def test_importing_the_room_imports_neither_torch_nor_timm() -> None:
    code = "import sys, leukoscope.models; print([name for name in ('torch', 'timm') if name in sys.modules])"
    assert run(code).stdout == "[]\n"
