from __future__ import annotations

from typing import Any

from leukoscope.mistakes import label_error_tables, shown_table
from leukoscope.mistakes.analysis import error_tables


def test_each_sheet_holds_its_cells_in_order_with_their_words(judged: Any) -> None:
    found = judged([[0.3, 0.1, 0.2, 0.9, 0.75], [0.4, 0.2, 0.9, 0.8, 0.1]], [1, 1, 1, 1, 1])
    table = shown_table(found, label_error_tables([found])[0])
    rows = {
        name: table.filter(sheet=name).select("id", "is", "said", "how_sure", "of").rows()
        for name in table["sheet"].unique()
    }
    truth = "is: leukaemic blast"
    assert rows["missed_by_all"] == [
        ("c0001", truth, "called: hem", "truth 0.15 on average", 2),
        ("c0000", truth, "called: hem", "truth 0.35 on average", 2),
    ]
    assert rows["missed_by_one"] == [
        ("c0002", truth, "missed by: m0", "truth 0.20, else 0.90", 2),
        ("c0004", truth, "missed by: m1", "truth 0.10, else 0.75", 2),
    ]
    assert rows["only_one_right"][0] == ("c0002", truth, "only right: m1", "truth 0.90, else 0.20", 2)
    assert [row[0] for row in rows["most_confident"]] == ["c0001", "c0004", "c0002", "c0000"]
    assert rows["most_confident"][0] == ("c0001", truth, "called: hem", "0.900 by m0", 4)


def test_no_more_than_asked_are_shown_but_all_are_counted(judged: Any) -> None:
    found = judged([[0.1] * 30], [1] * 30)
    table = shown_table(found, label_error_tables([found])[0], most=4)
    assert table.group_by("sheet", maintain_order=True).agg("place", "of").rows() == [
        ("missed_by_all", [1, 2, 3, 4], [30] * 4),
        ("most_confident", [1, 2, 3, 4], [30] * 4),
    ]
    assert table["how_sure"][0] == "truth 0.10"


def test_all_tables_are_there_without_a_mistake_too(judged: Any) -> None:
    tables = error_tables(judged([[0.9, 0.1] * 6], [1, 0] * 6))
    assert list(tables) == [
        "missed", "how_many", "only_one", "only_one_cells", "pairs", "by_group", "associations", "label_errors",
        "confident_joint", "shown",
    ]  # fmt: skip
    assert tables["shown"].height == tables["label_errors"].height == 0
