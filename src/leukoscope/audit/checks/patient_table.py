"""Checks of the patients' table: dates and words written in several ways, and what contradicts what is stated."""

from __future__ import annotations

import polars as pl
from scipy.stats import chi2_contingency

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding
from leukoscope.audit.stated import STATED, Stated
from leukoscope.errors import counted

FORMAT, WRITTEN = "_format", "_as_written"
SHOWN = 6
TWELFTH = 12
SIGNIFICANT = 0.05


def several_date_formats(evidence: Evidence) -> list[Finding]:
    """Note the dates that are written in several ways, and how many the wrong order of day and month would spoil.

    A column ``born_format`` says how each date of the column ``born`` was written.
    """
    patients = evidence.cohort.patients
    found = []
    for name in patients.columns:
        date = name.removesuffix(FORMAT)
        kinds = patients[name].drop_nulls().value_counts().sort("count", name, descending=[True, False])
        if name.endswith(FORMAT) and date in patients.columns and kinds.height > 1:
            found.append(_several(patients, date, name, kinds))
    return found


def _several(patients: pl.DataFrame, date: str, form: str, kinds: pl.DataFrame) -> Finding:
    usual, *others = kinds[form].to_list()
    rare = patients.filter(pl.col(form).is_in(others))
    said = ", ".join(f"{number:,} as {kind}" for kind, number in kinds.iter_rows())
    spoilt = ""
    if patients.schema[date] in (pl.Date, pl.Datetime):
        day, month = pl.col(date).dt.day(), pl.col(date).dt.month()
        silent = rare.filter((day <= TWELFTH) & (day != month)).height
        spoilt = f" Read as {usual}, {silent:,} of these {rare.height:,} would be wrong and no error would say so."
    by_class, goes = _by_class(patients, form, usual)
    sentence = f"Dates in the column {date!r} are written in {kinds.height} ways: {said}.{spoilt}{goes}"
    do = "Read each by its own format, as was done here, and ask the source whether days and months are right."
    rows = rare.select("patient", date, form).sort("patient")
    tables = {"patients": rows, "formats": kinds, "by_class": by_class}
    return Finding("several_date_formats", "warning", sentence, rare.height, tables, do)


def _by_class(patients: pl.DataFrame, form: str, usual: str) -> tuple[pl.DataFrame, str]:
    """Return how dates are written in each class, and a sentence where that differs (chi-squared, p below 0.05)."""
    known = patients.drop_nulls(["label", form])
    odd = (pl.col(form) != usual).sum().cast(pl.Int64)
    table = known.group_by("label").agg(patients=pl.len(), otherwise=odd).sort("label")
    numbers = table.select("otherwise", pl.col("patients") - pl.col("otherwise")).to_numpy()
    if table.height < 2 or not numbers.any(axis=0).all():  # noqa: PLR2004 - nothing to compare
        return table, ""
    if chi2_contingency(numbers).pvalue >= SIGNIFICANT:
        return table, ""
    shares = ", ".join(f"{label} {odd / of:.0%}" for label, of, odd in table.iter_rows())
    return table, f" It goes with the class: otherwise than {usual} are written {shares}."


def written_differently(evidence: Evidence) -> list[Finding]:
    """Note the words that mean one thing and are written in several ways (``F`` and ``f``).

    A column ``sex_as_written`` says what stands in the table for each value of the column ``sex``.
    """
    patients = evidence.cohort.patients
    found = []
    for name in patients.columns:
        meaning = name.removesuffix(WRITTEN)
        if not name.endswith(WRITTEN) or meaning not in patients.columns:
            continue
        words = patients.drop_nulls([meaning, name]).group_by(meaning, name).len("patients")
        words = words.sort(meaning, "patients", name, descending=[False, True, False])
        odd = words.filter(~pl.col(meaning).is_first_distinct())
        if odd.height:
            rows = patients.join(odd.select(meaning, name), on=[meaning, name], how="semi").sort("patient")
            named = ", ".join(f"{who}: {word}" for who, word in rows.select("patient", name).head(SHOWN).iter_rows())
            more = f", and {rows.height - SHOWN:,} more" if rows.height > SHOWN else ""
            sentence = f"The column {meaning!r} is written in more than one way ({named}{more}); read as one."
            tables = {"patients": rows.select("patient", meaning, name), "words": words}
            found.append(Finding("written_differently", "note", sentence, rows.height, tables))
    return found


def beyond_stated_limits(evidence: Evidence) -> list[Finding]:
    """List the patients whose values contradict the criteria by which patients are said to have been included."""
    patients = evidence.cohort.patients
    found = []
    for fact, (limit, unit) in _stated(evidence).above.items():
        if fact not in patients.columns:
            continue
        low = patients.filter(pl.col(fact) <= limit).sort("patient").select("patient", "label", fact)
        if low.height:
            values = ", ".join(f"{who}: {value:g}" for who, _, value in low.head(SHOWN).iter_rows())
            more = f", and {low.height - SHOWN:,} more" if low.height > SHOWN else ""
            sentence = (
                f"{counted(low.height, 'patient')} with a {fact.replace('_', ' ')} not above the stated limit of "
                f"{limit:g} {unit} ({values}{more}): by the published criteria they should not be here."
            )
            do = "Ask the source; leave them out where the criteria matter."
            found.append(Finding("beyond_stated_limits", "warning", sentence, low.height, {"patients": low}, do))
    return found


def more_patients_than_stated(evidence: Evidence) -> list[Finding]:
    """Say so where there are more patients than the reports of the data set count; fewer may be a part of it."""
    stated, number = _stated(evidence), evidence.cohort.patients.height
    if stated.patients is None or number <= stated.patients:
        return []
    sentence = (
        f"There are {counted(number, 'patient')}, but {stated.count}: figures of different reports may not compare."
    )
    return [Finding("more_patients_than_stated", "note", sentence, number - stated.patients)]


def _stated(evidence: Evidence) -> Stated:
    return STATED.get(evidence.cohort.reader or "", Stated())
