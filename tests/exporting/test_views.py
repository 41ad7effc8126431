from __future__ import annotations

import pytest
import torch

from leukoscope.exporting.views import views_in_graph
from leukoscope.recipes.schema import TestTimeSettings as TimeSettings
from leukoscope.training.views import seen, views_of

ASKED = [
    TimeSettings(),
    TimeSettings(rotations=8, flips="horizontal"),
    TimeSettings(rotations=4, flips="both", crops="five", crop_share=0.7),
    TimeSettings(rotations=3, fill="reflect"),
    TimeSettings(rotations=8, crops="five", fill="edge"),
]


@pytest.mark.parametrize("size", [(24, 24), (24, 31)])
@pytest.mark.parametrize("asked", ASKED, ids=range(len(ASKED)))
def test_each_view_is_what_the_bundle_s_is(asked: TimeSettings, size: tuple[int, int]) -> None:
    made = views_in_graph(asked, size)
    assert len(made) == len(views_of(asked))
    for number in (1, 3):
        pixels = torch.rand(number, 3, *size, generator=torch.Generator().manual_seed(number))
        for view, module in zip(views_of(asked), made, strict=True):
            torch.testing.assert_close(module(pixels), seen(pixels, view, asked), rtol=0, atol=1e-6)


def test_the_first_view_is_known_to_be_the_picture_itself_unless_it_is_a_crop() -> None:
    assert [view.unchanged for view in views_in_graph(TimeSettings(rotations=4), (8, 8))] == [True, *[False] * 3]
    assert not views_in_graph(TimeSettings(crops="five"), (8, 8))[0].unchanged
