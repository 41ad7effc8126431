"""What a recipe may say: each setting with its type, its range, its default and its meaning."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(gt=0, lt=1)]
Sampling = Literal[
    "none", "subsample_and_augment", "oversample", "class_balanced_batches", "to_number", "bagging_variation"
]


LossWeights = Literal["none", "balanced", "negatives_over_positives", "class_balanced"] | dict[str, float]


class Settings(BaseModel):
    """The common base: unknown names are refused, values are not changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class About(Settings):
    """Where a recipe comes from."""

    purpose: str = Field(description="What the recipe is for, in a sentence.")
    paper: str | None = Field(None, description="The publication it repeats.")
    published: dict[str, Any] = Field(
        default_factory=dict,
        description="Published figures by metric, to stand beside ours; classes: class by class, in a study.",
    )
    protocol: str | None = Field(None, description="How the published figures were measured.")
    best_epochs: int = Field(
        1, ge=1, description="How many best epochs each published figure is the mean of; sweep --peek does the same."
    )
    cost: str = Field("", description="What a run costs on two cores.")
    caution: str | None = Field(None, description="What readers of the results must know; it goes with every score.")


class SplitSettings(Settings):
    """How the cells are divided."""

    kind: Literal["holdout", "official", "file", "folds", "repeated", "leave_one_out"] = Field(
        "holdout", description="How the parts are made."
    )
    by: Literal["patient", "cell"] = Field(
        "patient", description="What stays together; linked groups and identical pictures always do."
    )
    test: Share | None = Field(
        None, description="Share of the cells held out for the test: 0.25 (holdout), 0.5 (repeated) where not given."
    )
    validation: Share = Field(0.2, description="Share of the remaining cells for validation, where none is given.")
    stratify: str | None = Field(
        None, description="A fact of cells or patients (sex, place) that each class is shared out by too."
    )
    on_twins: Literal["link", "drop", "report"] = Field(
        "link",
        description="One cell in two pictures: join their patients, leave the later picture out, or only report it.",
    )
    seed: int | None = Field(None, ge=0, description="Seed of the draw; the run's seed where not given.")
    folds: int = Field(5, ge=2, description="Number of folds (folds).")
    fold: int = Field(
        0,
        ge=0,
        description="Which fold is the test part, which patient is left out, which split of a file of several; from 0.",
    )
    inner: int | None = Field(
        None, ge=2, description="Nested: number of inner folds, of which one is validation instead of a share (folds)."
    )
    inner_fold: int = Field(0, ge=0, description="Which inner fold is validation, from 0 (folds).")
    repeats: int = Field(10, ge=1, description="Number of draws (repeated).")
    repeat: int = Field(0, ge=0, description="Which of the draws, from 0 (repeated).")
    patient: str | None = Field(None, description="The patient to leave out, instead of fold (leave_one_out).")
    places: dict[Literal["train", "validation", "test"], list[str]] = Field(
        default_factory=dict,
        description="Official parts by the data set's own names, where not the data set's default.",
    )
    file: str | None = Field(
        None, description="A table with the columns id (or patient) and part; split where it holds several (file)."
    )


class BranchSettings(Settings):
    """One of several networks that stand side by side in a joint model."""

    backbone: str = Field(description="A timm name, or one of ours.")
    weights: str | None = Field(
        None, description="imagenet, a file or folder, the folder of a finished run or its bundle; none: random."
    )
    normalise: Literal["weights", "none"] = Field("weights", description="As of model.normalise, for this branch.")
    cut: str | None = Field(None, description="Last stage that is kept, by its name in timm.")
    stride_in_first: bool = Field(False, description="As of model.stride_in_first.")
    activation: Literal["own", "leaky_relu"] = Field("own", description="As of model.activation.")


