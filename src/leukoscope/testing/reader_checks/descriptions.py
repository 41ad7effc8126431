"""What a reader says of itself: its data set in words, its options, and all of it as JSON."""

from __future__ import annotations

import inspect
import json

from leukoscope.testing.contract import require
from leukoscope.testing.reader_example import Example

PARTS = ("train", "validation", "test")


def describes_itself(example: Example) -> None:
    """Title, contents, layout, licence and links are said; a data set of its own names its source."""
    about = example.reader.description
    for name in ("title", "contents", "layout", "licence", "links"):
        said = getattr(about, name)
        require(isinstance(said, str) and said.strip(), f"A description must say its {name}; it is {said!r}.")
    require(
        about.classes is None or about.sources,
        "A data set with classes of its own must name its sources, so that whoever made it is cited; there are none.",
    )
    wrong = sorted(set(about.official) - set(PARTS))
    require(not wrong, f"Official parts are called {', '.join(PARTS)}; found: {', '.join(wrong)}.")
    require(about.crop is None or about.crop > 0, f"A crop is a side in pixels; it is {about.crop!r}.")


def lists_its_options(example: Example) -> None:
    """Every keyword of ``read`` is an option with a meaning and the same default, and the other way round."""
    reader = example.reader
    parameters = list(inspect.signature(reader.read).parameters.values())[1:]
    placed = [parameter.name for parameter in parameters if parameter.kind is not inspect.Parameter.KEYWORD_ONLY]
    require(not placed, f"Options are keywords only (after a *); these are not: {', '.join(placed)}.")
    taken = {parameter.name: parameter.default for parameter in parameters}
    listed = {option.name: option.default for option in reader.options}
    require(
        taken == listed,
        f"READER.options must list what read takes, with its defaults; read takes {taken}, listed are {listed}.",
    )
    silent = [option.name for option in reader.options if not option.meaning.strip()]
    require(not silent, f"An option must say what it does; these do not: {', '.join(silent)}.")


def is_plain_json(example: Example) -> None:
    """The description and the options can be written as JSON."""
    try:
        json.dumps(example.reader.as_json(), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise AssertionError(
            f"The description and the defaults of options must be plain JSON values; {error}."
        ) from None
