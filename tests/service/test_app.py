from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from leukoscope.bundles.bundle import Bundle
from leukoscope.service.app import app_of, make_app
from leukoscope.service.gate import CSP
from leukoscope.service.limits import Limits
from leukoscope.service.logs import LOGGER, JsonLines
from leukoscope.service.served import Served, State
from leukoscope.service.settings import Settings

Files = Callable[..., Any]
TOKEN = "a-token-that-nobody-guesses"


def test_the_bundle_says_what_it_takes(asked_of_patients: TestClient, asked: TestClient) -> None:
    about = asked_of_patients.get("/v1/bundle").json()
    assert (about["name"], about["task"], about["threshold"], about["band"]) == ("sick", "patients", 0.4, None)
    assert about["classes"] == [
        {"name": "hem", "title": "normal cell", "positive": False},
        {"name": "all", "title": "leukaemic blast", "positive": True},
    ]
    assert [fact["name"] for fact in about["facts"]] == ["age", "count", "sex"]
    assert about["limits"] == {"megabytes": 200, "pictures": 1000, "megapixels": 50, "seconds": 120, "fields": 24}
    assert (about["methods"], about["flags"], about["reference_pictures"]) == (["evidence"], True, True)
    assert (about["calibrated"], about["refers"], about["needs_token"], about["keeps"]) == (False,) * 4
    assert about["purpose"] == (
        "Says of a patient, by pictures of their blood cells and their facts: normal cell or leukaemic blast."
    )
    assert asked.get("/v1/bundle").json()["purpose"] == (
        "Says of a picture of one blood cell what it shows: normal cell or leukaemic blast."
    )


def test_every_answer_says_what_it_is_for_and_is_kept_by_nobody(asked: TestClient, pictures: Files) -> None:
    answers = [
        asked.get("/v1/bundle"),
        asked.get("/v1/example"),
        asked.get("/v1/progress/0123456789abcdef"),
        asked.post("/v1/cells", files=pictures(1)),
        asked.post("/v1/patients", files=pictures(1)),
        asked.post("/v1/explain", files=pictures(1, field="picture")),
        asked.post("/v1/cells"),
        asked.get("/v1/nothing"),
        asked.get("/v1/cells"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 200, 415, 404, 405]
    for answer in answers:
        assert answer.json()["research_use_only"].startswith("For research use only. Not a medical device")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"] == CSP
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)
    assert answers[7].json()["error"]["what"] == "There is nothing at this path."
    assert answers[8].headers["allow"] == "POST"


