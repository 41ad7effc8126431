"""Whatever goes wrong while a request is answered becomes an answer in plain words."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from leukoscope.errors import LeukoscopeError
from leukoscope.service.gate import refusal_answer
from leukoscope.service.refusal import Refusal, failed, unfit
from leukoscope.service.served import Served

NOT_FOUND = 404


def add_faults(app: FastAPI, served: Served) -> None:
    """Let an application answer its errors as ``Refusal.as_json`` has them.

    Args:
        app: The application.
        served: The bundle that it serves.
    """

    async def refused(request: Request, error: Exception) -> Response:
        if isinstance(error, Refusal):
            refusal = error
        elif isinstance(error, LeukoscopeError):
            refusal = unfit(error)
        else:
            refusal = failed()
        return await refusal_answer(request.scope["state"]["passing"], refusal, served)

    # An Exception is answered here, and then raised once more: the gate writes it to the log.
    for kind in (LeukoscopeError, Exception):
        app.add_exception_handler(kind, refused)

    async def no_such_path(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException), "registered for it alone"
        answer = await refusal_answer(request.scope["state"]["passing"], _nowhere(error), served)
        answer.headers.update(error.headers or {})
        return answer

    app.add_exception_handler(HTTPException, no_such_path)


def _nowhere(error: HTTPException) -> Refusal:
    """Return the refusal of a path that is not there, or not asked in this way."""
    missing = error.status_code == NOT_FOUND
    what = "There is nothing at this path." if missing else "This path is not asked in this way."
    return Refusal(error.status_code, "no_such_path", what, do="/openapi.json lists all paths.")
