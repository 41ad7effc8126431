"""Rules by name, their settings, and the rows they are fitted on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import RULES, Rows, parse_rules
from leukoscope.errors import DataError, SettingsError

MakeRows = Callable[..., Rows]


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("classes", [2, 3])
def test_every_rule_gives_probabilities_of_any_number_of_rows(name: str, classes: int, make_rows: MakeRows) -> None:
    (rule,) = parse_rules({name: {"restarts": 1, "generations": 2} if name == "genetic" else {}})
    rows = make_rows(classes=classes)
    fitted = rule.fit(rows, seed=0)
    for number in (1, 7):
        said = fitted.combine(rows.probabilities[:, :number])
        assert said.shape == (number, classes)
        assert np.abs(said.sum(axis=1) - 1).max() < 1e-9
    assert isinstance(fitted.as_json(), dict)
    assert rule.name == name
    assert rule.about.endswith(".")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "An ensemble needs a rule.\n  what to do: Known: average, genetic, greedy, most_confident, stacked."),
        (
            {"genetik": {}},
            """There is no rule 'genetik' for ensembles.
  what to do: Did you mean 'genetic'? Known: average, genetic, greedy, most_confident, stacked.""",
        ),
        (
            {"average": {"steps": 3}},
            """A setting is wrong:
  - steps: there is no such setting. Known: none.
  where: rule average
  what to do: leukoscope recipes fields lists every setting.""",
        ),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused(given: dict[str, dict[str, int]], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_rules(given)
    assert str(caught.value) == message


def test_rows_that_do_not_fit_are_refused() -> None:
    classes, said = Classes(("hem", "all")), np.full((2, 3, 2), 0.5)
    wrong = {
        "2 models, 2 rows and 2 classes do not fit probabilities of shape (2, 3, 2) and 2 groups.": (said, 2, None),
        "2 models, 3 rows and 2 classes do not fit probabilities of shape (2, 3, 2) and 1 group.": (said, 3, ["a"]),
        "There is no row with a label, so no rule can be fitted.": (said[:, :0], 0, None),
        "A model gives a probability that is no number from 0 to 1.": (said * np.nan, 3, None),
    }
    for message, (values, rows, groups) in wrong.items():
        with pytest.raises(DataError) as caught:
            Rows(("a", "b"), classes, values, np.zeros(rows, np.int64), groups)
        assert str(caught.value) == message
