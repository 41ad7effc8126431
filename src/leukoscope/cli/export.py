"""``leukoscope export``: a bundle as graphs for ONNX Runtime and OpenVINO."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.output import console, print_warnings


class To(StrEnum):
    """Kinds of files."""

    ONNX = "onnx"
    OPENVINO = "openvino"


class In(StrEnum):
    """Precisions."""

    FP32 = "fp32"
    BF16 = "bf16"
    INT8 = "int8"


def export(
    bundle: Annotated[Path, typer.Argument(help="The bundle of a run: runs/first/bundle.")],
    *,
    out: Annotated[Path, typer.Option(help="The folder to write: graphs and export.json.")],
    to: Annotated[list[To] | None, typer.Option(help="onnx (where not given) or openvino; repeat for both.")] = None,
    precision: Annotated[
        In, typer.Option(help="fp32; bf16: weights of half the bytes; int8: quantised, smallest and least exact.")
    ] = In.FP32,
) -> None:
    """Write a bundle as graphs that need no Leukoscope, once they have said what the bundle says."""
    from leukoscope import api

    made = api.export_bundle(bundle, out, to=[one.value for one in to or [To.ONNX]], precision=precision.value)
    if made.record["leakage"]:
        print_warnings([f"The bundle is marked: LEAKAGE: {made.record['leakage']}. So is export.json."])
    console().print(str(made), soft_wrap=True, markup=False)
