"""segmentation_WBC: from GitHub, by git."""

from __future__ import annotations

from leukoscope.fetching.source import Source

PAGE = "https://github.com/zxaoyou/segmentation_WBC"

SOURCE = Source(
    "segmentation_wbc",
    "segmentation_WBC: 400 white blood cells with masks of nucleus and cytoplasm",
    PAGE,
    "GPL-3.0",
    "Zheng X et al. Fast and robust segmentation of white blood cell images by self-supervised learning. Micron "
    "107:55-71, 2018. doi:10.1016/j.micron.2018.01.010",
    steps=(f"git clone {PAGE}",),
    layout=(
        "Dataset 1/001.bmp with its mask Dataset 1/001.png, Class Labels of Dataset 1.csv",
        "Dataset 2/001.bmp with its mask Dataset 2/001.png, Class Labels of Dataset 2.csv",
    ),
)
