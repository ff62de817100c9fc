"""Arrays of a checkpoint under the toolkit's names, and what they become in a bundle (docs/bundle.md)."""

import numpy as np

from .errors import ImportFailure


class Arrays:
    """Each array is taken by its name; what is left over in the end had no counterpart."""

    def __init__(self, values, path):
        self.values = dict(values)
        self.path = path
        self.taken = set()

    def failure(self, message):
        return ImportFailure(f"{self.path}: {message}")

    def __contains__(self, name):
        return name in self.values

    def take(self, name, *shape):
        """float32. A `shape` with None is any; without one any shape is taken."""
        if name not in self.values:
            raise self.failure(f"the array '{name}' is missing")
        self.taken.add(name)
        values = np.asarray(self.values[name])
        if values.dtype.kind != "f":
            raise self.failure(f"the array '{name}' has no floating-point numbers, but {values.dtype}")
        if shape and not (values.ndim == len(shape) and all(b in (None, a) for a, b in zip(values.shape, shape))):
            expected = ", ".join("any" if each is None else str(each) for each in shape)
            raise self.failure(f"the array '{name}' has the shape {list(values.shape)}, but [{expected}] is expected")
        return values.astype(np.float32)

    def weight(self, name, *shape):
        """Of PyTorch's [out, in] the product x @ W, [in, out]."""
        return self.take(name, *(shape or (None, None))).T

    def drop(self, *names):
        """Arrays that say nothing."""
        self.taken.update(names)

    def left(self):
        return sorted(set(self.values) - self.taken)

    def all_taken(self):
        if self.left():
            names = ", ".join(self.left()[:3]) + (", ..." if len(self.left()) > 3 else "")
            raise self.failure(f"arrays that have no counterpart: {names}")


GATES = {"lstm": 4, "gru": 3}  # in PyTorch's order, which is Heed's


def put_biases(out, name, cell, bias, recurrent_bias):
    """The two biases of PyTorch's cells: a GRU's second one is inside of the reset gate, an LSTM's are a sum."""
    if cell == "gru":
        out[f"{name}.bias"], out[f"{name}.recurrent_bias"] = bias, recurrent_bias
    else:
        out[f"{name}.bias"] = bias + recurrent_bias


def take_cell(arrays, cell, prefix, suffix=""):
    """A cell of PyTorch, as (input, recurrent, bias, recurrent bias)."""
    recurrent = arrays.weight(f"{prefix}weight_hh{suffix}")
    size = GATES[cell] * recurrent.shape[0]
    if recurrent.shape[1] != size:
        raise arrays.failure(f"the array '{prefix}weight_hh{suffix}' is of no {cell}")
    return (arrays.weight(f"{prefix}weight_ih{suffix}", size, None), recurrent, arrays.take(f"{prefix}bias_ih{suffix}", size),
            arrays.take(f"{prefix}bias_hh{suffix}", size))


def put_torch_cell(out, name, cell, parts, columns=None):
    """`columns`: the width of what the cell reads first; what it reads behind is h~ of the previous step (`feed`)."""
    read, recurrent, bias, recurrent_bias = parts
    out[f"{name}.input"] = read[:columns]
    if columns is not None and columns != len(read):
        out[f"{name}.feed"] = read[columns:]
    out[f"{name}.recurrent"] = recurrent
    put_biases(out, name, cell, bias, recurrent_bias)


def put_torch_encoder(out, arrays, cell, prefix):
    """torch.nn.LSTM or GRU of any depth. -> (layers, width of its states, whether it reads in both directions)"""
    layers = 0
    while f"{prefix}weight_ih_l{layers}" in arrays:
        layers += 1
    if layers == 0:
        raise arrays.failure(f"the array '{prefix}weight_ih_l0' is missing")
    both = f"{prefix}weight_ih_l0_reverse" in arrays
    width = 0
    for layer in range(layers):
        directions = [("forward", "")] + ([("backward", "_reverse")] if both else [])
        for direction, suffix in directions:
            parts = take_cell(arrays, cell, prefix, f"_l{layer}{suffix}")
            width = len(parts[1]) * len(directions)
            put_torch_cell(out, f"encoder.{layer}.{direction}", cell, parts)
    return layers, width, both
