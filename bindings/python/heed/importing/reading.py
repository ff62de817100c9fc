"""Files of others, read so that none of them runs code, and none takes more memory than its own size allows."""

import io
import os
import struct
import zipfile

import numpy as np

from .errors import ImportFailure

LARGEST_TEXT = 1 << 28  # of a vocabulary or a configuration
SMALLEST_BOMB = 1 << 26  # bytes that any archive may unpack to
LARGEST_RATIO = 100  # of what an archive unpacks to, and its own size
# Of weights that are trained compression wins a tenth.


def read_text(path):
    try:
        if os.path.getsize(path) > LARGEST_TEXT:
            raise ImportFailure(f"{path}: is larger than a vocabulary or a configuration can be")
        with open(path, encoding="utf-8", newline="\n") as file:
            return file.read()
    except OSError as error:
        raise ImportFailure(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ImportFailure(f"{path}: is no text in UTF-8") from None


def read_lines(path):
    """Lines without their ends."""
    lines = read_text(path).split("\n")
    return [line.removesuffix("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def open_archive(path):
    """A ZIP archive whose parts are no larger than the file's size allows."""
    try:
        size = os.path.getsize(path)
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise ImportFailure(f"{path}: {error.strerror}") from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise ImportFailure(f"{path}: {error}") from None
    unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > max(SMALLEST_BOMB, LARGEST_RATIO * size):
        archive.close()
        raise ImportFailure(f"{path}: would unpack to {unpacked:,} bytes, {unpacked // max(size, 1):,} times its size")
    return archive


def part_of(archive, part, path):
    try:
        return archive.read(part)
    except Exception as error:  # zipfile, zlib and others, for a damaged part
        raise ImportFailure(f"{path}: {error or type(error).__name__}") from None


def read_npz(path, but=()):
    """Arrays of numbers by name, but those named; nothing of Python's own is ever unpickled."""
    with open_archive(path) as archive:
        return {name.removesuffix(".npy"): numbers(part_of(archive, name, path), f"{path}: {name}")
                for name in archive.namelist() if name.removesuffix(".npy") not in but}


def numbers(data, what):
    """A file of NumPy. Its header may say anything: memory is taken for what there is."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, fortran, dtype = read(stream)
        values = np.frombuffer(data, np.uint8, offset=stream.tell())
        if dtype.kind not in "fiub" or any(each < 0 for each in shape):
            raise ImportFailure(f"{what}: has {dtype}, where numbers are expected")
        return values.view(dtype).reshape(shape, order="F" if fortran else "C")
    except ImportFailure:
        raise
    except Exception:  # whatever a header that is no header can lead to
        raise ImportFailure(f"{what}: is no array of numbers") from None


def first_line(error):
    return (str(error).strip() or type(error).__name__).splitlines()[0]
