"""Checkpoints of PyTorch, by torch.load(weights_only=True) alone.

Beside arrays they hold objects of the toolkit (options, vocabularies). Names that the toolkit's checkpoints are known to ask
for become `Inert`, which keeps what it is given and does nothing; with any other name PyTorch refuses the file.
"""

import os
import re

import numpy as np

from .errors import ImportFailure
from .reading import SMALLEST_BOMB, first_line, open_archive

LARGEST_COPY = 4  # of what the arrays are as float32, and the file; of half precision it is 2


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
            return Copies(torch, path).of(torch.load(path, map_location="cpu", weights_only=True))
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


class Copies:
    """Arrays as NumPy's, floating-point numbers as float32. What a file has once is there once, however often it is named, and
    all together is not much more than the file."""

    def __init__(self, torch, path):
        self.torch, self.path = torch, path
        self.left = max(SMALLEST_BOMB, LARGEST_COPY * os.path.getsize(path))
        self.made = {}  # of objects and of arrays

    def of(self, value, depth=0):
        if depth > 50:
            raise ImportFailure(f"{self.path}: is nested too deeply")
        if id(value) not in self.made:  # all live as long as what the file holds
            self.made[id(value)] = self.copy(value, depth + 1)
        return self.made[id(value)]

    def copy(self, value, depth):
        if isinstance(value, self.torch.Tensor):
            return self.array(value.detach())
        if isinstance(value, dict):
            return {key: self.of(each, depth) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.of(each, depth) for each in value]
        if isinstance(value, Inert):
            out = Inert()
            out.__dict__.update({key: self.of(each, depth) for key, each in vars(value).items()})
            return out
        return value

    def array(self, tensor):
        """Of at most the size of its numbers, whatever its strides say."""
        numbers = tensor.untyped_storage()
        if tensor.numel() * tensor.element_size() > max(numbers.nbytes(), 1):
            raise ImportFailure(f"{self.path}: has an array that is larger than its numbers")
        view = (numbers.data_ptr(), tensor.storage_offset(), tensor.dtype, tensor.shape, tensor.stride())
        if view not in self.made:
            self.left -= tensor.numel() * max(tensor.element_size(), 4)
            if self.left < 0:
                raise ImportFailure(f"{self.path}: has arrays that are many times its size together")
            self.made[view] = (tensor.float() if tensor.is_floating_point() else tensor).contiguous().numpy()
        return self.made[view]


def part(checkpoint, name, path, kind=dict):
    value = checkpoint.get(name) if isinstance(checkpoint, dict) else None
    if not isinstance(value, kind):
        raise ImportFailure(f"{path}: has no '{name}': it is no checkpoint of this toolkit")
    return value


def arrays_of(values):
    return {name: each for name, each in values.items() if isinstance(name, str) and isinstance(each, np.ndarray)}
