"""A bundle's card: what the model is, how pictures are prepared for it, what it was trained on, how good it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.pictures.framing import Framing, parse_framing
from leukoscope.recipes.schema import ModelSettings, TestTimeSettings

RESEARCH_USE_ONLY = "For research use only. Not a medical device; not for diagnosis or treatment decisions."


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

    Raises:
        SettingsError: the framing gives no fixed size, or the threshold is none of a probability.
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
        # Weights by name or path say nothing on another machine; the trained ones lie in the bundle.
        object.__setattr__(self, "model", self.model.model_copy(update={"weights": None}))

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width in pixels of what the network sees."""
        if self.framing.size is None:
            raise SettingsError("The framing gives no fixed size.", where="framing")
        return self.framing.size

    def as_json(self) -> dict[str, Any]:
        """Return the card as plain JSON values."""
        height, width = self.input_size
        return {
            "name": self.name,
            "use": RESEARCH_USE_ONLY,
            "classes": self.classes.as_json(),
            "framing": self.framing.spec(),
            "input": {"height": height, "width": width, "channels": ["red", "green", "blue"], "range": [0, 1]},
            "model": self.model.model_dump(mode="json"),
            "threshold": self.threshold,
            "test_time": self.test_time.model_dump(mode="json"),
            "weights": self.weights,
            "trained_on": self.trained_on,
            "leakage": self.leakage,
            "scores": self.scores,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> BundleCard:
        """Make a card from what ``as_json`` returned.

        Raises:
            SettingsError: a value that this version does not know.
            ValueError: network settings that this version does not know.
        """
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
            scores=value["scores"],
        )
