from __future__ import annotations

import importlib.util
import json
import logging
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from leukoscope.bundles.bundle import Bundle
from leukoscope.errors import SettingsError
from leukoscope.service.fixed_batches import ON_PROCESSOR, FixedBatches
from leukoscope.service.libraries import refuse_without_libraries
from leukoscope.service.logs import JsonLines
from leukoscope.service.maps import methods_of, why_none
from leukoscope.service.page_files import page_files

ASK = "import sys, leukoscope.cli.main, leukoscope.service; print({'torch', 'fastapi', 'uvicorn'} & set(sys.modules))"


def test_neither_the_command_line_nor_the_room_imports_what_is_slow() -> None:
    said = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True, timeout=300)
    assert said.stdout == "set()\n"


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_without_libraries()
    real = importlib.util.find_spec
    missing = {"fastapi", "uvicorn"}
    monkeypatch.setattr("leukoscope.service.libraries.find_spec", lambda name: None if name in missing else real(name))
    with pytest.raises(SettingsError) as caught:
        refuse_without_libraries()
    assert caught.value.what == "The service needs libraries that are not installed: fastapi, uvicorn."
    assert caught.value.do == 'pip install "leukoscope[serve]"'


def test_batches_are_filled_up_and_cut_back(cells: Bundle) -> None:
    see, sizes = FixedBatches(cells), list[int]()
    assert see.size == ON_PROCESSOR
    hook = cells.model.register_forward_hook(lambda _m, given, _r: sizes.append(len(given[0])))
    pictures = np.random.default_rng(0).integers(0, 256, (11, 32, 32, 3), dtype=np.uint8)
    try:
        rows = see([(one,) for one in pictures])
        again = [see([(one,)]) for one in pictures[::-1]][::-1]
    finally:
        hook.remove()
    assert rows.height == 11
    assert set(sizes) == {ON_PROCESSOR}
    for place, row in enumerate(again):
        assert row.row(0) == rows.row(place)


def test_the_page_is_given_from_the_package_and_nothing_else(asked: TestClient) -> None:
    for name, file in page_files().items():
        found = asked.get(f"/page/{name}")
        assert (found.status_code, found.content) == (200, file.content)
        assert found.headers["content-type"] == file.type
    for path in ("/page/%2e%2e/gate.py", "/page/..%2fgate.py", "/page//etc/passwd", "/page/x.js"):
        assert asked.get(path).status_code == 404
    index = asked.get("/")
    assert (index.status_code, index.content) == (200, page_files()["index.html"].content)


def test_uvicorns_own_errors_are_lines_of_json_without_words() -> None:
    try:
        int("Ada Secret")
    except ValueError:
        record = logging.LogRecord("uvicorn.error", 40, "x.py", 1, "Exception in ASGI", None, sys.exc_info())
    line: dict[str, Any] = json.loads(JsonLines().format(record))
    assert (line["event"], line["from"], line["level"], line["error"]) == (
        "server",
        "uvicorn.error",
        "error",
        "ValueError",
    )
    assert "Secret" not in json.dumps(line)


def test_a_network_that_allows_no_maps_says_why(
    cells: Bundle, patients: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert methods_of(patients) == ("evidence",)
    monkeypatch.setattr(cells.model, "pooling", object())
    assert methods_of(cells) == ()
    assert why_none(cells).startswith("The logit comes from means and deviations over the cell's own outline")
