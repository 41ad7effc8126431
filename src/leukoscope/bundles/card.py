"""A bundle's card: what the model is, how pictures are prepared for it, what it was trained on, how good it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.evaluation.confidence import Confidence
from leukoscope.evaluation.view_rule import ViewRule
from leukoscope.pictures.augmentation import views
from leukoscope.pictures.framing import Framing, parse_framing
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings, TestTimeSettings

RESEARCH_USE_ONLY = "For research use only. Not a medical device; not for diagnosis or treatment decisions."
LATE = "late"
OPTIONAL = ("view_rule", "calibrator", "confidence")
"""Fields of a card of cells that are there only where the bundle has them; earlier bundles know none of them."""
OF_ELSEWHERE = ("home", "recalibrated")
"""Fields of any card that speak of other data sets than that of the run; not there where they are None."""


@dataclass(frozen=True)
class BundleCard:
    """Everything about a model but its weights.

    Args:
        name: What it is called: the run's name.
        classes: The classes, in the order of the outputs.
        framing: The way from a decoded picture to the network's input; it gives a fixed size.
        model: The network's settings. Where its first weights came from is in ``weights``, not here.
        threshold: From which probability of the positive class on it is called; None for more than two classes.
        test_time: The views of a cell that are averaged.
        weights: Where the first weights came from (``WeightsNote.as_json``).
        trained_on: JSON values: the data set, counts of cells and patients, the SHA-256 of the list of pictures.
        leakage: The reason given for a leaking split; None where there was none.
        scores: JSON values: the headline of the test part's scores.
        task: What is classified: ``cells``, or ``patients``, which alone have what follows.
        bag: How a patient's cells make one diagnosis.
        facts: Which facts of a patient count, and how they join the pictures.
        encoder: What makes numbers of the facts (``FactsEncoder.as_json``); None where no facts count.
        fusion: The coefficients of late fusion (``LateFusion.as_json``); None for all other ways.
        calibrator: What is done to the probabilities, of cells too (``as_json`` of a calibrator); None for nothing.
        band: When a patient is referred (``as_json`` of a conformal band); None for never.
        view_rule: Of cells of two classes: after how many views which are decided (``ViewRule.as_json``); None where
            all views are looked at.
        confidence: Of cells: from which probability on they are called, and else referred (``Confidence.as_json``);
            None for never.
        auto_crop: Whether the side of the framing's centre crop was found in the pictures (``center_crop: auto``).
        out_of_distribution: How far is too far from the training cells (``OutOfDistribution.as_json``), which lie in
            ``reference/``; None where there are none.
        about: JSON values: what the run that made it says of data, training and scores beyond that; the model card is
            written from it. Empty in bundles of earlier versions.
        home: JSON values: what the pictures and answers of the run's parts are like in short, and the rule of the
            threshold, for whoever holds others beside them (``runs.at_home``); None in bundles of earlier versions.
        recalibrated: JSON values: on whom calibrator, threshold and referral were fitted anew, and what that changed on
            others (``validation.recalibrating``); None where they are those of the run.

    Raises:
        SettingsError: the framing gives no fixed size, the threshold is none of a probability, the facts' encoder
            or the coefficients are missing, or the rule for views or for referring cells is none, or stands where it
            cannot be used.
    """

    name: str
    classes: Classes
    framing: Framing
    model: ModelSettings
    threshold: float | None = None
    test_time: TestTimeSettings = field(default_factory=TestTimeSettings)
    weights: dict[str, Any] = field(default_factory=dict)
    trained_on: dict[str, Any] = field(default_factory=dict)
    leakage: str | None = None
    scores: dict[str, Any] = field(default_factory=dict)
    task: Literal["cells", "patients"] = "cells"
    bag: BagSettings = field(default_factory=BagSettings)
    facts: FactsSettings = field(default_factory=FactsSettings)
    encoder: dict[str, Any] | None = None
    fusion: dict[str, Any] | None = None
    calibrator: dict[str, Any] | None = None
    band: dict[str, Any] | None = None
    view_rule: dict[str, Any] | None = None
    confidence: dict[str, Any] | None = None
    auto_crop: bool = False
    out_of_distribution: dict[str, Any] | None = None
    about: dict[str, Any] = field(default_factory=dict)
    home: dict[str, Any] | None = None
    recalibrated: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.framing.size is None:
            raise SettingsError(
                "The framing gives pictures of different sizes; a bundle needs one.",
                where="framing",
                do="End it with a step that sets the size: {resize: 128}.",
            )
        if self.threshold is not None and not (self.classes.binary and 0 <= self.threshold <= 1):
            raise SettingsError(
                f"A threshold is a probability, 0 to 1, and only for two classes; found {self.threshold} "
                f"for {len(self.classes)} classes."
            )
        if self.takes_facts and self.encoder is None:
            raise SettingsError(
                "The bundle's facts have no encoder: nothing says how they become numbers.", where="encoder"
            )
        if self.takes_facts and self.facts.fusion == LATE and self.fusion is None:
            raise SettingsError("The bundle's late fusion has no coefficients.", where="fusion")
        if self.view_rule is not None:
            self._refuse_view_rule(ViewRule.from_json(self.view_rule))
        if self.task == "cells":
            self._refuse_unfit_certainty()
        elif self.confidence is not None:
            raise SettingsError("A rule for referring cells is none for patients.", where="confidence")
        # Weights by name or path say nothing on another machine; the trained ones lie in the bundle.
        branches = {name: one.model_copy(update={"weights": None}) for name, one in self.model.branches.items()}
        settled = self.model.model_copy(update={"weights": None, "branches": branches})
        object.__setattr__(self, "model", settled)

    def _refuse_view_rule(self, rule: ViewRule) -> None:
        if self.task != "cells" or self.threshold is None:
            raise SettingsError(
                "A rule for fewer views needs cells of two classes and their threshold.", where="view_rule"
            )
        asked = self.test_time
        number, last = len(views(asked.rotations, asked.flips, asked.crops)), max(rule.after, default=0)
        if self.calibrator is not None or self.confidence is not None:
            raise SettingsError(
                "Fewer views keep each call, but not how probable it is, which calibration and referral ask for.",
                where="view_rule",
            )
        if last >= number:
            raise SettingsError(
                f"The rule for fewer views asks after {last} of them, and there are {number}.", where="view_rule"
            )

    def _refuse_unfit_certainty(self) -> None:
        """Refuse a calibrator, or a rule for referring cells, that is none or was fitted for other classes."""
        kinds: dict[str, Any] = {"calibrator": Calibrator, "confidence": Confidence}
        for name, kind in kinds.items():
            value = getattr(self, name)
            if value is None:
                continue
            try:
                fitted = kind.from_json(value)
            except DataError as error:
                raise SettingsError(error.what, where=name) from None
            if fitted.classes != self.classes.names:
                raise SettingsError(
                    f"It was fitted for {', '.join(fitted.classes)}; the classes are {', '.join(self.classes.names)}.",
                    where=name,
                )

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width in pixels of what the network sees."""
        if self.framing.size is None:
            raise SettingsError("The framing gives no fixed size.", where="framing")
        return self.framing.size

    @property
    def takes_facts(self) -> bool:
        """Whether facts of a patient count beside the pictures."""
        return self.task == "patients" and self.facts.fusion != "none" and bool(self.facts.inputs)

    def as_json(self) -> dict[str, Any]:
        """Return the card as plain JSON values; what only patients have stands only on a card of patients."""
        height, width = self.input_size
        common = {
            "name": self.name,
            "use": RESEARCH_USE_ONLY,
            "classes": self.classes.as_json(),
            "framing": self.framing.spec(),
            "auto_crop": self.auto_crop,
            "input": {"height": height, "width": width, "channels": ["red", "green", "blue"], "range": [0, 1]},
            "model": self.model.model_dump(mode="json"),
            "threshold": self.threshold,
            "test_time": self.test_time.model_dump(mode="json"),
            "weights": self.weights,
            "trained_on": self.trained_on,
            "leakage": self.leakage,
            "scores": self.scores,
        }
        if self.out_of_distribution is not None:
            common["out_of_distribution"] = self.out_of_distribution
        if self.about:
            common["about"] = self.about
        common |= {name: getattr(self, name) for name in OF_ELSEWHERE if getattr(self, name) is not None}
        if self.task == "cells":
            own = {name: getattr(self, name) for name in OPTIONAL}
            return common | {name: value for name, value in own.items() if value is not None}
        return {**common, **self._of_patients()}

    def _of_patients(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "bag": self.bag.model_dump(mode="json"),
            "facts": self.facts.model_dump(mode="json"),
            "encoder": self.encoder,
            "fusion": self.fusion,
            "calibrator": self.calibrator,
            "band": self.band,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> BundleCard:
        """Make a card from what ``as_json`` returned.

        Raises:
            SettingsError: a value that this version does not know.
            ValueError: network settings that this version does not know.
        """
        further: dict[str, Any] = {name: value.get(name) for name in (*OPTIONAL, *OF_ELSEWHERE)}
        if value.get("task", "cells") != "cells":
            further |= {name: value[name] for name in ("task", "encoder", "fusion", "calibrator", "band")}
            further["bag"] = BagSettings.model_validate(value["bag"])
            further["facts"] = FactsSettings.model_validate(value["facts"])
        return cls(
            name=value["name"],
            classes=Classes.from_json(value["classes"]),
            framing=parse_framing(value["framing"]),
            model=ModelSettings.model_validate(value["model"]),
            threshold=value["threshold"],
            test_time=TestTimeSettings.model_validate(value["test_time"]),
            weights=value["weights"],
            trained_on=value["trained_on"],
            leakage=value["leakage"],
            auto_crop=value.get("auto_crop", False),
            scores=value["scores"],
            out_of_distribution=value.get("out_of_distribution"),
            about=value.get("about", {}),
            **further,
        )