class ModelSettings(Settings):
    """The network."""

    backbone: str = Field(
        description="A timm name: resnet18, mobilenetv2_100, ...; our four_convolutions; joint: several networks side "
        "by side (branches); none: no network, named measures alone."
    )
    branches: dict[str, BranchSettings] = Field(
        default_factory=dict,
        description="The networks of a joint model by name; their pooled features stand one behind the other (joint).",
    )
    weights: str | None = Field(
        None, description="imagenet: from --weights or the hub's cache; a file or folder; none: random."
    )
    normalise: Literal["weights", "none"] = Field(
        "weights", description="What is done to the channels: as the weights want it, or nothing: pixels in 0 to 1."
    )
    cut: str | None = Field(None, description="Last stage that is kept, by its name in timm: layer3.")
    stride_in_first: bool = Field(
        False, description="ResNet bottlenecks with the stride on the 1x1 convolution (first version; Keras's weights)."
    )
    activation: Literal["own", "leaky_relu"] = Field(
        "own",
        description="Of the backbone: its own, or leaky ReLU (slope 0.3, as in Keras) in place of each ReLU it has.",
    )
    pool: Literal["average", "cell", "flatten"] = Field(
        "average",
        description="From maps to a vector: the average of all pixels of the last map; mean and deviation of each "
        "channel over the cell's own pixels, without the black background; or every pixel of the map (flatten).",
    )
    pool_stages: list[str] | None = Field(
        None,
        min_length=1,
        description="Stages that are pooled over the cell: [stem, layer1]; the last kept if not given.",
    )
    pool_rim: int = Field(
        0, ge=0, le=100, description="Width in px of the framed picture of what is left out within the cell's outline."
    )
    head: Literal["linear", "dense", "logistic_regression", "svm", "forest", "mlp", "prototypes"] = Field(
        "linear",
        description="What stands on the features: a linear layer, dense layers before it (hidden); or, fitted at once, "
        "without stages, a logistic_regression, an svm, a random forest, an mlp, prototypes (the likeness to each "
        "class's mean).",
    )
    pca: int | None = Field(
        None,
        ge=1,
        description="Principal components that the head sees in place of the features (svm, forest, mlp, prototypes).",
    )
    feature_norm: bool = Field(
        False, description="Batch normalisation of the pooled features before the head's first layer (dense)."
    )
    hidden: list[Annotated[int, Field(ge=1)]] = Field(
        default_factory=list, description="Widths of the dense layers, each with ReLU, in order: [256, 256] (dense)."
    )
    hidden_dropout: float = Field(0.0, ge=0, lt=1, description="Dropout behind each dense layer (dense).")
    measures: bool | Literal["handcrafted"] | list[str] = Field(
        False,
        description="Named measures of the cell (nucleus, cytoplasm) beside the features: true (the ten), handcrafted "
        "(size, shape, chromatin texture, colour), or their names.",
    )
    crop: int | None = Field(
        None, ge=8, description="Centre of the framed picture that the backbone sees, in px; measures see all of it."
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="Dropout before the head's first layer.")

    @property
    def fitted_at_once(self) -> bool:
        """Whether the head is fitted at once to what the frozen network makes of each cell or patient."""
        return self.head in FITTED_HEADS


FITTED_HEADS = ("logistic_regression", "svm", "forest", "mlp", "prototypes")


class BaggingSettings(Settings):
    """The parts that the largest class is divided into, and which of them this model sees whole."""

    parts: int = Field(2, ge=1, description="Number of parts, and of models; 1: one model sees all of the class whole.")
    part: int = Field(0, ge=0, description="Which part is seen whole, from 0; the others are seen as changed copies.")
    by: Literal["patient", "cell"] = Field(
        "patient", description="What stays together in a part; by cell the parts are of equal size, as published."
    )
    copies: list[dict[str, Any]] = Field(
        [{"flip": 0.5}, {"rotate": 360}],
        description="Random changes that make a copy of a cell, as of augmentation.",
    )
    at_a_time: Literal["all", "one"] = Field("all", description="Whether a copy has all these changes, or one of them.")
    redrawn: bool = Field(False, description="Draw the changes of a copy anew with each epoch; fixed where not.")


