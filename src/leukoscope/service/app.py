"""The application: which path is answered by what."""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from leukoscope.bundles.card import RESEARCH_USE_ONLY
from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.service.about import about
from leukoscope.service.cells import answer_cells
from leukoscope.service.described import FORMS, answers_of
from leukoscope.service.example import example_of
from leukoscope.service.explain import answer_explain
from leukoscope.service.faults import add_faults
from leukoscope.service.fields import answer_fields
from leukoscope.service.gate import Gate
from leukoscope.service.keeping import keep
from leukoscope.service.page_files import INDEX, page_files
from leukoscope.service.patients import answer_patients, refuse_other_texts
from leukoscope.service.progress import HEADER
from leukoscope.service.refusal import Refusal, busy
from leukoscope.service.served import Served, State
from leukoscope.service.settings import Settings
from leukoscope.service.staying import while_there
from leukoscope.service.upload import Upload, receive

Answering = Callable[[Served, Upload], Coroutine[Any, Any, dict[str, Any]]]


async def _cells(served: Served, upload: Upload) -> dict[str, Any]:
    refuse_other_texts(upload.texts, ())
    return await answer_cells(served, upload)


POSTED: dict[str, tuple[Answering, str]] = {
    "/v1/cells": (_cells, "What each picture of a cell shows."),
    "/v1/patients": (answer_patients, "What a patient has, by pictures of their cells."),
    "/v1/explain": (answer_explain, "Why a bundle says of one cell what it says."),
    "/v1/fields": (answer_fields, "The white cells of whole fields, cut out."),
}
"""What is asked with a form: by what it is answered, and what it is."""
PROGRESS = "/v1/progress/{key}"


def make_app(bundle: AnyBundle | Callable[[], AnyBundle], settings: Settings | None = None) -> ASGIApp:
    """Return the application (ASGI) that serves a bundle; its threads end with its lifespan.

    Args:
        bundle: A bundle, or what reads one: then the application answers 503 until that is done.
        settings: How it is served; the usual ones where None.
    """
    opening = bundle if callable(bundle) else (lambda: bundle)
    return app_of(Served(opening, settings or Settings()))


def app_of(served: Served) -> ASGIApp:
    """Return the application of a bundle that is being served.

    Args:
        served: The bundle.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(served.close)

    app = FastAPI(
        title="Leukoscope",
        version=importlib.metadata.version("leukoscope"),
        description=f"What a trained bundle says of pictures of blood cells. {RESEARCH_USE_ONLY}",
        docs_url=None,  # its page asks other servers for its scripts
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.served = served
    add_faults(app, served)
    for path, (answering, summary) in POSTED.items():
        app.add_api_route(
            path,
            _posted(served, answering, path),
            methods=["POST"],
            summary=summary,
            openapi_extra={"requestBody": FORMS[path]},
            responses=answers_of(path),
            response_class=JSONResponse,
        )
    _add_state(app, served)
    _add_page(app)
    return Gate(app, served)


def _posted(served: Served, answering: Answering, path: str) -> Callable[[Request], Awaitable[Response]]:
    async def posted(request: Request) -> Response:
        served.refuse_unless_ready()
        if served.thread.full:
            raise busy("Too many requests are waiting.")
        limits, upload = served.settings.limits, Upload()
        try:
            with served.requests.request(request.headers.get(HEADER)) as upload.progress:
                await receive(request, limits, served.room, upload, limits.pictures)
                request.state.counts = {"files": len(upload.files), "bytes": upload.bytes}
                async with asyncio.timeout(limits.seconds):
                    answer = await while_there(request, answering(served, upload))
            if served.settings.keep is not None:
                number = request.state.request_id
                await asyncio.to_thread(keep, served.settings.keep, number, path, upload, answer)
        except TimeoutError:
            what = f"The answer was not ready within {limits.seconds:g} seconds."
            raise Refusal(503, "too_long", what, do="Send fewer pictures at a time, or try again.", after=10) from None
        finally:
            served.forget(upload)
        return JSONResponse(answer)

    return posted


def _add_state(app: FastAPI, served: Served) -> None:
    @app.get("/v1/bundle", summary="What is served, and what it takes.", responses=answers_of("/v1/bundle"))
    async def bundle() -> Response:
        return JSONResponse(about(served))

    @app.get(PROGRESS, summary="How far a request is.", responses=answers_of(PROGRESS))
    async def progress(key: str) -> Response:
        return JSONResponse({**served.requests.said(key), "research_use_only": RESEARCH_USE_ONLY})

    @app.get("/v1/example", summary="A drawn patient to try the service with.", responses=answers_of("/v1/example"))
    def example() -> Response:
        return JSONResponse(served.example(example_of))

    @app.get("/healthz", summary="Whether it lives.")
    async def healthz() -> Response:
        return JSONResponse({"lives": True})

    @app.get("/readyz", summary="Whether the bundle is loaded and has passed its self-test.")
    async def readyz() -> Response:
        ready = served.state is State.READY
        return JSONResponse({"ready": ready, "state": served.state}, 200 if ready else 503)

    @app.get("/metrics", summary="Measures for Prometheus.")
    async def metrics() -> Response:
        return Response(served.metrics.text(), media_type=served.metrics.content_type)


def _add_page(app: FastAPI) -> None:
    files = page_files()

    def of(name: str) -> Response:
        if name not in files:
            raise HTTPException(404)
        found = files[name]
        return Response(found.content, media_type=found.type, headers={"Cache-Control": "no-cache"})

    @app.get("/", include_in_schema=False)
    async def index() -> Response:
        return of(INDEX)

    @app.get("/page/{path:path}", include_in_schema=False)
    async def page(path: str) -> Response:
        return of(path)
