"""The page before the real service with tiny bundles: what the stand-in says is what the service says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leukoscope.bundles.bundle import Bundle
from leukoscope.service.running import server_of
from leukoscope.service.served import Served
from leukoscope.service.settings import Settings

Visit = Callable[..., Any]
TOKEN = "sixteen letters or more"


@contextmanager
def running(bundle: Bundle, until: Callable[..., None], **settings: Any) -> Iterator[str]:
    served = Served(lambda: bundle, Settings(port=0, **settings))
    server = server_of(served)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    finally:
        server.begin_to_stop()
        thread.join(30)


def test_a_patient(visit: Visit, patients: Bundle, until: Callable[..., None], folder: Path) -> None:
    with running(patients, until) as url:
        page = visit(url)
        page.set_input_files("#folder", folder)
        page.wait_for_selector("#picked strong")
        page.fill("#fact-age", "50")
        page.select_option("#fact-sex", label="F")
        page.click("#go")
        page.wait_for_selector("#result-title")
        assert page.inner_text("#answer") in ("normal cell", "leukaemic blast")
        assert "5\u00a0cells looked at; 1\u00a0picture could not be used" in page.inner_text(".answer")
        assert page.get_attribute(".tile.is-unusable", "title") == "P12/broken.png"
        assert page.locator(".answer .scale-interval").count() == 1
        page.click(".tile >> nth=0")
        page.wait_for_selector("#heat-map")
        page.evaluate("Promise.all([...document.querySelectorAll('dialog img')].map((image) => image.decode()))")
        assert page.locator("#top-classes li").count() == 2
        assert page.locator("#nearest img").count() == 2
        page.keyboard.press("Escape")
        page.click("#anew")
        page.click("#example")
        page.wait_for_selector("#result-title")
        assert page.locator(".tile").count() == 12
        page.context.close()


def test_cells_with_a_token(visit: Visit, cells: Bundle, until: Callable[..., None], folder: Path) -> None:
    with running(cells, until, token=TOKEN) as url:
        page = visit(url)
        page.wait_for_selector("dialog.token")
        page.fill("#token", TOKEN)
        page.keyboard.press("Enter")
        page.wait_for_selector("#ask:not([hidden])")
        page.check("input[name=mode][value=cells]")
        page.set_input_files("#folder", folder)
        page.wait_for_selector("#picked strong")
        page.click("#go")
        page.wait_for_selector("#result-title")
        assert page.inner_text(".answer caption") == "5\u00a0cells looked at"
        page.click("#anew")
        page.check("input[name=mode][value=patient]")
        page.set_input_files("#files", [folder / "broken.png"])
        page.wait_for_selector("#picked strong")
        page.click("#go")
        page.wait_for_selector("#problem .problem")
        assert page.inner_text("#problem h3") == "The service cannot use what was sent."
        page.context.close()