class BalanceSettings(Settings):
    """What is done about classes of unequal size."""

    loss_weights: LossWeights = Field(
        "none",
        description="Weight of each class in the loss; balanced: n / (classes * n of the class); class_balanced: by "
        "the effective number of its cells (beta).",
    )
    beta: float = Field(
        0.999, ge=0, lt=1, description="0: all classes alike; towards 1: as balanced (loss_weights: class_balanced)."
    )
    patients: Literal["by_cells", "equal"] = Field(
        "by_cells",
        description="What a patient weighs in a head that is fitted to cells at once: as much as there are cells, or "
        "all the same.",
    )
    sampling: Sampling = Field(
        "none",
        description="Which training cells an epoch sees: all once; of each class so many, a larger one cut, a smaller "
        "one filled up with mirrored and turned copies; smaller classes repeated; batches drawn evenly from the "
        "classes, as many cells as there are; the same with cells_per_class of each (to_number); or one part of the "
        "largest class whole, the others and the rest of the smaller ones as changed copies (bagging).",
    )
    bagging: BaggingSettings = Field(
        default_factory=BaggingSettings, description="The parts and the copies (bagging_variation)."
    )
    cells_per_class: int | None = Field(
        None,
        ge=1,
        description="So many cells of each class (to_number, subsample_and_augment; there the training part's cells "
        "shared out evenly where not given).",
    )


class ScheduleSettings(Settings):
    """How the learning rates change."""

    kind: Literal["constant", "step", "cosine", "plateau"] = Field("constant", description="The rule.")
    every: int = Field(1, ge=1, description="Epochs between two steps (step).")
    factor: float = Field(0.1, gt=0, le=1, description="What a step multiplies the rates by (step, plateau).")
    patience: int = Field(
        6, ge=1, description="Epochs without a better best_epoch metric after which the rates fall (plateau)."
    )
    warmup: int = Field(0, ge=0, description="Epochs of linear rise from zero.")


class StageSettings(Settings):
    """One stage of training."""

    epochs: int = Field(ge=1, description="How often every training cell is seen.")
    batch: int = Field(32, ge=1, description="Cells a step.")
    train: Literal["all", "head"] | list[str] = Field(
        "all", description="The parts that are trained, by name: [layer3..layer4, head], or blocks of one: layer4.2."
    )
    unfreeze: Literal["at_once", "gradually"] = Field(
        "at_once",
        description="gradually: the head alone first, then one part more each time, from the last to the first; each "
        "step has the stage's epochs.",
    )
    optimizer: Literal["sgd", "adam", "adamw", "rmsprop"] = Field("adam", description="The optimiser.")
    rates: float | dict[str, float] = Field(
        1e-3, description="Learning rate, or one a part; layer2..layer4 names a range, others: the rest."
    )
    momentum: float = Field(0.9, ge=0, lt=1, description="Momentum (sgd), smoothing (rmsprop).")
    epsilon: float | None = Field(
        None, gt=0, description="What keeps the optimiser from dividing by zero (adam, adamw, rmsprop); torch's 1e-8."
    )
    weight_decay: float = Field(0.0, ge=0, description="Weight decay.")
    schedule: ScheduleSettings = Field(default_factory=ScheduleSettings, description="How the rates change.")
    patience: int | None = Field(
        None, ge=1, description="Stop after so many epochs without a better best_epoch metric; never where not given."
    )
    batch_norm: Literal["train", "frozen", "fixed"] | None = Field(
        None,
        description="Whether batch-norm statistics move: train for cells, frozen for patients where not given; fixed "
        "keeps their weights, too.",
    )
    sampling: Literal["class_balanced_batches"] | None = Field(
        None, description="Batches drawn evenly from the classes in this stage alone; as of balance where not given."
    )
    fresh_head: bool = Field(
        False, description="Begin with a head at random, whatever earlier stages taught it (classifier retraining)."
    )
    average_weights: float | None = Field(
        None, gt=0, lt=1, description="Decay of an exponential moving average of the weights, used in evaluation."
    )


