"""wheel_licenses.py WHEEL: puts the licences of what the wheel carries beside Heed's own, as scripts/wheel calls it.

auditwheel's list of parts (sboms/auditwheel.cdx.json) names the Debian packages of the libraries inside; others are compiled in.
"""

import base64
import hashlib
import importlib.metadata
import json
import pathlib
import re
import sys
import zipfile

COMPILED_IN = ["libhwy-dev", "libxxhash-dev", "nlohmann-json3-dev"]
DOC = pathlib.Path("/usr/share/doc")
COMMON = pathlib.Path("/usr/share/common-licenses")  # whole texts, which the files of packages refer to


def packages_inside(parts):
    found = [re.fullmatch(r"pkg:deb/debian/([^@]+)@.*", part.get("purl", "")) for part in parts["components"]]
    return sorted({match[1] for match in found if match} | set(COMPILED_IN))


def licenses(packages):
    """Texts by the names of their files."""
    out = {f"{name}.copyright": (DOC / name / "copyright").read_bytes() for name in packages}
    referred = {name for text in out.values() for name in re.findall(rf"{COMMON}/([\w.+-]*\w)", text.decode())}
    out |= {f"common-licenses/{name}": (COMMON / name).read_bytes() for name in sorted(referred)}
    (nanobind,) = (file for file in importlib.metadata.files("nanobind") if file.name == "LICENSE")
    return {**out, "nanobind.LICENSE": nanobind.read_binary()}


def recorded(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"


def main(path):
    with zipfile.ZipFile(path) as wheel:
        parts = {each: wheel.read(each) for each in wheel.infolist()}
        (info,) = {each.filename.split("/")[0] for each in parts if each.filename.endswith(".dist-info/RECORD")}
        known = json.loads(wheel.read(f"{info}/sboms/auditwheel.cdx.json"))
    added = {f"{info}/licenses/{name}": data for name, data in licenses(packages_inside(known)).items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for each, data in parts.items():
            if each.filename != f"{info}/RECORD":
                wheel.writestr(each, data)
            else:
                wheel.writestr(each, data + "".join(recorded(*one) for one in added.items()).encode())
        for name, data in added.items():
            wheel.writestr(name, data)


main(sys.argv[1])
