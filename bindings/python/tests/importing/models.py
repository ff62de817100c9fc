"""Models of other toolkits, imported, give what the toolkits gave: models.py PATH_OF_HEED [FOLDER [KIND...]]

Each folder beside this file (or in FOLDER) has the files of a model and golden.json, what its toolkit computed
(scripts/make-imports). Where the Python that runs this has no PyTorch, checkpoints are read without it (without_torch.py).
Exit status 77, with a reason, where NumPy is missing.
"""

import contextlib
import importlib.metadata
import importlib.util
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
root = here.parents[3]
sys.path[:0] = [str(root / "src/app/tests"), str(root / "bindings/python"), str(here)]
sys.dont_write_bytecode = True
from checks import check, finish  # noqa: E402

has = {name: importlib.util.find_spec(name) is not None for name in ("numpy", "torch", "h5py")}
if has["torch"]:
    # Older ones cannot read a checkpoint's options without running its code.
    has["torch"] = tuple(int(each) for each in importlib.metadata.version("torch").split(".")[:2]) >= (2, 6)
LARGEST = 1e-4  # difference of the log-probability of a sentence

heed = os.path.realpath(sys.argv[1])
folders = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else here
kinds = sys.argv[3:]


def importing(*arguments):
    """-> (exit status, what it said), in this process, where PyTorch is loaded once."""
    from heed.importing import __main__
    if not has["torch"]:
        import without_torch
        without_torch.install()
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        return __main__.main([str(each) for each in arguments]), said.getvalue().strip()


def check_program():
    """As a program of its own, without anything else of the package heed."""
    environment = {**os.environ, "PYTHONPATH": str(root / "bindings/python"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-m", "heed.importing", "--help"], env=environment, capture_output=True, text=True, timeout=60)
    check(f"python -m heed.importing --help {done.stderr}", (done.returncode, "heed.importing" in done.stdout), (0, True))


def run_heed(*arguments, text=""):
    done = subprocess.run([heed, *map(str, arguments)], input=text, capture_output=True, text=True, timeout=120)
    check(f"heed {arguments[0]} {done.stderr}", done.returncode, 0)
    return done.stdout


def scores(bundle, examples, work):
    for side in ("source", "target"):
        (work / side).write_text("".join(each[side] + "\n" for each in examples), encoding="utf-8")
    lines = run_heed("score", "--model", bundle, "--source", work / "source", "--target", work / "target", "--format", "jsonl")
    return [json.loads(line)["log_probability"] for line in lines.splitlines()]


def check_model(folder, work):
    golden = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    bundle = work / "bundle"
    status, said = importing(golden["kind"], *(folder / each for each in golden["files"]), "--output", bundle, *golden["options"])
    check(f"{folder.name} is imported: {said}", status, 0)
    if status != 0:
        return
    found = scores(bundle, golden["scores"], work)
    check(f"{folder.name}: all are scored", len(found), len(golden["scores"]))
    difference = max((abs(a - b["log_probability"]) for a, b in zip(found, golden["scores"])), default=LARGEST)
    check(f"{folder.name}: log-probabilities differ by at most {LARGEST}, by {difference:.1e}", difference <= LARGEST, True)
    lines = run_heed("translate", "--model", bundle, "--beam", "1", text="".join(f"{each}\n" for each in golden["answers"]))
    wrong = [pair for pair, found in zip(golden["answers"].items(), lines.splitlines()) if pair[1] != found]
    check(f"{folder.name}: greedy answers that are others", wrong, [])
    check(f"{folder.name}: all are answered", len(lines.splitlines()), len(golden["answers"]))
    print(f"{golden['about']}: log-probabilities to {difference:.1e}, {len(golden['answers'])} answers")


def main():
    if not has["numpy"]:
        print("skipped: there is no NumPy")
        sys.exit(77)
    check_program()
    for folder in sorted(path.parent for path in folders.glob("*/golden.json")):
        kind = folder.name.split("-")[0]
        if kinds and kind not in kinds:
            continue
        if kind == "keras" and not has["h5py"]:
            print(f"skipped: {folder.name}: there is no h5py")
            continue
        with tempfile.TemporaryDirectory() as work:
            check_model(folder, pathlib.Path(work))
    finish()


main()
