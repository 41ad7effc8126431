"""What ``/openapi.json`` says of forms and answers."""

from __future__ import annotations

from typing import Any, Final

FILES: Final = {"type": "array", "items": {"type": "string", "format": "binary"}}
ONE_FILE: Final = {"type": "string", "format": "binary"}
TEXT: Final = {"type": "string"}
FACTS: Final = {"type": "string", "description": 'A JSON object: {"age": 61}. What is not known is left out.'}
PICTURES: Final = {**FILES, "description": "Pictures of one cell each, or one zip archive of them."}


def _form(needed: str, **fields: object) -> dict[str, Any]:
    schema = {"type": "object", "properties": fields, "required": [needed]}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


FORMS: Final[dict[str, dict[str, Any]]] = {
    "/v1/cells": _form("pictures", pictures=PICTURES),
    "/v1/patients": _form("pictures", pictures=PICTURES, facts=FACTS, patient=TEXT),
    "/v1/explain": _form("picture", picture=ONE_FILE, **{"class": TEXT}, method=TEXT, facts=FACTS),
    "/v1/fields": _form("pictures", pictures={**FILES, "description": "Pictures of whole fields."}),
}
"""The form of each path that takes one."""

NUMBER: Final = {"type": ["number", "null"]}
FLAG: Final = {"type": ["boolean", "null"]}
WORD: Final = {"type": ["string", "null"]}
SHARES: Final = {"type": ["object", "null"], "additionalProperties": {"type": ["number", "null"]}}
WORDS: Final = {"type": "array", "items": {"type": "string"}}


def _object(**fields: object) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


def _list(**fields: object) -> dict[str, Any]:
    return {"type": "array", "items": _object(**fields)}


CELL: Final = {
    "number": {"type": "integer"},
    "name": TEXT,
    "called": WORD,
    "probabilities": SHARES,
    "confidence": NUMBER,
    "referred": FLAG,
    "distance": NUMBER,
    "out_of_distribution": FLAG,
    "seen_in_training": FLAG,
    "problem": WORD,
}
INTERVAL: Final = {**_object(low=NUMBER, high=NUMBER, level=NUMBER, of=TEXT, what=TEXT), "type": ["object", "null"]}
PATIENT: Final = _object(
    name=TEXT,
    called=WORD,
    probabilities=SHARES,
    interval=INTERVAL,
    threshold=NUMBER,
    band=WORD,
    referred=FLAG,
    remarks=WORDS,
    cells={"type": "integer"},
    unreadable={"type": "integer"},
    strange_cells={"type": ["integer", "null"]},
    shares_called=SHARES,
    problem=WORD,
)
LIKE: Final = _list(label=WORD, distance=NUMBER, picture=WORD)
NAMED: Final = _list(name=TEXT, title=TEXT, probability=NUMBER)
BOX: Final = {"field": TEXT, "left": NUMBER, "top": NUMBER, "right": NUMBER, "bottom": NUMBER, "cut_off": FLAG}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "/v1/cells": _object(cells=_list(**CELL), threshold=NUMBER, notes=WORDS, research_use_only=TEXT),
    "/v1/patients": _object(
        patient=PATIENT, cells=_list(**CELL, evidence=NUMBER), explained=WORD, notes=WORDS, research_use_only=TEXT
    ),
    "/v1/explain": _object(
        shown=TEXT,
        picture=TEXT,
        map=WORD,
        classes=NAMED,
        nearest=LIKE,
        flagged=FLAG,
        distance=NUMBER,
        method=WORD,
        what=TEXT,
        research_use_only=TEXT,
    ),
    "/v1/fields": _object(cells=_list(name=TEXT, **BOX, picture=TEXT), notes=WORDS, research_use_only=TEXT),
    "/v1/bundle": _object(name=TEXT, task={"enum": ["cells", "patients"]}, research_use_only=TEXT),
    "/v1/progress/{key}": _object(step=WORD, done={"type": "integer"}, of={"type": "integer"}, research_use_only=TEXT),
    "/v1/example": _object(pictures=_list(name=TEXT, data=TEXT), facts={"type": "object"}, research_use_only=TEXT),
}
"""What each path answers with 200."""
ERROR: Final = _object(error=_object(code=TEXT, what=TEXT, where=WORD, do=WORD), research_use_only=TEXT)
REFUSED: Final = {
    401: "The token is missing, or another.",
    408: "The form did not arrive in time, or the client went away.",
    413: "Too many bytes, or too many pictures.",
    415: "No form.",
    422: "The form, a picture, a fact or a name is not what it must be; or no picture can be read.",
    429: "There is too much to do; Retry-After says when to try again.",
    503: "The bundle is being loaded, the service is being stopped, or the answer took too long.",
}


def answers_of(path: str) -> dict[int | str, dict[str, Any]]:
    """Return what a path answers, by status.

    Args:
        path: One of ``ANSWERS``.
    """
    found: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": ANSWERS[path]}}}}
    refused = REFUSED if path in FORMS else {status: REFUSED[status] for status in (401, 503)}
    told = {"application/json": {"schema": ERROR}}
    return found | {status: {"description": said, "content": told} for status, said in refused.items()}
