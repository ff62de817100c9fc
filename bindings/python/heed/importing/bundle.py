"""Writes a bundle (docs/bundle.md): a folder that is there whole or not at all."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import shutil
import tempfile
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import ImportFailure

FORMAT_VERSION = 2
ALIGNMENT = 64  # of the header of safetensors


@dataclasses.dataclass
class Model:
    """What a bundle holds. `config` is nested as config.yaml is; keys that it lacks have their default values."""

    config: dict[str, Any]
    arrays: dict[str, npt.NDArray[np.float32]]  # by their names, weights as [in, out]
    source: list[str]  # tokens in the order of their ids
    target: list[str]


def write_bundle(folder: str | os.PathLike[str], model: Model) -> None:
    """Raises ImportFailure where there is something at `folder` already, or where it cannot be written."""
    folder = pathlib.Path(folder)
    if os.path.lexists(folder):
        raise ImportFailure(f"{folder}: is there already: take another --output, or remove it")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        making = pathlib.Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise ImportFailure(f"{folder}: {error.strerror}") from None
    try:
        fill(making, model)
        making.chmod(0o777 & ~current_umask())
        making.rename(folder)
    except OSError as error:
        raise ImportFailure(f"{folder}: {error.strerror}") from None
    finally:
        shutil.rmtree(making, ignore_errors=True)  # nothing, where it was renamed


def fill(folder, model):
    config = {"format_version": FORMAT_VERSION, **model.config}
    (folder / "config.yaml").write_text("".join(yaml_lines(config)), encoding="utf-8")
    for side, tokens in (("source", model.source), ("target", model.target)):
        if len(set(tokens)) != len(tokens):
            raise ImportFailure(f"the {side} vocabulary has a token twice")
        (folder / f"{side}.vocabulary").write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8", newline="\n")
    with open(folder / "parameters.safetensors", "wb") as file:
        write_safetensors(file, model.arrays)
        file.flush()
        os.fsync(file.fileno())


def current_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def check_finite(model, path):
    for name, values in model.arrays.items():
        if not np.isfinite(values).all():
            raise ImportFailure(f"{path}: the weights of '{name}' are not all finite: the checkpoint is damaged, or its training came apart")


def write_safetensors(file, arrays):
    header, at = {"__metadata__": {"format": "heed"}}, 0
    for name, values in arrays.items():
        size = 4 * values.size
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % ALIGNMENT)
    file.write(len(text).to_bytes(8, "little") + text)
    for values in arrays.values():
        file.write(np.ascontiguousarray(values, "<f4").tobytes())


def yaml_lines(values, indent=""):
    for key, value in values.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:\n"
            yield from yaml_lines(value, indent + "  ")
        else:
            yield f"{indent}{key}: {scalar(value)}\n"


def scalar(value):
    plain = isinstance(value, str) and value.replace("-", "").replace("_", "").isalnum()
    return value if plain else json.dumps(value)
