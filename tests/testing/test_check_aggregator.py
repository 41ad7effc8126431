"""Each way to break the contract of aggregators is found, on an aggregator that is whole but for that."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from leukoscope.models.aggregators import Aggregator
from leukoscope.models.aggregators.attention import Attention
from leukoscope.models.aggregators.layers import generator_of, linear
from leukoscope.models.aggregators.max import Max
from leukoscope.models.aggregators.mean import Mean
from leukoscope.models.bags import Bags
from leukoscope.testing import check_aggregator
from leukoscope.testing.aggregator_checks.all_checks import CHECKS
from leukoscope.testing.difference import difference

NO_SEED = "Random weights must come from the seed alone (give torch's initialisers a generator)"


class Whole(Attention):
    """Attention with a running mean of its values, which it learns as it should and does nothing with."""

    seen: Tensor

    def __init__(self, features: int, outputs: int = 1, seed: int = 0) -> None:
        super().__init__(features, outputs, seed, hidden=3)
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
        if self.training:
            self.seen.lerp_(values.detach().mean().to(self.seen.dtype), 0.5)
        return super().forward(values, bags, projected)


def faults(make: Any) -> list[str]:
    """Return what the suite says of an aggregator, a sentence a fault."""
    with pytest.raises(AssertionError) as raised:
        check_aggregator(make)
    head, *said = str(raised.value).split("\n- ")
    assert head == f"The aggregator {make.__name__} breaks its contract:"
    return said


def test_a_whole_aggregator_passes() -> None:
    check_aggregator(Whole)


def test_every_check_has_its_name_once() -> None:
    assert len({check.__name__ for check in CHECKS}) == len(CHECKS) == 22


def test_what_cannot_be_made_is_one_fault() -> None:
    def make(features: int, outputs: int) -> Aggregator:
        return Mean(features, outputs)

    with pytest.raises(AssertionError) as raised:
        check_aggregator(make)  # type: ignore[arg-type]
    assert str(raised.value).startswith(
        "Making an aggregator of 5 features, 1 columns and a seed stopped with TypeError: "
    )


def test_what_is_made_must_be_an_aggregator() -> None:
    with pytest.raises(AssertionError) as raised:
        check_aggregator(lambda features, outputs, _seed: nn.Linear(features, outputs))  # type: ignore[arg-type,return-value]
    assert str(raised.value) == (
        "An aggregator derives from leukoscope.models.aggregators.Aggregator; this one is of the class Linear."
    )


def test_no_assumption() -> None:
    class Silent(Whole):
        assumption: ClassVar[str] = " "

    assert faults(Silent) == [
        "assumption must be a sentence that says when the aggregator is right, ending in a full stop; it is ' '."
    ]


def test_a_kind_that_is_neither_true_nor_false() -> None:
    class Vague(Mean):
        linear: ClassVar[Any] = "perhaps"

    assert faults(Vague) == ["linear must be True or False; it is 'perhaps'."]


def test_a_negative_number_of_projected_numbers() -> None:
    class Negative(Mean):
        projected = -1

    assert "projected must be how many further numbers an instance has, 0 or more; it is -1." in faults(Negative)


def test_more_columns_that_are_taken() -> None:
    class Taking(Mean):
        multiclass: ClassVar[bool] = False

        def __init__(self, features: int, _outputs: int, seed: int) -> None:
            super().__init__(features, 1, seed)

    assert faults(Taking) == [
        (
            "Where multiclass is False, more than one column must be refused with a SettingsError (the base's "
            "constructor does, if it is given the columns); 3 were taken."
        )
    ]


def test_more_columns_that_are_refused_otherwise() -> None:
    class Stopping(Mean):
        multiclass: ClassVar[bool] = False

        def __init__(self, features: int, outputs: int, seed: int) -> None:
            if outputs > 1:
                raise ValueError("one only")
            super().__init__(features, outputs, seed)

    assert faults(Stopping) == [
        (
            "Where multiclass is False, more than one column must be refused with a SettingsError (the base's "
            "constructor does, if it is given the columns); it stopped with ValueError: one only"
        )
    ]


def test_weights_of_torchs_own_state() -> None:
    class Unseeded(Whole):
        def __init__(self, features: int, outputs: int, seed: int) -> None:
            super().__init__(features, outputs, seed)
            self.score = nn.Linear(3, 1, bias=False)

    assert faults(Unseeded) == [
        f"{NO_SEED}; with the same seed and another random state of torch, these differ: score.weight."
    ]


def test_a_value_of_another_shape() -> None:
    class Flat(Mean):
        linear: ClassVar[bool] = False

        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            return super().forward(values, bags, projected).sum(dim=1)

    assert faults(Flat)[0] == (
        "forward returns a value a bag and column, of the values' dtype: (6, 1) torch.float32; it returned "
        "(6,) torch.float32."
    )


def test_a_value_of_another_dtype() -> None:
    class Double(Mean):
        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            return super().forward(values, bags, projected).double()

    assert faults(Double) == [
        (
            "forward returns a value a bag and column, of the values' dtype: (6, 1) torch.float32; it returned "
            "(6, 1) torch.float64."
        )
    ]


def test_a_value_that_is_no_number() -> None:
    class Unbiased(Aggregator):
        assumption: ClassVar[str] = "Never."

        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            squares = bags.sum((values - bags.spread(bags.mean(values))).square())
            return bags.mean(values) + squares / (bags.sizes - 1).unsqueeze(1).to(values.dtype)

    assert "forward must return finite numbers; of usual values, torch.float32, it does not." in faults(Unbiased)


def test_forward_that_returns_nothing_and_forward_that_stops() -> None:
    class Nothing(Mean):
        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            return None  # type: ignore[return-value]

    class Stopping(Mean):
        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            raise RuntimeError("too\nbad")

    assert faults(Nothing)[0] == "forward returns a tensor; it returned NoneType."
    assert faults(Stopping)[0] == (
        "forward, in training mode, of bags of 4, 30, 6 instances stopped with RuntimeError: too"
    )


def test_weights_of_another_shape() -> None:
    class Narrow(Whole):
        def evidence(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            return values * self.weights(values, bags, projected)

        def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            return bags.softmax(projected)

    assert faults(Narrow) == ["weights returns a number an instance and column, (247, 3); it returned (247, 1)."]


def test_arguments_that_are_written_to() -> None:
    class Writing(Mean):
        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            value = super().forward(values, bags, projected)
            values.detach().zero_()
            return value

    assert "forward and project must not write to what they are given; the values or the features changed." in faults(
        Writing
    )


def test_an_overflow() -> None:
    class Overflowing(Aggregator):
        assumption: ClassVar[str] = "Where logits are small."

        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            return bags.mean(torch.exp(2 * values)).log()

    assert faults(Overflowing) == [
        (
            "Values and gradients must stay finite for logits of 80 and -80 and bags of 2,000 instances (compute with "
            "logarithms, logsumexp, logsigmoid); they do not in float32."
        )
    ]


def test_a_projection_of_another_width() -> None:
    class Wide(Whole):
        projected = 2

    assert faults(Wide) == ["project returns what projected says of each row, (9, 2); it returned (9, 1)."]


def test_a_projection_that_looks_at_other_rows() -> None:
    class Centred(Whole):
        def project(self, features: Tensor) -> Tensor:
            scores = super().project(features)
            return scores * (1 + scores.std(correction=0)) if self.training else scores

    (said,) = faults(Centred)
    assert said.startswith(
        "project must treat each row by itself, for the cells of a bag may come in several chunks; of all rows at "
        "once and row by row in training mode, they differ by up to "
    )


def test_the_order_of_instances() -> None:
    class First(Aggregator):
        assumption: ClassVar[str] = "Where the first cell is the one."

        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            return values[bags.starts]

    (said,) = faults(First)
    assert said.startswith("A bag's value must not depend on the order of its instances; in another order, they differ")


def test_weights_that_do_not_move_along() -> None:
    class Staying(Mean):
        def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            return torch.zeros_like(values).index_fill(0, bags.starts, 1)

        def evidence(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            return values * super().weights(values, bags, projected)

    (said,) = faults(Staying)
    assert said.startswith("weights must move along with the instances; in another order, they differ by up to 1")


def test_other_bags_in_the_batch() -> None:
    class OfTheBatch(Aggregator):
        assumption: ClassVar[str] = "Where the same patients always come together."

        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            return bags.mean(values - values.mean(dim=0) / 2)

    alone, padded = faults(OfTheBatch)
    assert alone.startswith(
        "A patient's value must not depend on who else is scored (in evaluation mode, use running statistics, not the "
        "batch's); alone and in a batch, they differ by up to "
    )
    assert padded.startswith("A small bag beside a large one must keep its value (where bags are padded to one length,")


def test_evidence_of_other_bags() -> None:
    class Shared(Mean):
        def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            return torch.full_like(values, 1 / len(values))

        def evidence(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            return values * super().weights(values, bags, projected)

    assert faults(Shared)[0].startswith(
        "weights must not depend on the other bags; alone and in a batch, they differ by up to 1"
    )


def test_padding_that_counts() -> None:
    class Padded(Aggregator):
        assumption: ClassVar[str] = "Where all bags are alike in size."

        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            together = nn.utils.rnn.pad_sequence(list(bags.split(values)), batch_first=True)
            return together.amax(dim=1)

    said = faults(Padded)
    assert len(said) == 2
    assert said[0].startswith("A patient's value must not depend on who else is scored")
    assert said[1].startswith(
        "A small bag beside a large one must keep its value (where bags are padded to one length, mask the padding); "
        "alone and beside a bag of 200, they differ by up to "
    )


def test_chance_in_evaluation() -> None:
    class Chance(Mean):
        linear: ClassVar[bool] = False

        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            value = super().forward(values, bags, projected)
            return value * (1 + torch.rand(()).to(value.dtype))

        def evidence(self, values: Tensor, bags: Bags, projected: Tensor) -> None:  # noqa: ARG002
            return None

    (said,) = faults(Chance)
    assert said.startswith("In evaluation mode a bag has one value; asked twice, they differ by up to ")


def test_learning_in_evaluation() -> None:
    class Learning(Whole):
        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            self.seen += 1
            return super().forward(values, bags, projected)

    assert faults(Learning) == ["In evaluation mode nothing may be learnt; changed: seen."]


def test_learning_where_weights_are_asked_for() -> None:
    class Twice(Whole):
        def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            if self.training:
                self.seen += 1
            return super().weights(values, bags, projected)

    assert faults(Twice) == [
        "Only forward may move running statistics, so that they move once a step; evidence or weights changed: seen."
    ]


class Normalising(Aggregator):
    """The mean of normalised values, with statistics that are not those of ``bn_sigmoid``."""

    assumption: ClassVar[str] = "Where a batch has many instances."
    variance: Tensor

    def __init__(self, features: int, outputs: int, seed: int) -> None:
        super().__init__(features, outputs, seed)
        self.register_buffer("variance", torch.ones(outputs))

    def spread(self, values: Tensor) -> Tensor:
        return values.detach().var(dim=0)

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
        if self.training:
            self.variance = self.spread(values)
            return bags.mean(values)
        return bags.mean(values / torch.sqrt(self.variance))


@pytest.mark.filterwarnings("ignore:var\\(\\)")
def test_statistics_of_one_instance() -> None:
    class InEvaluation(Normalising):
        pass

    class InTraining(Normalising):
        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            value = super().forward(values, bags, projected)
            return value / self.spread(values) * self.spread(values) if self.training else value

    assert faults(InEvaluation) == [
        (
            "After a training batch of a single instance, a bag's value must be finite (running statistics must not "
            "take up nan); it is not."
        )
    ]
    assert faults(InTraining) == [
        (
            "A training batch of a single instance must give finite values and gradients (a variance of one is no "
            "number unless it is the biased one); it does not."
        )
    ]


def test_evidence_that_does_not_sum() -> None:
    class Double(Mean):
        def evidence(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            return 2 * super().evidence(values, bags, projected)

    (said,) = faults(Double)
    assert said.startswith(
        "The evidence of a bag must sum to its value (return None where there is no such sum; the base takes it from "
        "weights); sum and value: they differ by up to "
    )


def test_weights_that_do_not_sum_to_one() -> None:
    class Many(Mean):
        def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            return torch.ones_like(values)

        def evidence(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            return values * super().weights(values, bags, projected)

    assert faults(Many) == [
        "The weights of each bag must sum to 1 (None where there are none); sum and 1: they differ by up to 2e+02."
    ]


def test_gradients_that_are_wrong() -> None:
    class Stopped(Aggregator):
        assumption: ClassVar[str] = "Where nothing is learnt of the weights."

        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            return bags.sum(values * self.weights(values, bags, projected))

        def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            return bags.softmax(values.detach())

    class Declared(Stopped):
        stop_gradient: ClassVar[bool] = True

    (said,) = faults(Stopped)
    assert said.startswith(
        "Gradients must agree with finite differences in evaluation mode (where weights are computed of the values "
        "without gradient, say stop_gradient = True); gradcheck stopped with GradcheckError: Jacobian mismatch"
    )
    check_aggregator(Declared)


def test_gradients_of_parameters_that_are_wrong_in_training() -> None:
    class Once(Whole):
        def project(self, features: Tensor) -> Tensor:
            scores = super().project(features)
            return scores + scores.detach() if self.training else scores

    (said,) = faults(Once)
    assert said.startswith("Gradients must agree with finite differences in training mode (where")


def test_a_gradient_that_is_not_stopped() -> None:
    class Flowing(Aggregator):
        assumption: ClassVar[str] = "Where high logits say more."
        stop_gradient: ClassVar[bool] = True

        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            return bags.sum(values * self.weights(values, bags, projected))

        def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            return bags.softmax(values)

    (said,) = faults(Flowing)
    assert said.startswith("With stop_gradient = True, the gradient of a bag's value by its values is its weights;")


def test_parameters_that_stand_by() -> None:
    class Idle(Whole):
        def __init__(self, features: int, outputs: int, seed: int) -> None:
            super().__init__(features, outputs, seed)
            self.further = linear(2, 1, generator_of(seed), bias=False)

    class AllIdle(Mean):
        def __init__(self, features: int, outputs: int, seed: int) -> None:
            super().__init__(features, outputs, seed)
            self.further = nn.Parameter(torch.zeros(1))

    assert faults(Idle) == ["Every parameter must take part in the value; these do not: further.weight."]
    assert faults(AllIdle) == ["The parameters must take part in the value; it does not depend on any of them."]


def test_linear_that_is_not() -> None:
    class Claiming(Max):
        linear: ClassVar[bool] = True

    (said,) = faults(Claiming)
    assert said.startswith(
        "Where linear is True, the linear map may stand before the aggregator or behind it (weights of the features "
        "alone, the same in all columns, that sum to 1; else say linear = False); of logits and of features, they "
        "differ by up to "
    )


def test_statistics_that_are_not_saved() -> None:
    class Forgetful(Mean):
        linear: ClassVar[bool] = False

        def __init__(self, features: int, outputs: int, seed: int) -> None:
            super().__init__(features, outputs, seed)
            self.calls = 0

        def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
            self.calls += self.training
            return super().forward(values, bags, projected) + self.calls

        def evidence(self, values: Tensor, bags: Bags, projected: Tensor) -> None:  # noqa: ARG002
            return None

    said = faults(Forgetful)
    assert len(said) == 2
    assert said[0].startswith("Gradients must agree with finite differences in training mode")
    assert said[1] == (
        "All that is learnt must be in the state dict (parameters, and buffers for running statistics); after loading "
        "it into one made with another seed, they differ by up to 1."
    )


def test_a_state_that_cannot_be_loaded() -> None:
    class Growing(Mean):
        def __init__(self, features: int, outputs: int, seed: int) -> None:
            super().__init__(features, outputs, seed)
            self.register_buffer("history", torch.zeros(1 + seed % 2))

    (said,) = faults(Growing)
    assert said.startswith("Loading the state dict into one made with another seed stopped with RuntimeError: ")


def test_all_faults_are_told_at_once() -> None:
    class Bad(Max):
        assumption: ClassVar[str] = "none"
        linear: ClassVar[bool] = True

        def evidence(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002
            return values

    assert len(faults(Bad)) == 3


def test_differences_in_words() -> None:
    one = torch.tensor([1.0, 2.0], dtype=torch.float64)
    assert difference(None, None) is None
    assert difference(one, None) == "one of them is None"
    assert difference(one, one[:1]) == "one is (2,), the other (1,)"
    assert difference(one, one + 1e-10) is None
    assert difference(one, one + 1e-3) == "they differ by up to 0.001"
    assert difference(one, one * float("nan")) == "they differ by up to nan"
