"""The pieces that the build makes of the code hold all that they must."""

from __future__ import annotations

from pathlib import Path

import pytest
from generated_pages import PIECES, setup, write_pieces
from generated_pages.markdown import code, plain, prose, table

import leukoscope
from leukoscope.cli.main import VERBS
from leukoscope.cohort.readers import READERS
from leukoscope.evaluation.names import OF_ALL
from leukoscope.recipes.loading import ensemble_names, patch_names, recipe_names
from leukoscope.recipes.showing import settings_table


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a documentation whose pieces Sphinx was told to write."""

    class App:
        srcdir = tmp_path_factory.mktemp("docs")

        def __init__(self) -> None:
            self.calls: dict[str, object] = {}

        def connect(self, event: str, call: object) -> None:
            self.calls[event] = call

    app = App()
    assert setup(app)["parallel_read_safe"]
    app.calls["builder-inited"](app)  # type: ignore[operator]
    return app.srcdir


@pytest.fixture(scope="module")
def written(root: Path) -> Path:
    """The folder of the pieces."""
    return root / "reference" / "generated"


@pytest.fixture(scope="module")
def pieces(written: Path) -> dict[str, str]:
    """Return every piece by its name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in written.iterdir()}


def test_plain_text_stays_plain() -> None:
    assert plain("a_b *c*\n <d> [e] `f` | {g}") == r"a\_b \*c\* \<d\> \[e\] \`f\` \| \{g\}"
    assert plain("from --allow-leakage, a--b") == "from `--allow-leakage`, a--b"
    assert prose("what ``a_b`` takes, and c_d") == r"what `a_b` takes, and c\_d"
    assert code("a | b") == r"`a \| b`"
    assert code("") == ""
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


@pytest.mark.parametrize("name", READERS)
def test_a_data_set_s_section_says_all_that_its_reader_knows(name: str, pieces: dict[str, str]) -> None:
    reader, text = READERS[name], pieces["datasets"]
    section = text.split(f"## {name}\n")[1].split("\n## ")[0]
    about = reader.description
    said = [
        about.title,
        about.contents,
        about.layout,
        about.licence,
        about.links,
        *about.sources,
        *about.contradictions,
    ]
    said += [part for option in reader.options for part in (option.name, option.meaning)]
    assert [words for words in said if plain(words) not in section and f"`{words}`" not in section] == []
    assert all(f"`{place}`" in section for places in about.official.values() for place in places)


def test_every_setting_has_its_row(pieces: dict[str, str]) -> None:
    rows = {line.split("`")[1] for line in pieces["settings"].splitlines() if line.startswith("| `")}
    groups = {line.removeprefix("## ") for line in pieces["settings"].splitlines() if line.startswith("## ")}
    assert set(settings_table()["setting"]) - rows - groups == set()


def test_every_verb_has_its_section_with_every_flag(pieces: dict[str, str]) -> None:
    text = pieces["command-line"]
    assert [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")] == list(VERBS)
    train = text.split("## train\n")[1]
    assert "| `--allow-leakage REASON` |" in train
    assert "| auto, cpu or cuda. | auto |" in train


def test_every_check_and_score_and_file_of_a_run_has_its_row(pieces: dict[str, str]) -> None:
    assert (
        "| `identical_across_patients` | List the pictures that stand under two patients. |" in pieces["audit-checks"]
    )
    assert "| `sensitivity` | sensitivity | share of positive cells that are found (two classes) |" in pieces["scores"]
    assert all(f"| `{name}` |" in pieces["scores"] for name in OF_ALL)
    assert "| `run.json` | What was done, with what, how far it is: `run.json`. |" in pieces["run-folder"]


def test_every_recipe_is_shown_as_written_and_in_full(pieces: dict[str, str]) -> None:
    for name in recipe_names():
        section = pieces["recipes"].split(f"## {name}\n")[1].split("\n## ")[0]
        assert f"# leukoscope train {name} " in section
        assert "# The network." in section
    assert "`--set patch=clahe`" in pieces["recipes"].split("## baldi2021-scratch-256\n")[1].split("```")[0]
    assert "# How often every training cell is seen." in pieces["recipes"]


@pytest.mark.parametrize("name", ensemble_names())
def test_every_recipe_of_several_models_is_shown_with_its_members_and_patches(
    name: str, pieces: dict[str, str]
) -> None:
    section = pieces["recipes"].split(f"## {name}\n")[1].split("\n## ")[0]
    assert f"# leukoscope train {name} " in section
    assert "# The models, by the names they go by." in section
    assert [patch for patch in patch_names(name) if f"`--set patch={patch}`" not in section] == []


def test_every_module_is_in_the_reference(pieces: dict[str, str]) -> None:
    home = Path(leukoscope.__file__).parent
    text = "".join(pieces.values())
    modules = [path.relative_to(home.parent) for path in home.rglob("*.py") if path.parent != home / "cli"]
    names = {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in modules}
    elsewhere = {"leukoscope", "leukoscope.api", "leukoscope.__main__"}
    assert {name for name in names if f"automodule:: {name}\n" not in text} == elsewhere


def test_a_piece_that_has_not_changed_is_not_written_again(written: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in written.iterdir()}
    assert {path: path.stat().st_mtime_ns for path in write_pieces(written)} == before
    assert {path.stem for path in before} == set(PIECES)
