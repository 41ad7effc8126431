from __future__ import annotations

import io

from rich.console import Console

from leukoscope.studies.telling import Teller


def test_time_left_comes_from_the_runs_done_in_this_sitting() -> None:
    printed, times = io.StringIO(), iter([0, 0, 60, 60, 120, 200])
    teller = Teller("run", 4, Console(file=printed, width=200), clock=lambda: float(next(times)))
    teller.begin("a")
    teller.end("finished before")
    teller.begin("b")
    teller.end("finished")
    teller.begin("c[0]")
    teller.end("failed", "No weights [resnet18].")
    teller = Teller("run", 1, None)
    teller.begin("silent")
    assert printed.getvalue() == (
        "run 1 of 4: a\n"
        "  was finished before\n"
        "run 2 of 4: b\n"
        "  finished after 60 s\n"
        "run 3 of 4: c[0], about 2 min left\n"
        "  failed after 60 s: No weights [resnet18].\n"
    )
