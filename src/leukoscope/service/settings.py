"""Where a service listens, who may ask it, and what it keeps."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from leukoscope.errors import SettingsError
from leukoscope.service.limits import Limits

SHORTEST_TOKEN = 16


@dataclass(frozen=True)
class Settings:
    """How a bundle is served.

    Args:
        host: The address to listen at.
        port: The port, 0 to 65535; 0 for any that is free.
        token: What every request must bring along; None for nothing.
        no_token: That a host which others can reach is meant to be open to all of them.
        limits: What a request may be at most.
        keep: A folder where pictures and answers are kept; None for nothing, which is the rule.

    Raises:
        SettingsError: a host that others can reach without a token, a port out of range, a token too short.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = field(default=None, repr=False)
    no_token: bool = False
    limits: Limits = field(default_factory=Limits)
    keep: Path | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:  # noqa: PLR2004 - a port has two bytes
            raise SettingsError(f"A port lies between 0 and 65535, not at {self.port}.", where="--port")
        if self.token is not None and len(self.token) < SHORTEST_TOKEN:
            raise SettingsError(
                f"A token of less than {SHORTEST_TOKEN} characters can be guessed.",
                where="--token-file",
                do='Make one: python -c "import secrets; print(secrets.token_urlsafe())" > token.txt',
            )
        if self.token is None and not self.no_token and not self.own_machine:
            raise SettingsError(
                f"Whoever reaches {self.host} could use the service, and there is no token.",
                where="--host",
                do="Name a file with a token (--token-file), stay at 127.0.0.1, or say --no-token if all may use it.",
            )

    @property
    def own_machine(self) -> bool:
        """Whether only programs on this machine reach the service."""
        return is_own_machine(self.host)


def is_own_machine(host: str) -> bool:
    """Return whether a host's name, or address, is this machine's own and no one else's.

    Example:
        >>> [is_own_machine(host) for host in ("127.0.0.1", "localhost", "::1", "[::1]", "0.0.0.0", "lab.example")]
        [True, True, True, True, False, False]
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def read_token(path: Path) -> str:
    """Return the token in a file: its first line, without blanks around it.

    Raises:
        SettingsError: the file cannot be read, or has no token.
    """
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds more than plain letters, digits and signs"
        raise SettingsError(f"The file of the token cannot be read: {reason}.", where=str(path)) from None
    token = lines[0].strip() if lines else ""
    if not token:
        raise SettingsError("The file of the token is empty.", where=str(path))
    return token
