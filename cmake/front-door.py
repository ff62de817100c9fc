#!/usr/bin/env python3
"""The front door is what docs/cpp.md says: its headers and those that they include are marked HEED_API, and no others are."""

import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MOST = 16  # headers that programs include by name; more is a decision

faults = []


def installed():
    """The text of each header by the name that programs include."""
    texts = {}
    for path in glob.glob(os.path.join(ROOT, "src/*/include/heed/*/*.h")) + [os.path.join(ROOT, "src/base/version.h.in")]:
        name = "heed/base/version.h" if path.endswith(".in") else path.split("/include/")[1]
        with open(path, encoding="utf-8") as file:
            texts[name] = file.read()
    return texts


def main():
    texts = installed()
    with open(os.path.join(ROOT, "docs/cpp.md"), encoding="utf-8") as file:
        doors = re.findall(r"^\| `(heed/[^`]+\.h)` \|", file.read(), re.M)
    reached, open_ends = set(), list(doors)
    while open_ends:
        name = open_ends.pop()
        if name in reached:
            continue
        reached.add(name)
        if name not in texts:
            faults.append(f"docs/cpp.md: there is no {name}")
            continue
        open_ends += re.findall(r'^#include "(heed/[^"]+)"', texts[name], re.M)
    marked = {name for name, text in texts.items() if re.search(r"^(?:namespace|#define) HEED_API ", text, re.M)}
    faults.extend(f"{name}: a header of the front door (docs/cpp.md) includes it: mark it HEED_API, or include it there no more"
                  for name in sorted(reached & set(texts) - marked))
    faults.extend(f"{name}: marked HEED_API, but no header of the front door (docs/cpp.md) includes it"
                  for name in sorted(marked - reached))
    if len(doors) > MOST:
        faults.append(f"docs/cpp.md: {len(doors)} headers are the front door, more than {MOST}")
    for fault in faults:
        print(fault)
    print(f"{len(doors)} headers for programs, {len(reached) - len(doors)} that they include, {len(faults)} faults")
    return bool(faults) or not doors


if __name__ == "__main__":
    sys.exit(main())
