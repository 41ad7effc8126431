"""What a network says must be numbers: a class is not called, nor a share shown, on what is none."""

from __future__ import annotations

import polars as pl

from leukoscope.service.refusal import Refusal


def refuse_no_numbers(said: pl.DataFrame) -> None:
    """Refuse to answer with probabilities that are no numbers (NaN, infinity).

    Args:
        said: Rows with the columns ``p_CLASS``; null where a row has no probability.

    Raises:
        Refusal: one is none.
    """
    wrong = said.select(~pl.all_horizontal(pl.col("^p_.*$").is_finite().fill_null(value=True))).to_series().sum()
    if wrong:
        what = f"What the network says is no number, {wrong:,} of {said.height:,} times."
        raise Refusal(500, "no_number", what, do="Tell whoever runs the service: the bundle may be damaged.")
