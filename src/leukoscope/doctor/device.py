"""What can be computed on: graphics cards, or the processor alone."""

from __future__ import annotations

import shutil

from leukoscope.doctor.row import Row

TOPIC = "device"
GIBIBYTE = 2**30


def ask_device() -> list[Row]:
    """Return a row for each graphics card, and one that says what ``--device auto`` takes."""
    import torch  # noqa: PLC0415 - asked only where torch can be imported

    cards = [_card(index) for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    chosen = "the first graphics card" if cards else "the processor"
    auto = Row(TOPIC, "--device auto", f"takes {chosen}", facts={"device": "cuda" if cards else "cpu"})
    return [auto, *(cards or _why_none(bool(torch.version.cuda))), *_apple(torch.backends.mps.is_available())]


def _card(index: int) -> Row:
    import torch  # noqa: PLC0415 - as above

    about = torch.cuda.get_device_properties(index)
    memory = f"{about.total_memory / GIBIBYTE:.0f} GiB"
    facts = {
        "name": about.name,
        "bytes": about.total_memory,
        "capability": f"{about.major}.{about.minor}",
        "bf16": torch.cuda.is_bf16_supported(),
        "cuda": torch.version.cuda,
    }
    return Row(TOPIC, f"cuda:{index}", f"{about.name}, {memory} of memory", facts=facts)


def _why_none(built_for_cuda: bool) -> list[Row]:
    if shutil.which("nvidia-smi") is None:
        return []
    value = "an NVIDIA driver is installed, but torch sees no card"
    do = (
        "Look at what nvidia-smi says: the driver is too old for this torch, or CUDA_VISIBLE_DEVICES hides the card."
        if built_for_cuda
        else "This torch was built for processors only: install a CUDA build, see pytorch.org/get-started."
    )
    return [Row(TOPIC, "graphics card", value, "note", do, {"built_for_cuda": built_for_cuda})]


def _apple(available: bool) -> list[Row]:
    if not available:
        return []
    return [Row(TOPIC, "mps", "Apple's graphics processor is there; Leukoscope does not use it", facts={"mps": True})]
