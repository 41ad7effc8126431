"""The data sets: what each reader says of what it reads."""

from __future__ import annotations

from collections.abc import Iterator

from generated_pages.markdown import code, plain, table
from leukoscope.cohort.readers import READERS, Description, Reader
from leukoscope.cohort.readers.known_links import KnownLink
from leukoscope.errors import counted


def datasets() -> str:
    """Return one section a reader."""
    return "\n".join(_section(reader) for reader in READERS.values())


def _section(reader: Reader) -> str:
    about = reader.description
    pieces = [f"## {reader.name}", f"{plain(about.title)}.", table(("", ""), _facts(about)), _flaws(about)]
    return "\n\n".join(piece for piece in [*pieces, _options(reader)] if piece) + "\n"


def _facts(about: Description) -> Iterator[tuple[str, str]]:
    yield "holds", plain(about.contents)
    yield "layout", plain(about.layout)
    yield "source", "<br>".join(map(plain, about.sources)) or "your own"
    yield "licence", plain(about.licence)
    yield "classes", _classes(about)
    yield (
        "official parts",
        "; ".join(f"{part}: {', '.join(map(code, names))}" for part, names in about.official.items()) or "none",
    )
    yield "centre crop", f"{about.crop} px" if about.crop else "the largest square that fits into every picture"
    yield "background", about.background or "not stated"
    yield "links", plain(about.links)
    if about.known_links:
        yield "linked groups", "; ".join(plain(", ".join(group)) for group in about.known_groups)
        yield "known links", "<br>".join(plain(_link(link)) for link in about.known_links)


def _link(link: KnownLink) -> str:
    return f"{link.patient_a} and {link.patient_b}: {counted(link.pictures, 'picture')}, {link.kind}. {link.reason}"


def _classes(about: Description) -> str:
    if about.classes is None:
        return "as in the folders or the table"
    mark = {about.classes.positive: " (positive)"}
    return ", ".join(
        f"{code(name)} {plain(about.classes.title(name))}{mark.get(name, '')}" for name in about.classes.names
    )


def _flaws(about: Description) -> str:
    if not about.contradictions:
        return ""
    lines = "\n".join(f"- {plain(sentence)}" for sentence in about.contradictions)
    return f"Where publications contradict each other or the data, and what is wrong with the pictures:\n\n{lines}"


def _options(reader: Reader) -> str:
    if not reader.options:
        return ""
    rows = [(code(option.name), plain(option.meaning), _default(option.default)) for option in reader.options]
    return table(("option", "meaning", "default"), rows)


def _default(value: object) -> str:
    return "none" if value is None else code(str(value))
