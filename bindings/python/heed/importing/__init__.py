"""Bundles of Heed from checkpoints of other toolkits: python -m heed.importing KIND FILE... --output DIR

See docs/importing.md. It needs NumPy, PyTorch for checkpoints of PyTorch, and h5py for weights of Keras.
"""

from importlib import import_module

from .bundle import Model, check_finite, write_bundle
from .errors import ImportFailure, Refusal
from .reading import first_line

__all__ = ["ImportFailure", "KINDS", "Model", "Refusal", "convert", "write_bundle"]

KINDS = ("opennmt", "joeynmt", "fairseq", "marian", "keras")


def convert(kind, files, options):
    """The model in `files`. `options`: an object with the attributes of the command's options. Raises ImportFailure."""
    if kind not in KINDS:
        raise ImportFailure(f"unknown kind '{kind}'; there are {', '.join(KINDS)}")
    try:
        model = import_module(f".{kind}", __name__).convert([str(file) for file in files], options)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # A file that is damaged, or of another program, may hold anything where something else is expected.
        raise ImportFailure(f"{files[0]}: holds something else than {kind} writes: {type(error).__name__}: {first_line(error)}") from error
    check_finite(model, files[0])
    return model
