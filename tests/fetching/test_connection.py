from __future__ import annotations

from typing import Any

import pytest

from leukoscope.errors import DataError, SettingsError
from leukoscope.fetching.connection import AGENT, InterruptedTransferError, Patience, check_address, connect, read_json


@pytest.mark.parametrize("url", ["ftp://x.org/a", "file:///etc/passwd", "bloodmnist.npz", "http:///a", ""])
def test_only_http_and_https_are_addresses(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check_address(url)
    assert str(caught.value) == f"Only addresses with http:// or https:// can be fetched from.\n  where: {url}"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x"])
def test_a_redirect_to_anything_but_http_is_refused(site: Any, patience: Patience, target: str) -> None:
    site.redirects["/a"] = target
    with pytest.raises((DataError, InterruptedTransferError)), connect(f"{site.address}/a", patience) as answer:
        answer.read()


def test_a_redirect_is_followed(site: Any, patience: Patience) -> None:
    site.files["/b"] = b"here"
    site.redirects["/a"] = f"{site.address}/b"
    with connect(f"{site.address}/a", patience) as answer:
        assert answer.read() == b"here"


def test_the_program_says_who_it_is(site: Any, patience: Patience) -> None:
    site.files["/a"] = b"[1]"
    assert read_json(f"{site.address}/a", patience) == [1]
    assert site.agents == {AGENT}
    assert "leukoscope" in AGENT


def test_what_is_no_json_is_said(site: Any, patience: Patience) -> None:
    site.files["/a"] = b"<html>log in</html>"
    with pytest.raises(DataError) as caught:
        read_json(f"{site.address}/a", patience)
    assert str(caught.value) == f"The server's answer is not JSON.\n  where: {site.address}/a"


def test_a_missing_file_is_said_at_once(site: Any, patience: Patience) -> None:
    with pytest.raises(DataError) as caught, connect(f"{site.address}/a", patience):
        pass
    assert str(caught.value) == (
        f"The server has no such file (answer 404).\n  where: {site.address}/a\n"
        "  what to do: It may have moved: look at the publisher's page, and name it with --from."
    )
    assert len(site.asked) == 1


def test_a_file_behind_a_login_is_said(site: Any, patience: Patience) -> None:
    site.answers = [403]
    with pytest.raises(DataError, match=r"The server refuses the file \(answer 403\)."):
        read_json(f"{site.address}/a", patience)


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_busy_server_may_be_asked_again(site: Any, patience: Patience, code: int) -> None:
    site.answers = [code]
    with pytest.raises(InterruptedTransferError) as caught:
        read_json(f"{site.address}/a", patience)
    assert caught.value.answered
    assert caught.value.why == f"the server is busy or out of order (answer {code})"


def test_a_proxy_that_the_environment_names_is_used(
    site: Any, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", site.address)
    monkeypatch.setenv("no_proxy", "")
    site.files["http://data.invalid/a"] = b"by the proxy"
    with connect("http://data.invalid/a", patience) as answer:
        assert answer.read() == b"by the proxy"