class LossSettings(Settings):
    """What is made small in training, beside the weights of the classes (balance.loss_weights)."""

    synergic: float = Field(
        0.0,
        ge=0,
        description="Weight of the synergic loss: whether two branches, of two cells, see one class (joint).",
    )
    focal: float = Field(
        0.0, ge=0, description="How much less a cell counts that is told well already: (1 - its probability)^focal."
    )
    logit_adjustment: float = Field(
        0.0, ge=0, description="How much of the classes' own frequencies the logits need not learn; 1: all of it."
    )
    mixup: float = Field(
        0.0,
        ge=0,
        description="Mix each cell with another of its batch, labels too; by a share from Beta(mixup, mixup) (cells).",
    )


class BestEpochSettings(Settings):
    """Which epoch's weights are kept: the best on the validation part, never on the test part."""

    metric: str = Field("weighted_f1", description="A metric of the validation part; loss is the smallest.")


class TestTimeSettings(Settings):
    """Views of a cell that are averaged when it is scored."""

    rotations: int = Field(1, ge=1, le=64, description="Number of rotations, spread evenly over the full turn.")
    flips: Literal["none", "horizontal", "both"] = Field(
        "none", description="Each view mirrored too: left to right, or that, top to bottom and both."
    )
    crops: Literal["none", "five"] = Field("none", description="five: the four corners and the centre of each view.")
    crop_share: Share = Field(0.875, description="Side of such a crop, as a share of the view's.")
    mean: Literal["logits", "probabilities"] = Field("logits", description="What is averaged.")
    fill: Literal["black", "edge", "reflect"] = Field(
        "black", description="What the corners of a rotated view are filled with."
    )
    adaptive: bool = Field(
        False,
        description="Look at further views only where they can still change the decision, by a rule fixed on "
        "validation (cells of two classes).",
    )


class ThresholdSettings(Settings):
    """How the operating threshold is chosen, on validation (two classes only)."""

    maximize: Literal["weighted_f1", "balanced_accuracy", "accuracy"] = Field(
        "balanced_accuracy", description="What the threshold makes largest on validation."
    )
    sensitivity: Share | None = Field(None, description="Instead: the largest threshold that reaches this sensitivity.")
    value: Share | None = Field(None, description="Instead: this threshold; 0.5 where the classes were balanced.")


class BagSettings(Settings):
    """How a patient's cells make one diagnosis (task: patients)."""

    aggregator: str | dict[str, dict[str, Any]] = Field(
        "mean", description="From a patient's logits to one: mean, bn_sigmoid, or with options {top_k: {k: 10}}."
    )
    instances: Literal["pixels", "cells"] = Field(
        "pixels", description="A logit for every pixel of a cell's feature map, or one for each cell."
    )
    order: Literal["logits", "features"] = Field(
        "logits", description="What is aggregated: logits, or features, with the linear map behind."
    )
    cells: int | None = Field(
        None, ge=1, description="Cells a patient that a training step sees, drawn anew each time; all where not given."
    )
    select: int | None = Field(
        None, ge=1, description="Instance selection: learn on so many cells a patient, the highest ranked."
    )
    step: Literal["whole", "chunked", "last"] = Field(
        "chunked",
        description="Gradients at once, exactly by chunks, or of the last max_backward pictures alone (Algorithm 1).",
    )
    max_forward: int = Field(64, ge=1, description="Pictures at a time in the network.")
    max_backward: int = Field(512, ge=1, description="Pictures that have gradients (step: last).")
    frozen: bool = Field(
        False, description="Embed every cell once and leave the backbone as it is; head and aggregator alone learn."
    )


class FactInput(Settings):
    """A number among the facts that says no more from a point on."""

    kind: Literal["linear", "log"] = Field(description="Its scale.")
    most: float = Field(gt=0, description="Larger values count as this one, in the fact's own unit.")


