from __future__ import annotations

import tracemalloc

import pytest

from leukoscope.service.form import Form
from leukoscope.service.refusal import Refusal

KIND = "multipart/form-data; boundary=xyz"


def part(head: str, content: bytes = b"x") -> bytes:
    return b"--xyz\r\nContent-Disposition: form-data" + head.encode() + b"\r\n\r\n" + content + b"\r\n"


def test_a_form_is_taken_apart_however_its_bytes_come() -> None:
    body = (
        part('; name="pictures"; filename="P 1/\u00e4.png"', b"\r\n--xy\x00" * 9)
        + part('; name="facts"', b"{}")
        + b"--xyz--\r\n"
    )
    for step in (1, 7, len(body)):
        form = Form(KIND, 5)
        for start in range(0, len(body), step):
            form.write(body[start : start + step])
        form.close()
        assert [(file.field, file.name, file.data) for file in form.files] == [
            ("pictures", "P 1/\u00e4.png", b"\r\n--xy\x00" * 9)
        ]
        assert form.texts == {"facts": "{}"}


@pytest.mark.parametrize(
    ("kind", "status", "what"),
    [
        ("application/json", 415, "Pictures are sent as a form (multipart/form-data)."),
        ("", 415, "Pictures are sent as a form (multipart/form-data)."),
        ("multipart/form-data", 422, "The form does not say where its parts end."),
        ("multipart/form-data; boundary=" + "x" * 9000, 422, "The form is damaged."),
    ],
)
def test_what_is_no_form_is_refused(kind: str, status: int, what: str) -> None:
    with pytest.raises(Refusal) as caught:
        Form(kind, 5)
    assert (caught.value.status, caught.value.what) == (status, what)


def test_a_large_file_lies_in_memory_once() -> None:
    form, chunk, times = Form(KIND, 5), bytes(64 << 10), 128
    tracemalloc.start()
    try:
        form.write(b'--xyz\r\nContent-Disposition: form-data; name="p"; filename="a"\r\n\r\n')
        for _ in range(times):
            form.write(chunk)
        form.write(b"\r\n--xyz--\r\n")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert form.files[0].data == times * chunk
    assert most < 1.4 * times * len(chunk)


@pytest.mark.parametrize(
    ("body", "code", "what"),
    [
        (b"no boundary at all", "damaged_form", "The form is damaged."),
        (part("") + b"--xyz--", "damaged_form", "The form is damaged."),
        (part('; name="pictures"; filename="a"'), "damaged_form", "The form is cut off: its end is missing."),
        (part('; name="facts"', b" " * 70_000), "too_large", "A field of the form holds more than 64 KiB of text."),
        (
            b"".join(part(f'; name="{n}"') for n in range(9)),
            "too_many_fields",
            "The form has more than 8 fields of text.",
        ),
        (part('; name="facts"') * 2, "field_twice", "The form has the field 'facts' twice."),
        (part('; name="p"; filename="a"') * 6, "too_many_pictures", "A request may hold 5 pictures at most."),
        (b"--xyz\r\n" + b"a: b\r\n" * 999 + b"\r\n", "damaged_form", "The form is damaged."),
    ],
)
def test_a_damaged_or_overfull_form_is_refused(body: bytes, code: str, what: str) -> None:
    form = Form(KIND, 5)

    def take() -> None:
        form.write(body)
        form.close()

    with pytest.raises(Refusal) as caught:
        take()
    assert (caught.value.code, caught.value.what) == (code, what)
