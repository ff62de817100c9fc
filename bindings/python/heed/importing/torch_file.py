"""Checkpoints of PyTorch, by torch.load(weights_only=True) alone.

Beside arrays they hold objects of the toolkit (options, vocabularies). Names that the toolkit's checkpoints are known to ask
for become `Inert`, which keeps what it is given and does nothing; with any other name PyTorch refuses the file.
"""

import re

import numpy as np

from .errors import ImportFailure
from .reading import first_line, open_archive


class Inert:
    """In the place of an object of the toolkit: its attributes."""

    def __new__(cls, *_arguments, **_more):
        return object.__new__(cls)

    def __init__(self, *_arguments, **_more):
        pass

    def __setstate__(self, state):
        # The second part of a pair is that of __slots__.
        for part in state if isinstance(state, tuple) else (state,):
            if isinstance(part, dict):
                self.__dict__.update({key: value for key, value in part.items() if isinstance(key, str)})


def read_torch(path, names=()):
    """What the file holds, arrays as NumPy's. `names`: patterns of the names that are Inert."""
    check_archive(path)
    try:
        import torch
        from torch.serialization import get_unsafe_globals_in_checkpoint, safe_globals
    except ImportError:
        raise ImportFailure(f"{path}: reading a checkpoint of PyTorch needs PyTorch 2.6 or newer: pip install torch") from None
    try:
        asked = get_unsafe_globals_in_checkpoint(path)
        strange = [name for name in asked if not any(re.fullmatch(each, name) for each in names)]
        if strange:
            raise ImportFailure(f"{path}: asks for '{strange[0]}', which no such checkpoint needs: not read")
        with safe_globals([stand_in(name) for name in asked]):
            return as_numpy(torch, torch.load(path, map_location="cpu", weights_only=True), path)
    except ImportFailure:
        raise
    except Exception as error:  # of a damaged or hostile file, anything
        raise ImportFailure(f"{path}: PyTorch cannot read it: {first_line(error)}") from None


def stand_in(name):
    """A class of that name that is Inert; nothing of that name is imported."""
    module, _, last = name.rpartition(".")
    return type(last, (Inert,), {"__module__": module})


def check_archive(path):
    """PyTorch packs nothing: what is packed, or lies in the archive twice, was not written by it."""
    try:
        with open(path, "rb") as file:
            begin = file.read(2)
            size = file.seek(0, 2)
    except OSError as error:
        raise ImportFailure(f"{path}: {error.strerror}") from None
    if begin != b"PK":
        raise ImportFailure(f"{path}: is no checkpoint that PyTorch 1.6 or newer wrote")
    with open_archive(path) as archive:
        parts = archive.infolist()
    if any(part.compress_type != 0 for part in parts) or sum(part.file_size for part in parts) > size:
        raise ImportFailure(f"{path}: has packed parts, which no checkpoint of PyTorch has: not read")


def as_numpy(torch, value, path, depth=0):
    """Arrays of at most the size of the file, whatever their strides say."""
    if depth > 50:
        raise ImportFailure(f"{path}: is nested too deeply")
    if isinstance(value, torch.Tensor):
        if value.numel() * value.element_size() > max(value.untyped_storage().nbytes(), 1):
            raise ImportFailure(f"{path}: has an array that is larger than its numbers")
        value = value.detach()
        return (value.float() if value.is_floating_point() else value).contiguous().numpy()
    if isinstance(value, dict):
        return {key: as_numpy(torch, each, path, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_numpy(torch, each, path, depth + 1) for each in value]
    if isinstance(value, Inert):
        out = Inert()
        out.__dict__.update({key: as_numpy(torch, each, path, depth + 1) for key, each in vars(value).items()})
        return out
    return value


def part(checkpoint, name, path, kind=dict):
    value = checkpoint.get(name) if isinstance(checkpoint, dict) else None
    if not isinstance(value, kind):
        raise ImportFailure(f"{path}: has no '{name}': it is no checkpoint of this toolkit")
    return value


def arrays_of(values):
    return {name: each for name, each in values.items() if isinstance(name, str) and isinstance(each, np.ndarray)}
