from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from leukoscope.bundles.card import RESEARCH_USE_ONLY
from leukoscope.service.progress import HEADER, LOOKING, READING, Progress, Requests
from leukoscope.service.refusal import Refusal

Files = Callable[..., Any]
KEY = "0123456789abcdef"
NOTHING = {"step": None, "done": 0, "of": 0}
SAID = {**NOTHING, "research_use_only": RESEARCH_USE_ONLY}


def test_progress() -> None:
    progress = Progress()
    assert progress.said() == NOTHING
    progress.begin(READING, 3)
    assert [progress.counting(lambda given: 2 * given)(value) for value in (1, 2)] == [2, 4]
    assert progress.said() == {"step": READING, "done": 2, "of": 3}
    progress.begin(LOOKING, 5)
    progress.at(4)
    progress.more()
    assert progress.said() == {"step": LOOKING, "done": 5, "of": 5}


def test_requests() -> None:
    requests = Requests()
    with requests.request(KEY) as progress:
        progress.begin(READING, 3)
        assert requests.said(KEY)["of"] == 3
        with pytest.raises(Refusal, match="made up anew for each request"), requests.request(KEY):
            pass
        with requests.request(None) as other:
            other.begin(LOOKING, 1)
        assert requests.said(KEY)["step"] == READING
    assert requests.said(KEY) == NOTHING
    for wrong in ("", "short", "x" * 65, KEY + "\n", KEY + "/"):
        with pytest.raises(Refusal, match="16 to 64 letters"), requests.request(wrong):
            pass


def test_a_request_is_followed(asked_of_patients: TestClient, pictures: Files) -> None:
    told, over = list[dict[str, Any]](), threading.Event()

    def follow() -> None:
        while not over.is_set():
            told.append(asked_of_patients.get(f"/v1/progress/{KEY}").json())
            time.sleep(0.002)

    follower = threading.Thread(target=follow)
    follower.start()
    answer = asked_of_patients.post("/v1/patients", files=pictures(60), headers={HEADER: KEY})
    over.set()
    follower.join()
    assert answer.status_code == 200
    steps = [each["step"] for each in told if each["step"] is not None]
    assert steps == sorted(steps, reverse=True)  # reading, then looking
    assert {LOOKING} <= set(steps) <= {READING, LOOKING}
    assert {each["of"] for each in told if each["step"]} == {60}
    looked = [each["done"] for each in told if each["step"] == LOOKING]
    assert looked == sorted(looked)
    assert set(looked) & {16, 32, 48}
    assert asked_of_patients.get(f"/v1/progress/{KEY}").json() == SAID


def test_a_key_that_is_none(asked: TestClient, pictures: Files) -> None:
    answer = asked.post("/v1/cells", files=pictures(1), headers={HEADER: "short"})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "progress_key"


def test_a_key_that_is_none_is_refused_before_anything_is_taken_in(asked: TestClient) -> None:
    answer = asked.post("/v1/cells", content=b"no form", headers={HEADER: "short"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "progress_key")
