"""The examples in the pages are ones that the program understands."""

from __future__ import annotations

import ast
import itertools
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

import leukoscope as lk
from leukoscope.cli.main import app
from leukoscope.cli.options import parse_pairs
from leukoscope.cohort.readers import READERS
from leukoscope.cohort.splits import SPLITTERS
from leukoscope.recipes.loading import ensemble_names, load_any, recipe_names, recipe_text
from leukoscope.recipes.schema import SplitSettings

FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(`+)(?P<text>[^`]+)\1")
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
COMMAND = re.compile(r"leukoscope (?=[a-z])")
BLOCK = re.compile(r"^```(?P<kind>console|python)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"^\[\d+\] ")  # by which a table refers to a command
LEFT_OUT = "…"


def blocks(pages: dict[Path, str], kind: str) -> list[tuple[str, str]]:
    """Return the page's name and the text of each block of a kind."""
    return [
        (path.name, found["text"])
        for path, text in pages.items()
        for found in BLOCK.finditer(text)
        if found["kind"] == kind
    ]


def head_of(recipe: str) -> list[str]:
    """Return the lines of the comment that a recipe begins with."""
    lines = recipe_text(recipe).splitlines()
    return [line.removeprefix("# ") for line in itertools.takewhile(lambda line: line.startswith("#"), lines)]


def said_in_passing(pages: dict[Path, str]) -> list[tuple[str, list[str]]]:
    """Return the words of each piece of code in prose, and the flags of recipes' heads, each with its page's name."""
    spans = [
        (path.name, found["text"].split())
        for path, text in pages.items()
        for found in SPAN.finditer(FENCED.sub("", text))
        if found["text"].strip()
    ]
    heads = [
        (f"{name}.yaml", FLAG.findall(line))
        for name in [*recipe_names(), *ensemble_names()]
        for line in head_of(name)
        if not COMMAND.search(line)
    ]
    return [(name, words) for name, words in [*spans, *heads] if words]


def flags_of(verb: Any) -> set[str]:
    """Return the options of a verb, as they are typed."""
    return {name for one in verb.params for name in (*one.opts, *one.secondary_opts) if name.startswith("--")}


def commands(pages: dict[Path, str]) -> list[tuple[str, list[str]]]:
    """Return the page's name and the words of each command line."""
    lines = [
        (name, shlex.split(NUMBER.sub("", line), comments=True))
        for name, text in blocks(pages, "console")
        for line in text.replace("\\\n", " ").splitlines()
    ]
    heads = [
        (f"{name}.yaml", shlex.split(line[found.start() :]))
        for name in [*recipe_names(), *ensemble_names()]
        for line in head_of(name)
        if (found := COMMAND.search(line))
    ]
    # What comes after ">" is the shell's.
    cut = [(name, words[: words.index(">")] if ">" in words else words) for name, words in [*lines, *heads]]
    return [(name, words) for name, words in cut if words]


@pytest.fixture(scope="module")
def verbs() -> dict[str, Any]:
    """Return the verbs by name; typer brings its own click, whose types have no public name."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def test_the_pages_have_examples(pages: dict[Path, str]) -> None:
    assert {words[1] for _, words in commands(pages) if words[0].endswith("leukoscope")} >= {
        "audit", "datasets", "evaluate", "predict", "recipes", "report", "split", "train",
    }  # fmt: skip


def test_every_command_is_one_that_there_is(pages: dict[Path, str], verbs: dict[str, Any], project: Path) -> None:
    targets = re.findall(r"^(\w+):", (project / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for page, words in commands(pages):
        if words[0] == "make":
            assert set(words[1:]) <= set(targets), page
        elif words[0].endswith("leukoscope"):
            assert words[1] in verbs, page
        else:
            assert words[0] in {"python", "git", "pip"}, f"{page}: {words[0]}"


def test_every_flag_is_one_that_its_verb_takes(pages: dict[Path, str], verbs: dict[str, Any]) -> None:
    for page, words in commands(pages):
        if not words[0].endswith("leukoscope"):
            continue
        verb, arguments = words[1], [word for word in words[2:] if word != LEFT_OUT]
        try:
            verbs[verb].make_context(verb, arguments, resilient_parsing=LEFT_OUT in words)
        except Exception as error:
            pytest.fail(f"{page}: {' '.join(words)}\n{error}")


def test_prose_names_no_flag_that_there_is_not(pages: dict[Path, str], verbs: dict[str, Any]) -> None:
    known = {name: flags_of(verb) | {"--help"} for name, verb in verbs.items()}
    every = set().union(*known.values(), flags_of(typer.main.get_command(app)))
    wrong = []
    for page, words in said_in_passing(pages):
        own = words[1:] if words[0] == "leukoscope" else words
        verb = own[0] if own else ""
        if verb in known:
            allowed = known[verb]
        elif words[0] == "leukoscope" or verb.startswith("--"):
            allowed = every
        else:
            continue  # another program's, or no command
        wrong += [f"{page}: {' '.join(words)}" for flag in FLAG.findall(" ".join(own)) if flag not in allowed]
    assert wrong == []


def test_an_untrue_flag_in_prose_or_in_a_recipe_s_head_would_be_seen(verbs: dict[str, Any]) -> None:
    page = {Path("page.md"): "Folds test each cell once\n(`--folds 5`, `sweep --fold 5`).\n```console\nx --y\n```\n"}
    spans = [words for name, words in said_in_passing(page) if name == "page.md"]
    assert spans == [["--folds", "5"], ["sweep", "--fold", "5"]]
    assert "--folds" in flags_of(verbs["sweep"])
    assert "--fold" not in flags_of(verbs["sweep"])
    heads = [words for name, words in commands({}) if name == "matek2019.yaml"]
    assert [words[1] for words in heads] == ["train", "sweep"]


def test_every_value_is_one_that_the_program_takes(pages: dict[Path, str], verbs: dict[str, Any]) -> None:
    for page, words in commands(pages):
        if not words[0].endswith("leukoscope"):
            continue
        context = verbs[words[1]].make_context(
            words[1], [word for word in words[2:] if word != LEFT_OUT], resilient_parsing=True
        )
        given = {name: value for name, value in context.params.items() if value}
        check_values(words[1], given, f"{page}: {' '.join(words)}")


def check_values(verb: str, given: dict[str, Any], where: str) -> None:
    """Check the values of one command; where it is wrong, ``where`` says which."""
    reader = given.get("reader")
    assert reader is None or reader in READERS, where
    for name in parse_pairs(list(given.get("option") or [])):
        assert reader, where
        assert name in [option.name for option in READERS[reader].options], where
    if verb == "datasets" and "name" in given:
        assert given["name"] in READERS, where
    if verb == "train" and "recipe" in given and not given["recipe"].endswith(".yaml"):
        load_any(given["recipe"], list(given.get("changes") or []))
    if verb == "split":
        assert given["kind"] in SPLITTERS, where
        assert set(parse_pairs(list(given.get("setting") or []))) <= set(SplitSettings.model_fields), where


def test_every_python_example_uses_names_that_there_are(pages: dict[Path, str]) -> None:
    for page, text in blocks(pages, "python"):
        tree = ast.parse(text, page)
        used = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "lk"
        }
        assert used <= set(lk.__all__), page
