"""Class maps of cells: what speaks for a class, place by place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError, nearest
from leukoscope.explanation.overlay import Floats32
from leukoscope.explanation.seeing.layers import find_layer, last_maps, layer_maps, refuse_unsuitable
from leukoscope.explanation.seeing.methods import METHODS, Asked, ClassLogit, Method
from leukoscope.explanation.seeing.state import as_pixels, looked_into
from leukoscope.models.network import Network
from leukoscope.pictures.conversion import Pixels

AT_ONCE = 8


@dataclass(frozen=True, eq=False)
class ClassMaps:
    """Maps of one class by one method.

    Args:
        method: A name in ``METHODS``.
        layer: The layer that they are laid on; None for methods of the picture's own pixels.
        of: The class.
        maps: (n, h', w') float32, in logits; above 0 speaks for the class. They cover ``seen_part`` of each picture,
            at the layer's resolution or the picture's.
        logits: (n,) float64, the class's logit of each picture as it is; of the negative class of two with its sign
            turned.
    """

    method: str
    layer: str | None
    of: str
    maps: Floats32
    logits: np.ndarray


def class_maps(
    network: Network, pictures: Pixels, classes: Classes, *, of: str, method: str = "grad_cam", layer: str | None = None
) -> ClassMaps:
    """Make maps of what speaks for a class in each picture.

    The network is in evaluation mode meanwhile and is left as it was: modes, gradients and which parameters ask for
    one. The same input gives the same maps.

    Args:
        network: A network of cells, on any device.
        pictures: (n, h, w, 3) uint8, RGB, framed; n at least 1.
        classes: The network's classes.
        of: The class that the maps speak of.
        method: A name in ``METHODS``.
        layer: The layer, for methods that are laid on one; the last feature maps where None.

    Raises:
        SettingsError: an unknown method, class or layer; the layer gives no feature maps; or the network is none whose
            logit a map can hold.
        DataError: the network gives what is no number.
    """
    known, cells = find_method(method), refuse_unsuitable(network)
    output, sign = output_of(classes, of)
    height, width = pictures.shape[1:3]
    name = (layer or last_maps(cells, (height, width))) if known.of_layer else None
    place = None if name is None else find_layer(cells, name)
    if name is not None:
        layer_maps(cells, name, torch.zeros(1, 3, height, width, device=cells.mean.device))  # refuses what has no maps
    maps, logits = [], []
    with looked_into(cells):
        for start in range(0, len(pictures), AT_ONCE):
            pixels = as_pixels(pictures[start : start + AT_ONCE], cells.mean.device)
            asked = Asked(ClassLogit(cells, output, sign), place, pixels)
            maps.append(known.maps(asked).float().cpu().numpy())
            with torch.no_grad():
                logits.append(asked.logit(asked.pixels).double().cpu().numpy())
    found = np.concatenate(maps)
    if not np.isfinite(found).all():
        raise DataError(f"The map of {method} is no number at some places.", do="Check the network's weights.")
    if not known.of_layer and cells.crop is not None:
        found = np.stack([seen_part(each, cells.crop) for each in found])
    return ClassMaps(method, name, of, found, np.concatenate(logits))


def seen_part(picture: np.ndarray, crop: int | None) -> np.ndarray:
    """Return what the backbone sees of a picture or mask: all, or the middle where the network crops.

    Args:
        picture: (h, w) or (h, w, 3).
        crop: The network's ``crop``.

    Example:
        >>> seen_part(np.arange(16).reshape(4, 4), 2).tolist()
        [[5, 6], [9, 10]]
    """
    if crop is None:
        return picture
    top, left = ((side - crop) // 2 for side in picture.shape[:2])
    return picture[top : top + crop, left : left + crop]


def find_method(name: str) -> Method:
    """Return a method by its name.

    Raises:
        SettingsError: there is none.
    """
    if name not in METHODS:
        raise SettingsError(f"There is no method {name!r}.", where="method", do=nearest(name, METHODS))
    return METHODS[name]


def output_of(classes: Classes, of: str) -> tuple[int, int]:
    """Return which output speaks of a class, and its sign: two classes have one output, the positive one's.

    Raises:
        SettingsError: there is no such class.

    Example:
        >>> output_of(Classes(("hem", "all")), "hem"), output_of(Classes(("a", "b", "c")), "c")
        ((0, -1), (2, 1))
    """
    if of not in classes.names:
        raise SettingsError(f"There is no class {of!r}.", where="class", do=nearest(of, classes.names))
    if classes.binary:
        return 0, 1 if of == classes.positive else -1
    return classes.index(of), 1
