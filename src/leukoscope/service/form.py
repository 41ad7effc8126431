"""A form as it streams in (multipart/form-data, RFC 7578): in memory, counted while it comes, never on the disk."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import NoReturn

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from leukoscope.errors import counted
from leukoscope.service.refusal import Refusal

TEXTS = 8
TEXT_BYTES = 64 << 10
NAME_LENGTH = 300


@dataclass(frozen=True, eq=False)
class File:
    """A file of a form.

    Args:
        field: The form's field.
        name: What the client calls the file; it is only ever said again, nothing is looked up by it.
        data: Its bytes.
    """

    field: str
    name: str
    data: bytes


class Form:
    """Takes a form apart as its bytes come.

    Args:
        content_type: The request's header.
        most_files: So many files may come.

    Raises:
        Refusal: it is no form.
    """

    def __init__(self, content_type: str, most_files: int) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data":
            raise Refusal(
                415,
                "no_form",
                "Pictures are sent as a form (multipart/form-data).",
                where="Content-Type",
                do="With curl: -F pictures=@cell.png",
            )
        if not options.get(b"boundary"):
            raise Refusal(422, "damaged_form", "The form does not say where its parts end.", where="Content-Type")
        self.files: list[File] = []
        self.texts: dict[str, str] = {}
        self._most_files, self._whole = most_files, False
        self._disposition, self._header = b"", b""
        # A BytesIO hands its bytes over without a second copy of them.
        self._value, self._content, self._part = b"", io.BytesIO(), (b"", b"")
        self._is_file, self._size = False, 0
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._named,
                    "on_header_value": self._valued,
                    "on_header_end": self._header_read,
                    "on_headers_finished": self._headers_read,
                    "on_part_data": self._more,
                    "on_part_end": self._end,
                    "on_end": self._finish,
                },
            )
        except FormParserError:
            _damaged()

    def write(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            Refusal: the form is damaged, or holds too much.
        """
        try:
            self._parser.write(chunk)
        except FormParserError:
            _damaged()

    def close(self) -> None:
        """Make sure that the form came whole.

        Raises:
            Refusal: it did not.
        """
        if not self._whole:
            raise Refusal(422, "damaged_form", "The form is cut off: its end is missing.", do="Send it again.")

    def _begin(self) -> None:
        self._disposition, self._header, self._value, self._content, self._size = b"", b"", b"", io.BytesIO(), 0

    def _named(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _valued(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_read(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header, self._value = b"", b""

    def _headers_read(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            _damaged()
        self._is_file = b"filename" in options
        self._part = (options[b"name"], options.get(b"filename", b""))
        if self._is_file and len(self.files) >= self._most_files:
            raise too_many(self._most_files)
        if not self._is_file and len(self.texts) >= TEXTS:
            raise Refusal(422, "too_many_fields", f"The form has more than {counted(TEXTS, 'field')} of text.")
        name = _text(options[b"name"])[:NAME_LENGTH]
        if not self._is_file and name in self.texts:
            raise Refusal(422, "field_twice", f"The form has the field {name[:60]!r} twice.", do="Send it once.")

    def _more(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if not self._is_file and self._size > TEXT_BYTES:
            raise Refusal(413, "too_large", f"A field of the form holds more than {TEXT_BYTES >> 10} KiB of text.")
        self._content.write(memoryview(data)[start:end])

    def _end(self) -> None:
        field, name = (_text(part)[:NAME_LENGTH] for part in self._part)
        content, self._content = self._content.getvalue(), io.BytesIO()
        if self._is_file:
            self.files.append(File(field, name, content))
        else:
            self.texts[field] = _text(content)

    def _finish(self) -> None:
        self._whole = True


def too_many(most: int) -> Refusal:
    """Return the refusal of too many pictures.

    Args:
        most: So many may be sent.
    """
    return Refusal(
        413,
        "too_many_pictures",
        f"A request may hold {counted(most, 'picture')} at most.",
        do="Send fewer at a time.",
    )


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")


def _damaged() -> NoReturn:
    raise Refusal(422, "damaged_form", "The form is damaged.", do="Send it again.") from None
