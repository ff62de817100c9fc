"""The version of the library inside."""

from . import _heed

__version__: str = _heed.version
