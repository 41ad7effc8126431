from __future__ import annotations

from pathlib import Path

import pytest

from leukoscope.errors import SettingsError
from leukoscope.service.limits import Limits
from leukoscope.service.settings import Settings, read_token


def test_a_host_that_others_reach_needs_a_token() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.7", "lab.example"):
        with pytest.raises(SettingsError) as caught:
            Settings(host=host)
        assert caught.value.what == f"Whoever reaches {host} could use the service, and there is no token."
        assert "--token-file" in str(caught.value.do)
        assert not Settings(host=host, no_token=True).own_machine
        assert not Settings(host=host, token="0123456789abcdef").own_machine
    assert all(Settings(host=host).own_machine for host in ("127.0.0.1", "127.8.0.1", "::1", "localhost"))


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(SettingsError, match="A port lies between 0 and 65535, not at 70000"):
        Settings(port=70_000)
    with pytest.raises(SettingsError, match="A token of less than 16 characters can be guessed"):
        Settings(token="secret")
    with pytest.raises(
        SettingsError, match=r"The limit 'megapixels' of a service lies between 0\.01 and 50, not at 51"
    ):
        Limits(megapixels=51)
    with pytest.raises(SettingsError, match="The limit 'pictures' of a service lies between 1 and 100,000, not at 0"):
        Limits(pictures=0)


def test_a_token_is_the_first_line_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "token.txt"
    file.write_text(" 0123456789abcdef \nanother\n", encoding="ascii")
    assert read_token(file) == "0123456789abcdef"
    file.write_bytes(b"")
    with pytest.raises(SettingsError, match="The file of the token is empty"):
        read_token(file)
    file.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="it holds more than plain letters, digits and signs"):
        read_token(file)
    with pytest.raises(SettingsError, match="The file of the token cannot be read: No such file or directory"):
        read_token(tmp_path / "nowhere.txt")