def test_its_description_has_every_path_and_asks_nobody_else(asked: TestClient) -> None:
    said = asked.get("/openapi.json").json()
    assert set(said["paths"]) == {
        "/v1/bundle", "/v1/cells", "/v1/patients", "/v1/explain", "/v1/fields", "/v1/example", "/v1/progress/{key}",
        "/healthz", "/readyz", "/metrics",
    }  # fmt: skip
    posted = said["paths"]["/v1/patients"]["post"]
    assert set(posted["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]) == {
        "pictures", "facts", "patient",
    }  # fmt: skip
    assert {"200", "401", "408", "413", "415", "422", "429", "503"} <= set(posted["responses"])
    assert asked.get("/docs").status_code == asked.get("/redoc").status_code == 404


def test_what_is_described_is_what_is_answered(asked: TestClient, pictures: Files) -> None:
    schemas = asked.get("/openapi.json").json()["paths"]
    for path, field in (("/v1/cells", "pictures"), ("/v1/patients", "pictures"), ("/v1/explain", "picture")):
        schema = schemas[path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
        found = asked.post(path, files=pictures(1, field=field)).json()
        assert set(found) == set(schema["properties"])
        for cell in found.get("cells", []):
            assert set(cell) <= set(schema["properties"]["cells"]["items"]["properties"])


def test_a_token_is_asked_for_wherever_something_is_said(serve: Any, cells: Bundle, pictures: Files) -> None:
    with serve(cells, token=TOKEN) as client:
        known = {"Authorization": f"Bearer {TOKEN}"}
        for path in ("/v1/bundle", "/v1/example", "/metrics"):
            assert client.get(path).status_code == 401
            assert client.get(path, headers=known).status_code == 200
        missing = client.post("/v1/cells", files=pictures(1))
        assert missing.json()["error"]["what"] == "The token is missing."
        assert missing.headers["www-authenticate"] == "Bearer"
        for wrong in (f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \u00e4".encode(), "Bearer"):
            assert client.post("/v1/cells", files=pictures(1), headers={"Authorization": wrong}).status_code == 401
        assert client.post("/v1/cells", files=pictures(1), headers=known).status_code == 200
        for path in ("/healthz", "/readyz", "/openapi.json"):
            assert client.get(path).status_code == 200
        assert client.get("/v1/bundle", headers=known).json()["needs_token"] is True
        assert TOKEN not in repr(client.app_state["served"].settings)


def test_pages_of_elsewhere_cannot_use_it(asked: TestClient, pictures: Files) -> None:
    no_address = ({"Host": "["}, {"Host": "[]:x"}, {"Origin": "http://["})
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}, *no_address):
        answer = asked.post("/v1/cells", files=pictures(1), headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_page")
    own = {"Host": "localhost:8000", "Origin": "http://localhost:8000"}
    assert asked.post("/v1/cells", files=pictures(1), headers=own).status_code == 200


def test_open_to_all_it_is_still_not_open_to_pages_of_elsewhere(serve: Any, cells: Bundle, pictures: Files) -> None:
    with serve(cells, no_token=True, host="0.0.0.0") as client:
        own = {"Host": "lab.example"}
        for headers, status in ((own, 200), ({**own, "Origin": "http://lab.example"}, 200), ({"Origin": "null"}, 403)):
            assert client.post("/v1/cells", files=pictures(1), headers=headers).status_code == status


def test_where_the_gate_itself_fails_there_is_an_answer(asked: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise ValueError("Secret")

    monkeypatch.setattr("leukoscope.service.gate.refuse_strangers", failing)
    answer = asked.get("/v1/bundle")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "failed")
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["x-request-id"]


def test_before_the_bundle_is_loaded_and_when_it_fails(until: Callable[..., None], cells: Bundle) -> None:
    may = threading.Event()

    def opening() -> Bundle:
        may.wait(30)
        return cells

    with TestClient(make_app(opening), base_url="http://127.0.0.1") as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").json() == {"ready": False, "state": "loading"}
        early = client.get("/v1/bundle")
        assert (early.status_code, early.headers["retry-after"]) == (503, "3")
        assert early.json()["error"]["what"] == "The bundle is being loaded."
        may.set()
        until(lambda: client.get("/readyz").status_code == 200)

    def failing() -> Bundle:
        raise ValueError("no bundle")

    served = Served(failing, Settings())
    with TestClient(app_of(served), base_url="http://127.0.0.1") as client:
        until(lambda: served.state is State.FAILED)
        assert client.get("/readyz").status_code == 503


def test_too_many_at_a_time_are_told_to_come_again(
    serve: Any, cells: Bundle, pictures: Files, until: Callable[..., None]
) -> None:
    with serve(cells, limits=Limits(queue=2)) as client, ThreadPoolExecutor(2) as pool:
        served, may = client.app_state["served"], threading.Event()
        see = served.thread.see
        served.thread.see = lambda framed: (may.wait(30), see(framed))[1]
        waiting = [pool.submit(client.post, "/v1/cells", files=pictures(1, place)) for place in range(2)]
        until(lambda: served.thread.full)
        refused = client.post("/v1/cells", files=pictures(1))
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
        assert refused.json()["error"]["do"] == "Try again in 2 seconds."
        assert "leukoscope_queue_length 2.0" in client.get("/metrics").text
        may.set()
        assert [each.result(60).status_code for each in waiting] == [200, 200]
        assert client.post("/v1/cells", files=pictures(1)).status_code == 200


def test_more_pictures_than_memory_allows_come_again(serve: Any, cells: Bundle, pictures: Files) -> None:
    with serve(cells, limits=Limits(pictures=2)) as client:
        served = client.app_state["served"]
        assert served.framed_bytes == 32 * 32 * 3
        served.places.take(free := served.places.most - served.framed_bytes)
        refused = client.post("/v1/cells", files=pictures(2))
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
        assert refused.json()["error"]["what"] == "The service is holding as many pictures as its memory allows."
        assert client.post("/v1/cells", files=pictures(1)).status_code == 200
        assert (served.places.taken, served.room.taken) == (free, 0)


def test_an_answer_that_takes_too_long_is_given_up(serve: Any, cells: Bundle, pictures: Files) -> None:
    with serve(cells, limits=Limits(seconds=0.3)) as client:
        served, may = client.app_state["served"], threading.Event()
        see = served.thread.see
        served.thread.see = lambda framed: (may.wait(30), see(framed))[1]
        late = client.post("/v1/cells", files=pictures(1))
        may.set()
        assert (late.status_code, late.json()["error"]["code"]) == (503, "too_long")
        assert late.json()["error"]["what"] == "The answer was not ready within 0.3 seconds."
        assert served.room.taken == 0


@pytest.mark.parametrize("path", ["/v1/cells", "/v1/patients"])
def test_what_is_no_number_is_not_answered(path: str, serve: Any, cells: Bundle, pictures: Files) -> None:
    with serve(cells) as client:
        served = client.app_state["served"]
        see = served.thread.see
        served.thread.see = lambda framed: see(framed).with_columns(p_all=pl.lit(float("nan")))
        answer = client.post(path, files=pictures(2))
    error = answer.json()["error"]
    assert answer.status_code == 500
    assert (error["code"], error["what"]) == ("no_number", "What the network says is no number, 2 of 2 times.")


def test_the_log_says_nothing_of_patients(
    asked_of_patients: TestClient, pictures: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, handler = list[str](), logging.Handler()
    handler.setFormatter(JsonLines())
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(handler.format(record)))
    logger = logging.getLogger(LOGGER)
    monkeypatch.setattr(logger, "handlers", [handler])
    monkeypatch.setattr(logger, "level", logging.INFO)
    logger.manager._clear_cache()
    answer = asked_of_patients.post(
        "/v1/patients", files=pictures(2), data={"patient": "Ada Secret", "facts": '{"age": 61.25}'}
    )
    asked_of_patients.get("/v1/Secret?name=Secret")

    def failing(_served: Served) -> dict[str, Any]:
        raise ValueError("Secret")

    monkeypatch.setattr("leukoscope.service.app.about", failing)
    failed = asked_of_patients.get("/v1/bundle")
    told = [json.loads(line) for line in lines]
    assert failed.status_code == 500
    assert failed.json()["error"]["what"] == "The service has failed on this request; its log says where."
    assert "Secret" not in "".join(lines) + failed.text
    assert "61.25" not in "".join(lines)
    assert "folder" not in "".join(lines)
    first, second, error, third = told
    assert (first["event"], first["route"], first["status"], first["files"]) == ("request", "/v1/patients", 200, 2)
    assert first["request"] == answer.headers["x-request-id"]
    assert first["milliseconds"] > 0
    assert first["bytes"] > 1000
    assert (second["route"], second["status"]) == ("other", 404)
    assert (error["event"], error["error"], error["level"]) == ("error", "ValueError", "error")
    assert error["places"][-1].endswith("failing")
    assert (third["route"], third["status"]) == ("/v1/bundle", 500)


def test_what_is_measured(serve: Any, cells: Bundle, pictures: Files) -> None:
    with serve(cells) as client:
        client.post("/v1/cells", files=[*pictures(3), ("pictures", ("x.png", b"x"))])
        client.get("/v1/bundle?patient=Ada")
        client.get("/somewhere/Ada")
        text = client.get("/metrics").text
    for line in (
        'leukoscope_requests_total{route="/v1/cells",status="200"} 1.0',
        'leukoscope_requests_total{route="other",status="404"} 1.0',
        'leukoscope_request_seconds_count{route="/v1/cells"} 1.0',
        'leukoscope_pictures_total{outcome="read"} 3.0',
        'leukoscope_pictures_total{outcome="unreadable"} 1.0',
        "leukoscope_batch_cells_sum 3.0",
        "leukoscope_queue_length 0.0",
    ):
        assert line in text.splitlines()
    assert "Ada" not in text


def test_what_is_sent_is_kept_where_asked_alone(serve: Any, patients: Bundle, pictures: Files, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with serve(patients, keep=kept) as client:
        assert client.get("/v1/bundle").json()["keeps"] is True
        files = [*pictures(1), ("pictures", ("../../climbs.png", pictures(1, 1)[0][1][1]))]
        answer = client.post("/v1/patients", files=files, data={"facts": '{"age": 61}'})
        assert answer.status_code == 200
    (own,) = kept.iterdir()
    assert own.stat().st_mode & 0o777 == 0o700
    assert own.name.endswith(answer.headers["x-request-id"])
    assert sorted(path.relative_to(own).as_posix() for path in own.rglob("*.*")) == [
        "answer.json", "pictures/0001.png", "pictures/0002.png", "request.json",
    ]  # fmt: skip
    assert (own / "pictures" / "0001.png").read_bytes() == files[0][1][1]
    assert json.loads((own / "answer.json").read_text(encoding="utf-8")) == answer.json()
    request = json.loads((own / "request.json").read_text(encoding="utf-8"))
    assert (request["route"], request["texts"]) == ("/v1/patients", {"facts": '{"age": 61}'})
    assert [file["path"] for file in request["files"]] == ["pictures/0001.png", "pictures/0002.png"]
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_where_it_cannot_be_kept_the_answer_goes_out(
    serve: Any, cells: Bundle, pictures: Files, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with serve(cells, keep=file) as client:
        assert client.post("/v1/cells", files=pictures(1)).status_code == 200
