"""Checks of size and mode: odd pictures, and whether the form of the file gives the class away."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import chi2_contingency

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding, singly
from leukoscope.errors import counted

SHOWN = 5
FEW_SIZES = 5
SIZE = pl.format("{}x{}", "width", "height")
MODE = pl.col("mode")
SIDES = ("place", "label", "patient")
RARE = 5
SIGNIFICANT = 1e-3


def wrong_size(evidence: Evidence) -> list[Finding]:
    """List the pictures whose size differs from the commonest."""
    return _odd("wrong_size", "size", evidence.readable.with_columns(size=SIZE), ["width", "height"])


def wrong_mode(evidence: Evidence) -> list[Finding]:
    """List the pictures whose mode (RGB, RGBA, grey, ...) differs from the commonest."""
    return _odd("wrong_mode", "mode", evidence.readable.filter(MODE.is_not_null()), ["mode"])


def odd_file_size(evidence: Evidence) -> list[Finding]:
    """List the files of another size in bytes than most, where pictures were not opened and all but few sizes are one.

    In a format that does not compress, such as BMP, they are pictures of another width or height.
    """
    cells = evidence.unseen.drop_nulls("bytes").with_columns(pl.format("{} bytes", "bytes").alias("file size"))
    if cells["bytes"].n_unique() > FEW_SIZES:
        return []
    return _odd("odd_file_size", "file size", cells, ["bytes"])


def size_tells_class(evidence: Evidence) -> list[Finding]:
    """Warn where the size of a picture goes with its class."""
    return _tells("size_tells_class", "size", evidence, SIZE)


def mode_tells_class(evidence: Evidence) -> list[Finding]:
    """Warn where the mode of a picture goes with its class."""
    return _tells("mode_tells_class", "mode", evidence, MODE)


def _odd(code: str, what: str, cells: pl.DataFrame, columns: list[str]) -> list[Finding]:
    kinds = cells.group_by(what).len("cells").sort("cells", what, descending=[True, False])
    if kinds.height < 2:  # noqa: PLR2004 - one size is what there should be
        return []
    commonest = kinds[what][0]
    odd = cells.filter(pl.col(what) != commonest)
    named = ", ".join(f"{kind} ({number:,})" for kind, number in kinds[1 : SHOWN + 1].iter_rows())
    more = f" and {kinds.height - 1 - SHOWN:,} more" if kinds.height - 1 > SHOWN else ""
    noun = "file" if code == "odd_file_size" else "picture"
    sentence = f"{counted(odd.height, noun)} of another {what} than the commonest, {commonest}: {named}{more}."
    tables = {"cells": odd.select("id", "path", "patient", "label", *columns)}
    tables |= {f"by_{name}": _by(cells, what, name) for name in SIDES if name == "label" or cells[name].count()}
    return [Finding(code, "note", sentence + _confined(odd, cells, what), odd.height, tables, None, singly(odd))]


def _by(cells: pl.DataFrame, what: str, name: str) -> pl.DataFrame:
    return cells.group_by(what, name).len("cells").sort(what, name)


def _confined(odd: pl.DataFrame, cells: pl.DataFrame, what: str) -> str:
    """Say so where each odd kind lies in one place, class or patient among several."""
    for name in SIDES:
        each = odd.group_by(what).agg(pl.len(), pl.col(name).n_unique().alias("n"), pl.col(name).first())
        alone = odd[name].null_count() == 0 and each["n"].to_list() == [1] * each.height
        if not alone or cells[name].n_unique() == 1 or each["len"].to_list() == [1] * each.height:
            continue
        where = each.sort("len", what, descending=[True, False]).select(what, name).rows()
        if len({found for _, found in where}) == 1:
            return f" All of them are of the {'class' if name == 'label' else name} {where[0][1]!r}."
        if len(where) <= SHOWN:
            said = ", ".join(f"{kind} {found}" for kind, found in where)
            return f" They go with the {'class' if name == 'label' else name}: {said}."
    return ""


def _tells(code: str, what: str, evidence: Evidence, form: pl.Expr) -> list[Finding]:
    """Warn if a form of the file and the class go together (chi-squared test of the table, p below 0.001)."""
    cells = evidence.readable.join(evidence.labelled.select("id"), on="id", how="semi").with_columns(form=form)
    # Forms that hardly occur are taken together: many sizes of one picture each would foretell every class.
    seldom = pl.len().over("form") < RARE
    cells = cells.with_columns(pl.when(seldom).then(pl.lit("others")).otherwise("form").alias(what))
    counts = cells.group_by(what, "label").len("cells").sort(what, "label")
    table = counts.pivot(on="label", index=what, values="cells", maintain_order=True).fill_null(0)
    numbers = table.drop(what).to_numpy().astype(np.float64)
    if min(numbers.shape) < 2 or chi2_contingency(numbers).pvalue >= SIGNIFICANT:  # noqa: PLR2004 - a table
        return []
    blind, seeing = numbers.sum(axis=0).max() / numbers.sum(), numbers.max(axis=1).sum() / numbers.sum()
    sentence = (
        f"The {what} of a picture goes with its class: by the {what} alone one guesses right in {seeing:.1%} of the "
        f"cells, blindly in {blind:.1%}. A network can learn the {what} instead of the cell."
    )
    do = "Bring all pictures to one form (center_crop, resize), and see whether the scores hold within one form."
    return [Finding(code, "warning", sentence, table.height, {what + "s": counts}, do)]
