"""Against MLflow itself: its SQLite store, and its server in a process of its own."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leukoscope.errors import LeukoscopeError, SettingsError
from leukoscope.files import read_json, write_json
from leukoscope.runs.tracking import Store, open_store, track

MLFLOW = importlib.util.find_spec("mlflow") is not None
needs_mlflow = pytest.mark.skipif(not MLFLOW, reason='MLflow is not installed: pip install "leukoscope[track]"')
# SQLAlchemy warns of what MLflow itself uses.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that was opened and holds no run: to make one takes MLflow seconds."""
    folder = tmp_path_factory.mktemp("stores") / "empty"
    open_store(folder)
    return folder


@pytest.fixture
def local(empty_store: Path, tmp_path: Path) -> Path:
    """A store of its own for each test, in a folder whose name has a space and an umlaut."""
    return Path(shutil.copytree(empty_store, tmp_path / "my störe"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MLflow's own server on a free port of this machine, with an SQLite store of its own."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = ("--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "files"))
    command = [sys.executable, "-m", "mlflow", "server", *store, "--port", str(port), "--workers", "1"]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **quiet}, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", running, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        # The server has processes of its own; all are in this group, and it holds nothing worth a farewell.
        os.killpg(running.pid, signal.SIGKILL)
        running.wait(60)


def _wait_for(address: str, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert running.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(log.read_text(encoding="utf-8"))


def only_run(store: Store, experiment: str) -> Any:
    place = store.client.get_experiment_by_name(experiment)
    (run,) = store.client.search_runs([place.experiment_id])
    return run


def check_is_there(store: Store, run: Any) -> None:
    """What MLflow gives back is what the run's folder says."""
    assert (run.info.run_name, run.info.status) == ("first", "FINISHED")
    assert (run.info.start_time, run.info.end_time) == (1_795_242_818_000, 1_795_242_942_000)
    assert run.data.params["stages.0.rates"] == "0.001"
    assert len(run.data.params) == 9
    assert run.data.tags["split"] == "8 patients in train | 4 patients in test, 0 shared, 0 linked"
    assert [run.data.metrics[f"test/roc_auc{ending}"] for ending in ("", "_low", "_high")] == [0.75, 0.5, 0.875]
    course = store.client.get_metric_history(run.info.run_id, "loss")
    assert [(point.step, point.value) for point in course] == [(1, 0.5), (2, 0.25)]
    kept = {file.path for file in store.client.list_artifacts(run.info.run_id)}
    assert kept == {"report.html", "scores.json", "recipe.yaml"}


@needs_mlflow
def test_a_run_recorded_twice_in_a_folder_stands_there_once(finished: Path, local: Path) -> None:
    first, again = track(finished, local), track(finished, local)
    assert (first.new, again.new, first.run_id == again.run_id) == (True, False, True)
    uri = f"sqlite:///{local}/mlflow.db"
    look = f"MLflow, experiment 'drawn'; to look: mlflow server --backend-store-uri '{uri}'"
    assert (repr(first), repr(again)) == (f"first: recorded in {look}", f"first: brought up to date in {look}")
    check_is_there(again.store, only_run(again.store, "drawn"))


@needs_mlflow
def test_what_has_changed_in_the_folder_changes_in_the_store(finished: Path, local: Path) -> None:
    store = open_store(local)
    track(finished, store)
    (finished / "report.html").write_text("<p>written anew", encoding="utf-8")
    write_json(finished / "run.json", {**read_json(finished / "run.json"), "rescored_from": {"name": "zero"}})
    track(finished, store)
    run = only_run(store, "drawn")
    assert run.data.tags["rescored_from"] == "zero"
    report = store.client.download_artifacts(run.info.run_id, "report.html")
    assert Path(report).read_text(encoding="utf-8") == "<p>written anew"


@needs_mlflow
def test_runs_stand_beside_each_other_in_the_experiment_that_was_named(
    finished: Path, local: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(finished, tmp_path / "second"))
    write_json(other / "run.json", {**read_json(other / "run.json"), "name": "second", "seed": 4})
    store = open_store(local)
    numbers = {track(run, store, experiment="study").run_id for run in (finished, other, finished)}
    place = store.client.get_experiment_by_name("study").experiment_id
    assert {run.info.run_id for run in store.client.search_runs([place])} == numbers
    assert len(numbers) == 2


@needs_mlflow
def test_many_settings_and_epochs_go_in_pieces(finished: Path, local: Path) -> None:
    record = read_json(finished / "run.json")
    record["asked"]["many"] = {f"s{number}": number for number in range(230)}
    write_json(finished / "run.json", record)
    lines = [f"{epoch},1,0.5,0.5" for epoch in range(1, 301)]
    (finished / "history.csv").write_text("\n".join(["epoch,stage,loss,validation_roc_auc", *lines]), encoding="utf-8")
    store = track(finished, local).store
    run = only_run(store, "drawn")
    assert len(run.data.params) == 239
    assert len(store.client.get_metric_history(run.info.run_id, "loss")) == 300


@needs_mlflow
def test_a_leaking_run_is_marked_in_the_list_of_runs(leaking: Path, local: Path) -> None:
    run = only_run(track(leaking, local).store, "drawn")
    assert run.info.run_name == "\N{LARGE RED CIRCLE} LEAKAGE: first"
    assert run.data.tags["leakage"] == "\N{LARGE RED CIRCLE} LEAKAGE: to see"


@needs_mlflow
def test_a_deleted_experiment_is_said_to_be_one(finished: Path, local: Path) -> None:
    store = open_store(local)
    place = store.client.create_experiment("drawn")
    store.client.delete_experiment(place)
    with pytest.raises(SettingsError) as caught:
        track(finished, store)
    assert str(caught.value) == (
        "The experiment 'drawn' was deleted in MLflow.\n"
        f"  where: sqlite:///{local}/mlflow.db\n"
        f"  what to do: mlflow experiments restore --experiment-id {place}"
    )


@needs_mlflow
@pytest.mark.torture
def test_the_real_server_takes_a_run_and_brings_it_up_to_date(finished: Path, server: str) -> None:
    first, again = track(finished, server), track(finished, server)
    assert (first.new, again.new, first.run_id == again.run_id) == (True, False, True)
    assert repr(first) == f"first: recorded in MLflow, experiment 'drawn'; to look: {server}"
    run = only_run(again.store, "drawn")
    check_is_there(again.store, run)
    report = again.store.client.download_artifacts(run.info.run_id, "report.html")
    assert Path(report).read_text(encoding="utf-8") == "<p>report"


@needs_mlflow
def test_a_server_that_is_not_there_is_said_before_anything_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        place = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(LeukoscopeError) as caught:
            open_store(place)
    first, where, do = str(caught.value).splitlines()
    assert first.startswith("MLflow could not do it: API request to ")
    assert (where, do) == (
        f"  where: {place}",
        "  what to do: Mend that, and track the run again; its folder is as it was.",
    )


@needs_mlflow
def test_a_file_where_the_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(LeukoscopeError, match=r"MLflow could not do it: .*File exists"):
        open_store(tmp_path / "taken")


@needs_mlflow
def test_mlflow_tells_nobody_of_its_use(local: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY", raising=False)
    open_store(local)
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_another_kind_of_address_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        open_store("postgresql://here/mlflow")
    assert str(caught.value) == (
        "Runs are recorded in a folder or on a server; 'postgresql://here/mlflow' is neither.\n"
        "  what to do: --track tracking, --track http://127.0.0.1:5000"
    )


def test_without_mlflow_the_way_to_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in sys.modules if name.startswith("mlflow.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(SettingsError) as caught:
        open_store(tmp_path / "store")
    assert str(caught.value) == 'MLflow is not installed.\n  what to do: pip install "leukoscope[track]"'
    assert not (tmp_path / "store").exists()
