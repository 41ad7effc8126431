"""Whatever goes wrong while a request is answered becomes an answer in plain words."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from leukoscope.errors import LeukoscopeError
from leukoscope.service.gate import refusal_answer
from leukoscope.service.refusal import Refusal, unfit
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
            what = "The service has failed on this request; its log says where."
            refusal = Refusal(500, "failed", what, do="Tell whoever runs it.")
        return await refusal_answer(request.scope["state"]["passing"], refusal, served)

    # An Exception is answered here, and then raised once more: the gate writes it to the log.
    for kind in (LeukoscopeError, Exception):
        app.add_exception_handler(kind, refused)
    app.add_exception_handler(HTTPException, no_such_path)


async def no_such_path(_: Request, error: Exception) -> Response:
    """Answer a path that is not there, or not asked in this way."""
    assert isinstance(error, HTTPException), "registered for it alone"
    missing = error.status_code == NOT_FOUND
    what = "There is nothing at this path." if missing else "This path is not asked in this way."
    refusal = Refusal(error.status_code, "no_such_path", what, do="/openapi.json lists all paths.")
    return JSONResponse(refusal.as_json(), error.status_code, dict(error.headers or {}))
