"""Whether an aggregator comes back from its saved weights."""

from __future__ import annotations

from leukoscope.testing.aggregator_checks.example import Example, told
from leukoscope.testing.contract import require
from leukoscope.testing.difference import difference


def is_saved_and_loaded(example: Example) -> None:
    """One made with another seed gives the same, once it has the state dict."""
    aggregator, rows = example.used(), example.rows()
    state = {name: value.clone() for name, value in aggregator.state_dict().items()}
    other = example.made(seed=1).double()
    told(lambda: other.load_state_dict(state), "Loading the state dict into one made with another seed")
    apart = difference(example.value(aggregator, rows), example.value(other.eval(), rows))
    require(
        apart is None,
        "All that is learnt must be in the state dict (parameters, and buffers for running statistics); after loading "
        f"it into one made with another seed, {apart}.",
    )
