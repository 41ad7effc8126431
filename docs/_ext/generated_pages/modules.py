"""The library, room by room: every module of a room with its docstrings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import leukoscope

HOME = Path(leukoscope.__file__).parent
OTHERWISE = {
    "cli": "the command line's page",
    "api.py": "a page of its own",
    "__init__.py": "api.py",
    "__main__.py": "nothing",
}
"""What stands elsewhere in the documentation."""
# A package lists what its modules define; each thing is shown once, where it is defined.
PIECE = """## {title}

```{{eval-rst}}
.. automodule:: {name}
   :members:
   :ignore-module-all:
   :exclude-members: model_config
```
"""


def rooms() -> dict[str, Callable[[], str]]:
    """Return a piece for each room, and one for the modules that stand in no room."""
    folders = sorted(
        path.name for path in HOME.iterdir() if (path / "__init__.py").is_file() and path.name not in OTHERWISE
    )
    return {f"room-{name}": partial(_room, HOME / name) for name in folders} | {"room-none": _files_of_no_room}


def _room(folder: Path) -> str:
    return "\n".join(_module(path) for path in sorted(folder.rglob("*.py"), key=_order))


def _files_of_no_room() -> str:
    return "\n".join(_module(path) for path in sorted(HOME.glob("*.py")) if path.name not in OTHERWISE)


def _order(path: Path) -> tuple[str, bool, str]:
    """A folder's own docstring before its modules."""
    return path.parent.as_posix(), path.name != "__init__.py", path.name


def _module(path: Path) -> str:
    parts = path.relative_to(HOME.parent).with_suffix("").parts
    name = ".".join(part for part in parts if part != "__init__")
    return PIECE.format(title=name.removeprefix("leukoscope."), name=name)
