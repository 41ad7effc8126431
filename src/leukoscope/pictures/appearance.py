"""What pictures look like in a few numbers that say nothing of the cell's class: light, colour, size, file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from skimage.color import rgb2lab

MEANS = ("mean_red", "mean_green", "mean_blue")
BEHIND = ("background_red", "background_green", "background_blue")
GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601
KIND = "kind"


@dataclass(frozen=True)
class Aspect:
    """One number of a picture.

    Args:
        name: Its column.
        title: What it is called, for people.
        unit: Its unit or range.
    """

    name: str
    title: str
    unit: str


ASPECTS: tuple[Aspect, ...] = (
    Aspect("brightness", "brightness", "grey, 0 to 255"),
    Aspect("contrast", "contrast", "deviation of grey, 0 to 128"),
    Aspect("green_to_red", "colour, from green to red", "a* of CIELAB"),
    Aspect("blue_to_yellow", "colour, from blue to yellow", "b* of CIELAB"),
    Aspect("background_brightness", "brightness of the background", "grey, 0 to 255"),
    Aspect("width", "width", "px"),
    Aspect("height", "height", "px"),
    Aspect("cell_size", "size of the cell, where it lies on black", "px"),
    Aspect("background_share", "share of background", "0 to 1"),
    Aspect("jpeg_quality", "JPEG quality", "1 to 100"),
    Aspect("kilobytes", "size of the file", "KiB"),
)
"""In order: light and colour, size, file."""


def appearance_table(pictures: pl.DataFrame) -> pl.DataFrame:
    """Return what pictures look like.

    Args:
        pictures: The pictures table: ``id`` and the columns of ``pictures.facts.SCHEMA``. One that an earlier version
            wrote may lack the background's.

    Returns:
        A row each: ``id``; the columns of ``ASPECTS``, float64, null where not known (the background of a picture on
        black, the cell's size elsewhere, the JPEG quality of another format); ``kind``, the file's format and how it
        stores a pixel (``JPEG RGB``).
    """
    lacking = [pl.lit(None, pl.Float64).alias(name) for name in BEHIND if name not in pictures.columns]
    table = pictures.with_columns(lacking)
    green_to_red, blue_to_yellow = _colour(table)
    behind = pl.sum_horizontal(weight * pl.col(name) for weight, name in zip(GREY, BEHIND, strict=True))
    table = table.with_columns(
        green_to_red,
        blue_to_yellow,
        pl.when(pl.col(BEHIND[0]).is_not_null()).then(behind).alias("background_brightness"),
        pl.when("black_background").then("not_black").alias("cell_size"),
        (pl.col("bytes") / 1024).alias("kilobytes"),
        pl.format("{} {}", "format", "mode").alias(KIND),
    )
    return table.select("id", *(pl.col(aspect.name).cast(pl.Float64) for aspect in ASPECTS), KIND)


def _colour(pictures: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Return a* and b* of each picture's mean colour, under D65; null where the picture was not read."""
    means = pictures.select(pl.col(MEANS).cast(pl.Float64)).to_numpy() / 255
    known = np.isfinite(means).all(axis=1)
    lab = np.full((len(means), 3), np.nan)
    if known.any():
        lab[known] = rgb2lab(means[known][:, None])[:, 0]
    return (
        pl.Series("green_to_red", lab[:, 1]).fill_nan(None),
        pl.Series("blue_to_yellow", lab[:, 2]).fill_nan(None),
    )
