from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from safetensors.torch import save_file

from leukoscope.files import sha256
from leukoscope.models.timm_backbones import create_net

CODE = """
import json
import torch
from leukoscope.errors import WeightsError
from leukoscope.models.hub import published_weights
found = published_weights("test_resnet", "do this")
stem = found.tensors["conv1.0.weight"]
print(json.dumps([found.name, found.sha256, found.licence, found.trained_on, float(stem.double().sum())]))
try:
    published_weights("resnet10t", "do this")
except WeightsError as error:
    print(error.what, error.do)
"""


def test_weights_come_out_of_the_hubs_cache_and_nothing_else_without_a_connection(tmp_path: Path) -> None:
    repository = tmp_path / "hub" / "models--timm--test_resnet.r160_in1k"
    file = repository / "snapshots" / "abc" / "model.safetensors"
    file.parent.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")
    net = create_net("test_resnet")
    save_file(net.state_dict(), file)
    ran = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1"},
    )
    first, second = ran.stdout.splitlines()
    *texts, total = json.loads(first)
    assert texts == ["timm/test_resnet.r160_in1k", sha256(file), "apache-2.0", "r160_in1k (timm's tag)"]
    assert total == net.state_dict()["conv1.0.weight"].double().sum().item()
    assert second == "The weights of resnet10t are neither in the hub's cache nor to be had. do this"