class FactsSettings(Settings):
    """Declared facts of a patient beside the pictures (task: patients)."""

    inputs: dict[str, Literal["linear", "log", "category"] | FactInput] = Field(
        default_factory=dict,
        description="Each fact and its scale: {age: linear, lymphocyte_count: log, sex: category}, or "
        "{kind: log, most: 20}, where larger values count as this one.",
    )
    fusion: Literal["none", "late", "concatenate", "gate", "experts"] = Field(
        "none", description="How facts join the pictures; late: logistic regression on out-of-fold image logits."
    )
    folds: int = Field(5, ge=2, description="Folds of the out-of-fold logits (late).")


class ReferSettings(Settings):
    """When a patient, or a cell, is referred to a person or a further test instead of being called."""

    coverage: Share | None = Field(
        None, description="Promised share of patients whose label lies in the band; no band where not given (patients)."
    )
    accuracy: Share | None = Field(
        None,
        description="Accuracy that is asked of the cells that are called; less sure ones are referred. Nothing is "
        "referred where not given (cells).",
    )
    calibrate: Literal["none", "platt", "isotonic", "temperature"] = Field(
        "none", description="What is done to the probabilities on validation; of more than two classes a temperature."
    )


class ReferenceSettings(Settings):
    """The training cells that go with the bundle, so that it can tell what it was never meant for."""

    cells: int = Field(
        200,
        ge=0,
        le=1000,
        description="How many training cells the bundle lists to hold others beside; 0: none, and nothing is flagged.",
    )
    pictures: bool = Field(True, description="Whether their pictures go with the bundle, as thumbnails.")


class DrawnSettings(Settings):
    """A drawn cohort, made when no data are named."""

    classes: Literal[2, 8, 15] = Field(2, description="Number of classes.")
    patients: int = Field(40, ge=2, description="Number of patients.")
    cells: int = Field(40, ge=1, description="Cells a patient.")
    size: int = Field(64, ge=16, le=512, description="Side of a picture in pixels.")
    background: Literal["smear", "black"] = Field("black", description="Red cells around, or C-NMC's black.")
    counts: dict[str, int] | None = Field(None, description="Cells of each class in all, instead of cells a patient.")
    malignant_share: float = Field(0.6, gt=0, le=1, description="Share of malignant cells in a positive patient.")
    seed: int | None = Field(None, ge=0, description="Seed of the drawing; the run's seed where not given.")

    def seeded(self, seed: int) -> dict[str, Any]:
        """Return the settings for ``drawn.draw_cohort``, with this seed where they state none."""
        return self.model_dump() | {"seed": seed if self.seed is None else self.seed}


class ClassSettings(Settings):
    """What the classes have in common, where the data set does not declare it, or to be asked otherwise."""

    groups: dict[str, list[str]] = Field(
        default_factory=dict, description="Classes to score as one against all others: {blast: [MYO, MOB]}."
    )
    lineages: dict[str, list[str]] = Field(
        default_factory=dict, description="Classes that descend from each other; errors within a lineage are counted."
    )


class AsPublishedSettings(Settings):
    """The paper's own split, where it leaks: the recipe is run on it once more, to say what the leak is worth."""

    split: dict[str, Any] = Field(description="What of the split is otherwise: {by: cell}.")
    reason: str = Field(description="Why the leak is allowed there; it marks every result of that run.")


