"""A fitted rule and the bundles of its members, made into one bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leukoscope.bundles import EnsembleCard, save_ensemble
from leukoscope.bundles.parts import CARD
from leukoscope.errors import SettingsError
from leukoscope.files import read_json
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.members import Members
from leukoscope.runs.run import Run
from leukoscope.runs.scoring import HEADLINE


def write_ensemble_bundle(members: Members, rule: RunFolder, out: Path, *, name: str) -> None:
    """Write the bundle of a rule that has been fitted and scored; one that is there already is left as it is.

    Each member's own bundle is copied whole, so the bundle needs nothing of the runs. Its threshold is the rule's.

    Args:
        members: The models, all of them runs of cells.
        rule: The rule's finished folder.
        out: Where to.
        name: What the bundle is called.

    Raises:
        SettingsError: a member is a table of predictions, or a run of patients.
        DataError: a member is made of others and has no bundle of its own.
        BundleError: a member's bundle is damaged.
    """
    runs = refuse_unbundled(members)
    if (out / CARD).is_file():
        return
    bundles = {member: run.bundle for member, run in zip(members.names, runs, strict=True)}
    save_ensemble(out, bundles, _card(runs[0], rule, tuple(bundles), name, list(bundles.values())))


def refuse_unbundled(members: Members) -> list[Run]:
    """Return the members' runs, of which a bundle can be made.

    Raises:
        SettingsError: a member is a table of predictions, or a run of patients.
    """
    runs = members.runs
    if runs is None:
        tables = ", ".join(member.name for member in members.members if member.run is None)
        what = f"A bundle needs the models themselves; these are tables of predictions: {tables}."
        raise SettingsError(what, where="--bundle", do="Leave --bundle out, or name run folders alone.")
    if members.part("test").unit != "cell":
        what = "A bundle of several models is of cells; these runs diagnose patients."
        raise SettingsError(what, where="--bundle", do="Leave --bundle out, and predict with each member's own bundle.")
    return runs


def _card(first: Run, rule: RunFolder, members: tuple[str, ...], name: str, bundles: list[Path]) -> EnsembleCard:
    scores: dict[str, Any] = read_json(rule.scores)
    chosen, test = scores["threshold"], scores["parts"]["test"]["scores"]
    return EnsembleCard(
        name=name,
        classes=first.cohort.classes,
        rule=scores["ensemble"]["rule"],
        fitted=scores["ensemble"]["fitted"],
        members=members,
        threshold=None if chosen is None else chosen["value"],
        trained_on=_common([read_json(bundle / CARD)["trained_on"] for bundle in bundles]),
        leakage=scores["leakage"],
        scores={of: score for of, score in test.items() if of in HEADLINE},
    )


def _common(trained_on: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what all members' cards say alike of the cells that they were trained on."""
    first, *others = trained_on
    return {name: value for name, value in first.items() if all(own.get(name) == value for own in others)}
