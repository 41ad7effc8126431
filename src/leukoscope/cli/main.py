"""The entry point: the verbs, and how errors and warnings reach the terminal."""

from __future__ import annotations

import errno
import sys
import warnings
from collections.abc import Callable
from typing import Annotated

import typer

import leukoscope
from leukoscope.cli import (
    audit,
    compare,
    datasets,
    doctor,
    draw,
    ensemble,
    errors,
    evaluate,
    explain,
    export,
    extract,
    fetch,
    merge,
    predict,
    recipes,
    report,
    rescore,
    serve,
    split,
    sweep,
    train,
)
from leukoscope.cli.output import error_console, say_warning
from leukoscope.errors import LeukoscopeError

app = typer.Typer(
    name="leukoscope",
    help="Pictures of blood cells: train, measure, predict. Research use only; not a medical device.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
VERBS: dict[str, Callable[..., None]] = {
    "audit": audit.audit,
    "compare": compare.compare,
    "datasets": datasets.datasets,
    "doctor": doctor.doctor,
    "draw": draw.draw,
    "ensemble": ensemble.ensemble,
    "errors": errors.errors,
    "evaluate": evaluate.evaluate,
    "explain": explain.explain,
    "export": export.export,
    "extract": extract.extract,
    "fetch": fetch.fetch,
    "merge": merge.merge,
    "predict": predict.predict,
    "recipes": recipes.recipes,
    "report": report.report,
    "rescore": rescore.rescore,
    "serve": serve.serve,
    "split": split.split,
    "sweep": sweep.sweep,
    "train": train.train,
}
for _name, _verb in VERBS.items():
    app.command(_name)(_verb)


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"leukoscope {leukoscope.__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Pictures of blood cells: train, measure, predict. Research use only; not a medical device."""


UNWRITABLE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
}


def main() -> None:
    """Run the command line; what the user can mend is one message and exit code 2."""
    warnings.showwarning = say_warning
    try:
        app()
    except LeukoscopeError as error:
        _fail(str(error), error.exit_code)
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        where = f"\n  where: {error.filename}" if error.filename else ""
        _fail(f"{error.strerror}.{where}\n  what to do: Free some space or name a folder that can be written.", 2)


def _fail(message: str, code: int) -> None:
    error_console().print(f"[bold red]Error:[/] {_escaped(message)}", highlight=False, soft_wrap=True)
    sys.exit(code)


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
