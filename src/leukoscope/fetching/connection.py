"""One request to a server: http and https only, certificates checked, proxies as the environment says."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from leukoscope.errors import DataError, SettingsError

SCHEMES = ("http", "https")
# Mendeley's server refuses whoever does not name a browser; the part in brackets says who is asking.
AGENT = "Mozilla/5.0 (compatible; leukoscope)"
TOO_MANY, SERVER_FAULT = 429, 500
NO_SUCH_FILE = {404, 410}
OUTSIDE_RANGE = 416
LONGEST_JSON = 10_000_000
LONGEST_WAIT = 60.0


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server.

    Args:
        timeout: Seconds without a single byte after which a connection counts as cut.
        tries: Failures in a row after which to give up; one megabyte that came in between starts the count anew.
        wait: Seconds before the second try; doubled for each further one, 60 at most.
    """

    timeout: float = 30.0
    tries: int = 5
    wait: float = 1.0


class InterruptedTransferError(Exception):
    """A connection ended early, or a server is busy; another try may help.

    Args:
        why: What happened, in plain words.
        answered: Whether the server had answered at all.
        wait: Seconds that the server asks to be left alone; None where it does not say.
    """

    def __init__(self, why: str, *, answered: bool, wait: float | None = None) -> None:
        super().__init__(why)
        self.why, self.answered, self.wait = why, answered, wait


class OutsideRangeError(InterruptedTransferError):
    """The file at the server is not the one that was begun: it must be got anew."""

    def __init__(self) -> None:
        super().__init__("the file at the server has changed meanwhile", answered=True)


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never from https to http: what came then could be anybody's."""

    def redirect_request(  # noqa: PLR0917 - urllib's own signature
        self,
        req: urllib.request.Request,
        fp: Any,  # noqa: ANN401
        code: int,
        msg: str,
        headers: Any,  # noqa: ANN401
        newurl: str,
    ) -> urllib.request.Request | None:
        if req.type == "https" and urllib.parse.urlsplit(newurl).scheme != "https":
            raise DataError("The server leads from a safe address (https) to one that is not.", where=newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def check_address(url: str) -> None:
    """Refuse an address that is not http or https.

    Raises:
        SettingsError: it is not.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise SettingsError("Only addresses with http:// or https:// can be fetched from.", where=url)


@contextlib.contextmanager
def connect(url: str, patience: Patience, headers: Mapping[str, str] | None = None) -> Iterator[Any]:
    """Ask for ``url``, and give the answer: an ``http.client.HTTPResponse`` or one that reads like it.

    Args:
        url: The address.
        patience: How long to wait.
        headers: What else to tell the server.

    Raises:
        SettingsError: the address is neither http nor https.
        DataError: the server has no such file, or refuses it.
        InterruptedTransferError: no connection, a busy server, or a connection that ended while it was read.
    """
    check_address(url)
    request = urllib.request.Request(url, headers={"User-Agent": AGENT, **(headers or {})})  # noqa: S310 - checked
    answered = False
    try:
        with _opener().open(request, timeout=patience.timeout) as answer:
            answered = True
            yield answer
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(error, url) from None
    except urllib.error.URLError as error:
        raise InterruptedTransferError(_said(error.reason), answered=False) from None
    except (http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError) as error:
        raise InterruptedTransferError(_said(error), answered=answered) from None


def read_json(url: str, patience: Patience) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON that lies at an address.

    Raises:
        DataError: the server refuses, or what comes is no JSON.
        InterruptedTransferError: as in ``connect``.
    """
    with connect(url, patience, {"Accept": "application/json"}) as answer:
        content = answer.read(LONGEST_JSON)
    try:
        return json.loads(content)
    except ValueError:
        raise DataError("The server's answer is not JSON.", where=url) from None


def _opener() -> urllib.request.OpenerDirector:
    # Not build_opener: it adds ftp:, file: and data:, to which a redirect could lead.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        _SafeRedirects(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _refused(error: urllib.error.HTTPError, url: str) -> Exception:
    code = error.code
    if code == TOO_MANY or code >= SERVER_FAULT:
        asked = error.headers.get("Retry-After", "")
        wait = min(float(asked), LONGEST_WAIT) if asked.isdigit() else None
        return InterruptedTransferError(f"the server is busy or out of order (answer {code})", answered=True, wait=wait)
    if code == OUTSIDE_RANGE:
        return OutsideRangeError()
    if code in NO_SUCH_FILE:
        what = f"The server has no such file (answer {code})."
        return DataError(
            what, where=url, do="It may have moved: look at the publisher's page, and name it with --from."
        )
    what = f"The server refuses the file (answer {code})."
    return DataError(what, where=url, do="Open the address in a browser: it may ask for an account or a licence.")


def _said(reason: object) -> str:
    text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return "nothing came for too long" if isinstance(reason, TimeoutError) else text
