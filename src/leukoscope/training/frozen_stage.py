"""Stages in which only the head learns: every cell is embedded once, and the head alone runs in each epoch."""

from __future__ import annotations

from dataclasses import replace

from leukoscope.models.cell_model import CellModel
from leukoscope.models.heads import is_linear
from leukoscope.pictures.augmentation import Augmentation
from leukoscope.pictures.augmentation.fill import FillWith
from leukoscope.recipes.schema import TestTimeSettings
from leukoscope.training.cell_features import missing_cells, stored_features
from leukoscope.training.course import Course
from leukoscope.training.display import Display
from leukoscope.training.learner import Learner
from leukoscope.training.steps import CellLessons
from leukoscope.training.validation import CellExamination
from leukoscope.training.views import ONE_VIEW, views_of


def on_features(course: Course, learner: Learner, display: Display) -> Course:
    """Return the course of a stage: on features of the cells where its backbone and their pictures stay the same.

    What is learnt is what would be learnt through the backbone, to float32 rounding: batches, dropout and rates are
    the same. Features are kept in the pixel store (``cell_features``), each cell's as it lies (``CellData.turns``), and
    those that are there already are taken, so that a training that goes on does not compute them again. They are found
    by the weights: whatever an earlier stage made of the backbone, they are its own.

    Validation cells are embedded too, where one view of each is looked at, or the mean of the views' logits is that
    of their mean features, which it is for a linear head; else they go through the network.

    Args:
        course: The course through the whole network.
        learner: The network with the stage's parts set to be trained, on the device.
        display: Told of the cells that are embedded.

    Returns:
        The course as it is where something of the backbone learns, or training cells, or copies of them, are changed at
        random or mixed with each other, or patients are learnt.
    """
    lessons, examination, model = course.lessons, course.examination, learner.model
    if not (isinstance(lessons, CellLessons) and isinstance(examination, CellExamination)):
        return course
    if not (isinstance(model, CellModel) and only_head_learns(model)) or is_random(lessons.augmentation):
        return course
    if lessons.data.copies is not None or lessons.mixup:
        return course
    ahead = [(lessons.data, ONE_VIEW)]
    if keeps_mean(model, examination.test_time):
        ahead.append((examination.data, examination.test_time))
    with display.working("Embedding cells", sum(missing_cells(model, *one) for one in ahead)) as advance:
        learnt, *examined = [
            stored_features(model, cells, device=lessons.device, test_time=views, after_batch=advance)
            for cells, views in ahead
        ]
    examination = replace(examination, features=examined[0] if examined else None)
    return Course(replace(lessons, features=learnt), examination)


def only_head_learns(model: CellModel) -> bool:
    """Return whether nothing of a network is set to be trained but its head."""
    return not any(each.requires_grad for each in model.backbone.parameters())


def is_random(augmentation: Augmentation) -> bool:
    """Return whether a picture looks otherwise each time; what fills corners changes nothing by itself."""
    return any(not isinstance(step, FillWith) for step in augmentation.steps)


def keeps_mean(model: CellModel, test_time: TestTimeSettings) -> bool:
    """Return whether a network's answer for a cell is its head's answer for the mean of its views' features."""
    return len(views_of(test_time)) == 1 or (test_time.mean == "logits" and is_linear(model.head))
