"""The command line: each verb with its arguments and options."""

from __future__ import annotations

import re
from typing import Any

import typer

from generated_pages.markdown import code, plain, prose, table
from leukoscope.cli.main import app

HEAD = ("argument or option", "meaning", "default, range")
KIND = re.compile(r"<(?:list\[)?(?P<kind>\w+)(?: range)?\]?>")
KINDS = {"str": "text", "int": "number", "float": "number"}
EXTRA = re.compile(r"\s*\[(?P<extra>[^\[\]]*(?:default: |x[<>]=?|required)[^\[\]]*)\]$")


def command_line() -> str:
    """Return one section a verb."""
    group: Any = typer.main.get_command(app)
    return "\n".join(_section(name, command) for name, command in group.commands.items())


def _section(name: str, command: Any) -> str:  # noqa: ANN401 - typer has a click of its own
    context = typer.Context(command, info_name=f"leukoscope {name}")
    usage = command.get_usage(context).removeprefix("Usage: ")
    rows = [_row(parameter, context) for parameter in command.params if not parameter.hidden]
    paragraphs = "\n\n".join(map(prose, (command.help or "").split("\n\n")))
    return f"## {name}\n\n```text\n{usage}\n```\n\n{paragraphs}\n\n{table(HEAD, rows)}"


def _row(parameter: Any, context: typer.Context) -> tuple[str, str, str]:  # noqa: ANN401
    form, meaning = parameter.get_help_record(context)
    found = EXTRA.search(meaning)
    extra = found["extra"] if found else ""
    said = "must be given" if parameter.required else _in_words(extra)
    return code(_plain_kind(form)), plain(EXTRA.sub("", meaning)), plain(said)


def _plain_kind(form: str) -> str:
    """Return ``--crop <int range>`` as ``--crop <number>``; what may be repeated says so."""
    return KIND.sub(lambda found: f"<{KINDS.get(found['kind'], found['kind'])}>", form)


def _in_words(extra: str) -> str:
    """Return ``default: 64; x>=1`` as ``64, from 1``."""
    between = re.sub(r"(\S+)<=x<=(\S+)", r"\1 to \2", extra)
    return between.replace("default: ", "").replace("x>=", "from ").replace("; ", ", ")
