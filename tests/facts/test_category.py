from __future__ import annotations

import polars as pl
import pytest

from leukoscope.errors import DataError
from leukoscope.facts.category import CategoryFact


def table(words: list[str | None]) -> pl.DataFrame:
    names = [f"P{place}" for place in range(len(words))]
    return pl.DataFrame({"patient": names, "sex": pl.Series(words, dtype=pl.String)})


def test_each_word_has_its_column_an_unseen_one_none_and_a_missing_one_its_own() -> None:
    fact = CategoryFact.fit(table(["M", "F", None, "M"]), "sex")
    assert fact.names == ("sex=F", "sex=M", "sex missing")
    assert fact.encode(table(["F", "M", "X", None])).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1]]


def test_unseen_and_missing_words_are_remarked() -> None:
    fact = CategoryFact.fit(table(["M", "F"]), "sex")
    assert [str(remark) for remark in fact.remarks(table(["F", "X", None]))] == [
        "P1, sex: 'X' was not seen in training; it is taken as none of F, M.",
        "P2, sex: missing; it is taken as none of the training patients' words.",
    ]


def test_names_and_free_text_are_no_category() -> None:
    words: list[str | None] = [f"word {place}" for place in range(21)]
    assert len(CategoryFact.fit(table(words[:20]), "sex").words) == 20
    with pytest.raises(DataError) as caught:
        CategoryFact.fit(table(words), "sex")
    assert str(caught.value) == (
        "The fact 'sex' has 21 different words, too many for a category.\n  where: facts.inputs\n"
        "  what to do: Declare it linear or log if it is a number, or group it into at most 20 words."
    )


def test_a_fact_that_nobody_has_cannot_be_learnt() -> None:
    with pytest.raises(DataError, match=r"No training patient has the fact 'sex'\."):
        CategoryFact.fit(table([None, ""]), "sex")
