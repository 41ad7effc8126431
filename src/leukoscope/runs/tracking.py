"""Recording finished runs in MLflow: a local SQLite store or a server; one MLflow run a run folder."""

from __future__ import annotations

import contextlib
import importlib
import os
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leukoscope.errors import LeukoscopeError, SettingsError
from leukoscope.runs.run import Run
from leukoscope.runs.tracked import IDENTITY, Told, told_of

DATABASE, ARTIFACTS = "mlflow.db", "artifacts"
SERVERS = ("http://", "https://")
AT_ONCE = 100
"""MLflow takes at most 100 settings and 100 tags at a time."""
ENVIRONMENT = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2"}
"""Set where you have not set them: MLflow sends nobody word of its use, and gives up on a server that is not there."""


@dataclass(frozen=True)
class Store:
    """Where runs are recorded, ready for use.

    Args:
        uri: ``sqlite:///FOLDER/mlflow.db``, or a server's address.
        artifacts: Where files go, as a URI; None where the server says.
        client: The ``mlflow.tracking.MlflowClient``.
    """

    uri: str
    artifacts: str | None
    client: Any

    @property
    def look(self) -> str:
        """The way to look at what is recorded."""
        return self.uri if self.artifacts is None else f"mlflow server --backend-store-uri {shlex.quote(self.uri)}"


@dataclass(frozen=True)
class Tracked:
    """A run as it is recorded.

    Args:
        run_id: MLflow's id of it.
        name: Its name there.
        experiment: The experiment that it stands in.
        new: False where the run was there and has been brought up to date.
        store: Where.
    """

    run_id: str
    name: str
    experiment: str
    new: bool
    store: Store

    def __repr__(self) -> str:
        done = "recorded in" if self.new else "brought up to date in"
        return f"{self.name}: {done} MLflow, experiment {self.experiment!r}; to look: {self.store.look}"


def open_store(place: Path | str) -> Store:
    """Open a store and make sure that it answers, so that a mistake shows before anything is trained.

    Args:
        place: A folder (made where there is none; ``mlflow.db`` and ``artifacts/`` go there), or a server's address.

    Raises:
        SettingsError: MLflow is not installed, or the place is an address of another kind.
        LeukoscopeError: the store does not answer.
    """
    if isinstance(place, str) and place.startswith(SERVERS):
        uri, artifacts = place, None
    elif "://" in str(place):
        raise SettingsError(
            f"Runs are recorded in a folder or on a server; {str(place)!r} is neither.",
            do="--track tracking, --track http://127.0.0.1:5000",
        )
    else:
        folder = Path(place).resolve()
        uri, artifacts = f"sqlite:///{folder / DATABASE}", (folder / ARTIFACTS).as_uri()
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    client = _mlflow("tracking").MlflowClient
    with _answering(uri):
        if artifacts is not None:
            Path(place).mkdir(parents=True, exist_ok=True)
        store = Store(uri, artifacts, client(tracking_uri=uri))
        store.client.search_experiments(max_results=1)
    return store


def track(run: Run | Path | str, store: Store | Path | str, *, experiment: str | None = None) -> Tracked:
    """Record a finished run: settings, history, scores with intervals, report. One that is there is brought up to date.

    Args:
        run: The run, or its folder.
        store: The store, or its place as for ``open_store``.
        experiment: The experiment's name; the data set's where not given, since runs on the same data can be compared.

    Raises:
        SettingsError: MLflow is not installed.
        DataError: the folder holds no finished run.
        LeukoscopeError: MLflow refused something, or does not answer.
    """
    opened = store if isinstance(store, Store) else open_store(store)
    told = told_of(run if isinstance(run, Run) else Run(Path(run)))
    name = experiment or told.data
    with _answering(opened.uri):
        place = _experiment(opened, name)
        found = opened.client.search_runs([place], f"tags.`{IDENTITY}` = '{told.identity}'", max_results=1)
        kept = found[0] if found else opened.client.create_run(place, told.started, run_name=told.name)
        _write(opened.client, kept, told)
    return Tracked(kept.info.run_id, told.name, name, not found, opened)


def _experiment(store: Store, name: str) -> str:
    found = store.client.get_experiment_by_name(name)
    if found is None:
        return str(store.client.create_experiment(name, store.artifacts))
    if found.lifecycle_stage != "active":
        raise SettingsError(
            f"The experiment {name!r} was deleted in MLflow.",
            where=store.uri,
            do=f"mlflow experiments restore --experiment-id {found.experiment_id}",
        )
    return str(found.experiment_id)


def _write(client: Any, kept: Any, told: Told) -> None:  # noqa: ANN401 - MLflow's own classes
    """Write everything; what is there already is neither doubled nor, being a setting, changed."""
    entities, number = _mlflow("entities"), kept.info.run_id
    settings = [entities.Param(*pair) for pair in told.settings.items() if pair[0] not in kept.data.params]
    values = [entities.Metric(name, value, told.finished, epoch) for name, value, epoch in told.values]
    tags = [entities.RunTag(*pair) for pair in told.tags.items()]
    for some in _pieces(tags):
        client.log_batch(number, tags=some)
    for some in _pieces(settings):
        client.log_batch(number, params=some)
    for some in _pieces(values):
        client.log_batch(number, metrics=some)
    for file in told.files:
        client.log_artifact(number, str(file))
    client.update_run(number, name=told.name)
    client.set_terminated(number, "FINISHED", told.finished)


def _pieces(rows: Sequence[Any]) -> Iterator[list[Any]]:
    return (list(rows[start : start + AT_ONCE]) for start in range(0, len(rows), AT_ONCE))


def _mlflow(part: str) -> Any:  # noqa: ANN401 - a module that need not be there
    try:
        importlib.import_module("mlflow")
    except ModuleNotFoundError as error:
        if error.name != "mlflow":
            raise
        raise SettingsError("MLflow is not installed.", do='pip install "leukoscope[track]"') from None
    return importlib.import_module(f"mlflow.{part}")


@contextlib.contextmanager
def _answering(uri: str) -> Iterator[None]:
    """Turn what MLflow says into words; nothing of the run itself is lost when it refuses."""
    refusal = _mlflow("exceptions").MlflowException
    try:
        yield
    except (refusal, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise LeukoscopeError(
            f"MLflow could not do it: {reason}.",
            where=uri,
            do="Mend that, and track the run again; its folder is as it was.",
        ) from error
