"""``leukoscope serve``: a bundle behind HTTP, with a page for people and an API for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.options import Device


def serve(
    bundle: Annotated[Path, typer.Argument(help="The bundle of a run: runs/first/bundle.")],
    *,
    host: Annotated[str, typer.Option(help="Address to listen at; others than this machine's own need a token.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(help="Port; 0 for any that is free.")] = 8000,
    token_file: Annotated[
        Path | None, typer.Option(help="A file whose first line is the token that every request must bring along.")
    ] = None,
    no_token: Annotated[bool, typer.Option("--no-token", help="Let whoever reaches --host use it.")] = False,
    max_upload: Annotated[int, typer.Option(metavar="MB", help="MiB of one request.")] = 200,
    max_pictures: Annotated[int, typer.Option(metavar="N", help="Pictures in one request.")] = 1000,
    max_pixels: Annotated[
        float, typer.Option(metavar="MP", help="Millions of pixels of one picture, 50 at most.")
    ] = 50,
    timeout: Annotated[
        float, typer.Option(metavar="S", help="Seconds for a request to arrive, and again to be answered.")
    ] = 120,
    queue: Annotated[int, typer.Option(metavar="N", help="Requests that may wait; more are told to come again.")] = 64,
    keep: Annotated[
        Path | None, typer.Option(help="Keep all pictures, facts and answers in this folder; else nothing is kept.")
    ] = None,
    device: Device = "auto",
) -> None:
    """Serve a bundle to programs and, as a page, to people; on this machine alone unless told otherwise."""
    from leukoscope.service.libraries import refuse_without_libraries

    refuse_without_libraries()
    from leukoscope.service.limits import Limits
    from leukoscope.service.settings import Settings, read_token

    limits = Limits(max_upload, max_pictures, max_pixels, timeout, queue)
    token = None if token_file is None else read_token(token_file)
    settings = Settings(host, port, token, no_token, limits, keep)
    from leukoscope.inference.opening import opened
    from leukoscope.service.running import serve as run

    run(lambda: opened(bundle, device), settings)