class Recipe(Settings):
    """One experiment, whole."""

    name: str = Field(description="The recipe's name.")
    about: About = Field(description="Where it comes from.")
    task: Literal["cells", "patients"] = Field("cells", description="What is classified.")
    drawn: DrawnSettings | None = Field(None, description="Cells drawn when no --data is given.")
    split: SplitSettings = Field(default_factory=SplitSettings, description="How the cells are divided.")
    classes: ClassSettings = Field(
        default_factory=ClassSettings,
        description="Groups and lineages of classes; as the data set declares them where none are given (cells).",
    )
    start_from: str | None = Field(
        None,
        description="A finished run, or its bundle, to start from: backbone, normalisation and, where none is given, "
        "framing come along; the head is made anew.",
    )
    framing: list[dict[str, Any]] = Field(
        default_factory=list,
        description="Deterministic steps from a picture to the network's input, part of the bundle.",
    )
    augmentation: list[dict[str, Any]] = Field(default_factory=list, description="Random changes, training only.")
    model: ModelSettings = Field(description="The network.")
    bag: BagSettings = Field(default_factory=BagSettings, description="From cells to a patient (patients).")
    facts: FactsSettings = Field(default_factory=FactsSettings, description="Facts beside the pictures (patients).")
    balance: BalanceSettings = Field(default_factory=BalanceSettings, description="Unequal classes.")
    loss: LossSettings = Field(default_factory=LossSettings, description="What is made small.")
    stages: list[StageSettings] = Field(
        description="The stages of training, in order; none where all is fitted at once."
    )
    best_epoch: BestEpochSettings = Field(default_factory=BestEpochSettings, description="Which weights are kept.")
    test_time: TestTimeSettings = Field(default_factory=TestTimeSettings, description="Views averaged in scoring.")
    threshold: ThresholdSettings = Field(default_factory=ThresholdSettings, description="The operating threshold.")
    refer: ReferSettings = Field(
        default_factory=ReferSettings, description="Calibration, and when to refer instead of calling."
    )
    reference: ReferenceSettings = Field(
        default_factory=ReferenceSettings, description="Training cells in the bundle, to flag what is unlike them."
    )
    without_weights: dict[str, Any] | None = Field(
        None, description="What is otherwise where model.weights: imagenet are not at hand: settings as in a recipe."
    )
    as_published: AsPublishedSettings | None = Field(
        None, description="Run once more on the paper's own split, which leaks; the report states the difference."
    )
    seed: int = Field(0, ge=0, description="Seed of everything that is drawn.")


class MemberSettings(Settings):
    """One of several models that are to decide together."""

    recipe: str = Field(description="The recipe it is trained by: a name, or a YAML file.")
    set: dict[str, Any] = Field(
        default_factory=dict,
        description="Settings of it to change, by dotted name: {patch: small, stages.0.epochs: 3}.",
    )


class EnsembleSettings(Settings):
    """How several models decide together."""

    rules: dict[str, dict[str, Any]] = Field(
        {"average": {}},
        min_length=1,
        description="Each rule and its options: {genetic: {}, average: {}}; the word of the first is the ensemble's.",
    )
    published: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Published figures of each rule by metric, to stand beside ours."
    )


class SeeingSettings(Settings):
    """What is shown of what the models look at."""

    cells: int = Field(8, ge=0, description="Cells of the test part whose maps are drawn; 0: none.")
    methods: list[str] = Field(
        default_factory=lambda: ["grad_cam", "gradient_times_activation", "occlusion"],
        description="The kinds of maps, each for every model.",
    )


class EnsembleRecipe(Settings):
    """Several models of the same cells, trained on one split, and what they say together."""

    name: str = Field(description="The recipe's name.")
    about: About = Field(description="Where it comes from.")
    task: Literal["cells"] = Field("cells", description="What is classified.")
    drawn: DrawnSettings | None = Field(None, description="Cells drawn when no --data is given.")
    split: SplitSettings = Field(default_factory=SplitSettings, description="How the cells are divided, for all.")
    members: dict[str, MemberSettings] = Field(min_length=2, description="The models, by the names they go by.")
    joint: MemberSettings | None = Field(
        None, description="One model more, joint, trained last: its branches begin with the weights of all members."
    )
    ensemble: EnsembleSettings = Field(default_factory=EnsembleSettings, description="How they decide together.")
    threshold: ThresholdSettings = Field(
        default_factory=ThresholdSettings, description="The operating threshold, of each model and of the ensemble."
    )
    seeing: SeeingSettings = Field(default_factory=SeeingSettings, description="What is shown of what they look at.")
    as_published: AsPublishedSettings | None = Field(
        None, description="Run once more on the paper's own split, which leaks; the report states the difference."
    )
    seed: int = Field(0, ge=0, description="Seed of everything that is drawn.")


AnyRecipe = Recipe | EnsembleRecipe
