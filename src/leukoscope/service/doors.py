"""Who may ask: the token, and for a service without one that is this machine's own, no foreign web page."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from starlette.requests import Request

from leukoscope.service.refusal import Refusal
from leukoscope.service.settings import Settings, is_own_machine

OPEN = ("/", "/healthz", "/readyz", "/openapi.json", "/favicon.ico")


def refuse_strangers(request: Request, settings: Settings) -> None:
    """Refuse whoever may not ask.

    Args:
        request: The request; nothing of its body is read.
        settings: The service's.

    Raises:
        Refusal: the token is missing or another; or, without one, a web page of elsewhere asks.
    """
    if settings.token is None:
        _refuse_foreign_pages(request, own=settings.own_machine and not settings.no_token)
        return
    path = request.url.path
    if path in OPEN or path.startswith("/page/"):
        return
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    same = hmac.compare_digest(given.strip().encode(), settings.token.encode())
    if scheme.lower() != "bearer" or not same:
        what = "The token is missing." if not given else "The token is not the service's."
        raise Refusal(401, "no_token", what, where="Authorization", do="Send the header: Authorization: Bearer TOKEN.")


def _refuse_foreign_pages(request: Request, *, own: bool) -> None:
    """Refuse what a web page of elsewhere makes the browser ask: it would use a service without a token unnoticed.

    Args:
        request: The request.
        own: Whether it must be sent to a name of this machine's own, too.
    """
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    try:
        foreign = origin is not None and urlsplit(origin).netloc.lower() != host.lower()
        foreign |= own and not is_own_machine(urlsplit(f"//{host}").hostname or "")
    except ValueError:  # no address at all
        foreign = True
    if foreign:
        raise Refusal(
            403,
            "foreign_page",
            "The request comes from a page of elsewhere, or was sent to another name than this machine's own.",
            do="Open http://127.0.0.1 with the service's port; behind a proxy give the service a token (--token-file).",
        )
