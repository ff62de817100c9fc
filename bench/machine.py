"""What the figures of a benchmark were measured on."""
import os
import pathlib
import platform
import re

INSTRUCTIONS = ["avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8"]


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    found = lambda key: re.search(rf"^{key}\s*:\s*(.*)$", text, re.MULTILINE)
    name = found("model name").group(1) if found("model name") else platform.machine()
    flags = found("flags").group(1).split() if found("flags") else []
    has = [flag for flag in INSTRUCTIONS if flag in flags]
    has_not = [flag for flag in INSTRUCTIONS if flag not in flags]
    parts = [" ".join(has)] * bool(has) + ["no " + " ".join(has_not)] * bool(has_not)
    return f"{name}, {os.cpu_count()} cores ({'; '.join(parts)})"
