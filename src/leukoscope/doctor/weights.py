"""Which trained weights are at hand: in the hub's cache, in a folder that is named, and what is missing."""

from __future__ import annotations

from pathlib import Path

from leukoscope.doctor.row import Row
from leukoscope.errors import WeightsError
from leukoscope.files import sha256

TOPIC = "weights"
ENDING = ".safetensors"


def ask_weights(folder: Path | None = None) -> list[Row]:
    """Return a row for each network whose weights a recipe takes or are known, and one for other files in the folder.

    Args:
        folder: The folder (or the file) given with ``--weights``; None where there is none.

    Raises:
        WeightsError: there is no such folder.
    """
    if folder is not None and not folder.exists():
        raise WeightsError("There is no such folder of weights.", where=str(folder), do="Check --weights.")
    files = _files(folder)
    from leukoscope.models.known_weights import KNOWN_WEIGHTS  # noqa: PLC0415 - models import torch

    known = {path: KNOWN_WEIGHTS[digest] for path, digest in files.items() if digest in KNOWN_WEIGHTS}
    taken = _of_recipes()
    networks = sorted({weights.backbone for weights in KNOWN_WEIGHTS.values()} | taken)
    held = {name: [path for path, weights in known.items() if weights.backbone == name] for name in networks}
    rows = [_network(name, held[name] or _named(files, name), taken=name in taken) for name in networks]
    strange = [
        path for path in files if path not in known and not any(path in _named(files, name) for name in networks)
    ]
    return [*rows, *([_strange(strange)] if strange else [])]


def _strange(paths: list[Path]) -> Row:
    do = "They can be used; where they come from, and what they were trained on, is not known here."
    names = ", ".join(path.name for path in paths)
    return Row(TOPIC, "other files", names, do=do, facts={"paths": [str(path) for path in paths]})


def _files(folder: Path | None) -> dict[Path, str]:
    if folder is None:
        return {}
    found = [folder] if folder.is_file() else sorted(folder.glob(f"*{ENDING}"))
    return {path: sha256(path) for path in found}


def _named(files: dict[Path, str], name: str) -> list[Path]:
    return [path for path in files if path.name.split(".")[0] == name]


def _of_recipes() -> set[str]:
    from leukoscope.recipes.loading import load_recipe, recipe_names  # noqa: PLC0415 - takes a while

    models = [load_recipe(name).model for name in recipe_names()]
    networks = [(model.backbone, model.weights) for model in models]
    networks += [(branch.backbone, branch.weights) for model in models for branch in model.branches.values()]
    return {backbone.partition(".")[0] for backbone, weights in networks if weights == "imagenet"}


def _network(name: str, paths: list[Path], *, taken: bool) -> Row:
    repository = hub_repository(name)
    cached = _in_cache(repository) if repository else None
    facts = {"paths": [str(path) for path in paths], "hub": repository, "cached": cached}
    if paths:
        return Row(TOPIC, name, ", ".join(path.name for path in paths), facts=facts)
    if cached:
        return Row(TOPIC, name, "in the hub's cache", facts=facts)
    if not taken:
        return Row(TOPIC, name, "not here; no recipe that comes with Leukoscope takes them", facts=facts)
    if repository is None:
        do = f"Put a file called {name}{ENDING} into a folder, and name it with --weights."
        return Row(TOPIC, name, "not here", "note", do, facts)
    value = "not here; the first training gets them, if there is a network"
    do = f"hf download {repository} --local-dir weights/{name}; then --weights weights/{name}"
    return Row(TOPIC, name, value, "note", do, facts)


def hub_repository(name: str) -> str | None:
    """Return the hub's repository of a timm network's default weights; None where there is none."""
    import timm  # noqa: PLC0415 - takes seconds

    config = timm.get_pretrained_cfg(name)
    return str(config.hf_hub_id) if config is not None and config.hf_hub_id else None


def _in_cache(repository: str) -> str | None:
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - takes a while

    found = try_to_load_from_cache(repository, f"model{ENDING}")
    return found if isinstance(found, str) else None
