"""A request that is refused: why, in words, and with which status of HTTP."""

from __future__ import annotations

from typing import Any

from leukoscope.bundles.card import RESEARCH_USE_ONLY
from leukoscope.errors import LeukoscopeError


class Refusal(LeukoscopeError):  # noqa: N818 - what it is called wherever it is spoken of
    """A request is refused.

    Args:
        status: Of HTTP, 400 to 599.
        code: A word for programs: ``too_many_pictures``.
        what: As of ``LeukoscopeError``.
        where: The part of the request; never a place on this machine.
        do: What to do about it.
        after: In how many seconds to try again; None where that does not help.
    """

    def __init__(
        self,
        status: int,
        code: str,
        what: str,
        *,
        where: str | None = None,
        do: str | None = None,
        after: int | None = None,
    ) -> None:
        super().__init__(what, where=where, do=do)
        self.status, self.code, self.after = status, code, after

    def as_json(self) -> dict[str, Any]:
        """Return the answer; of a client's words it spells out what UTF-8 cannot hold."""
        told = {"code": self.code, "what": self.what, "where": self.where, "do": self.do}
        error = {name: None if words is None else plain_words(words) for name, words in told.items()}
        return {"error": error, "research_use_only": RESEARCH_USE_ONLY}


def plain_words(words: str) -> str:
    """Return words that UTF-8 can hold; JSON can name halves of characters, which it cannot.

    Example:
        >>> plain_words("age " + chr(0xD800)) == "age " + chr(92) + "ud800"
        True
    """
    return words.encode("utf-8", errors="backslashreplace").decode("utf-8")


def unfit(error: LeukoscopeError, code: str = "not_possible") -> Refusal:
    """Return the refusal of what a lower room has refused, without places on this machine.

    Args:
        error: What it raised.
        code: As of ``Refusal``.
    """
    return Refusal(422, code, error.what, do=error.do)


def busy(what: str, after: int = 2) -> Refusal:
    """Return the refusal of a request that comes while there is too much to do.

    Args:
        what: As of ``Refusal``.
        after: As of ``Refusal``.
    """
    return Refusal(429, "busy", what, do=f"Try again in {after} seconds.", after=after)


def stopping() -> Refusal:
    """Return the refusal of a request that comes while the service stops."""
    return Refusal(
        503, "stopping", "The service is being stopped; it takes no new requests.", do="Try again later.", after=10
    )


def failed() -> Refusal:
    """Return the answer to a request on which the service itself has failed."""
    what = "The service has failed on this request; its log says where."
    return Refusal(500, "failed", what, do="Tell whoever runs it.")


def not_ready() -> Refusal:
    """Return the refusal of a request that comes before the bundle is loaded."""
    return Refusal(503, "loading", "The bundle is being loaded.", do="Try again in a few seconds.", after=3)
