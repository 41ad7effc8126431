"""A fitted rule and the bundles of its members, made into one bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leukoscope.bundles import EnsembleCard, save_ensemble
from leukoscope.bundles.parts import CARD
from leukoscope.errors import SettingsError
from leukoscope.evaluation.drift import answers_in_short
from leukoscope.files import read_json
from leukoscope.predictions.table import Predictions
from leukoscope.runs.about import OF_A_RUN, of_scores
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
    cards = [read_json(bundle / CARD) for bundle in bundles]
    return EnsembleCard(
        name=name,
        classes=first.cohort.classes,
        rule=scores["ensemble"]["rule"],
        fitted=scores["ensemble"]["fitted"],
        members=members,
        threshold=None if chosen is None else chosen["value"],
        trained_on=_common([card["trained_on"] for card in cards]),
        leakage=scores["leakage"],
        scores={of: score for of, score in test.items() if of in HEADLINE},
        about=_about(dict(zip(members, cards, strict=True)), scores, rule.read_record()),
        home=_home(first, rule, scores, cards),
    )


def _home(first: Run, rule: RunFolder, scores: dict[str, Any], cards: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the answers of all together are like on the test part, and what all members say of the pictures."""
    said = Predictions.load(rule.predictions("test"), first.cohort.classes)
    chosen, own = scores["threshold"], _common([card.get("home") or {} for card in cards])
    answers = answers_in_short(said, None if chosen is None else chosen["value"])
    return {name: value for name, value in own.items() if name != "answers"} | {"answers": answers}


def _about(cards: dict[str, dict[str, Any]], scores: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    """Return what the members' cards say alike, what is known of the scores, and of which networks it is made."""
    alike = _common([card.get("about") or {} for card in cards.values()])
    kept = {name: value for name, value in alike.items() if name not in OF_A_RUN}
    own = {"recipe": scores["recipe"], "date": record["started"][:10], "seed": record["seed"]}
    members = [one for name, card in cards.items() for one in _networks(name, card)]
    return {**kept, **own, **of_scores(scores), "members": members}


def _networks(name: str, card: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the networks of a member, those of its own members where it is made of several."""
    own = (card.get("about") or {}).get("members")
    if own:
        return [{**one, "name": f"{name}, {one['name']}"} for one in own]
    flags = card.get("out_of_distribution") is not None
    return [{"name": name, "model": card.get("model"), "weights": card.get("weights"), "flags": flags}]


def _common(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the fields that all members' cards have alike."""
    first, *others = fields
    return {name: value for name, value in first.items() if all(own.get(name) == value for own in others)}
