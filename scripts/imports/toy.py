"""The task of the small models: a word for each letter, from the last to the first; and what a toolkit computes, as a file."""

import argparse
import json
import pathlib
import random
import sys
import tempfile
import zipfile

LETTERS = "a b c d e f g h i j ä ё".split()
WORDS = "Ant Bee@@ Cat Dog ￭Elk Fox Gnu Hen Ibis Jay Äsche Ёж".split()
PAIRS, SENTENCES = 20, 100
LONGEST_ANSWER = 8  # shorter than what `heed translate` allows for any of the sources


def main(kind, cases, make):
    """The command of a toolkit: FOLDER [--whole]. `make(case, folder, work, whole)` trains a model and writes its files into its
    folder; what is in `work` goes away."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--whole", action="store_true", help="checkpoints as the toolkit writes them")
    options = parser.parse_args()
    for case in cases:
        folder = options.folder / f"{kind}-{case}"
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as work:
            make(case, folder, pathlib.Path(work), options.whole)


def pairs(count, seed):
    """(source, target), each a list of tokens."""
    choice = random.Random(seed)
    out = []
    for _ in range(count):
        letters = choice.choices(range(len(LETTERS)), k=choice.randint(2, 5))
        out.append(([LETTERS[i] for i in letters], [WORDS[i] for i in reversed(letters)]))
    return out


def write_text(folder, name, examples, end=""):
    for side, column in (("source", 0), ("target", 1)):
        text = "".join(" ".join(each[column]) + (end if column == 0 else "") + "\n" for each in examples)
        (folder / f"{name}.{side}").write_text(text, encoding="utf-8")


def write_golden(folder, about, score, translate, **more):
    """`score(source, target)` gives the log-probability of a target with its </s>, `translate(source)` the greedy answer's tokens."""
    scored = [{"source": " ".join(source), "target": " ".join(target), "log_probability": round(score(source, target), 6)}
              for source, target in pairs(PAIRS, seed=2) + [(["a", "qqq"], ["Ant", "Zzz"])]]
    answers = {}
    for source, _ in pairs(40 * SENTENCES, seed=3):
        answer = translate(source)
        # What does not end by itself is cut where each toolkit cuts.
        if len(answer) <= LONGEST_ANSWER:
            answers[" ".join(source)] = " ".join(answer)
        if len(answers) == SENTENCES:
            break
    else:
        raise SystemExit(f"{folder}: of {40 * SENTENCES} sentences too few end: train it longer")
    right = sum(answer == " ".join(WORDS[LETTERS.index(each)] for each in reversed(source.split()))
                for source, answer in answers.items())
    print(f"{folder.name}: {about}; {right} of {len(answers)} answers are right, {len(set(answers.values()))} differ")
    golden = {"about": about, **more, "scores": scored, "answers": answers}
    pathlib.Path(folder, "golden.json").write_text(json.dumps(golden, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def save(torch, path, checkpoint):
    """The checkpoint, and beside it what it holds as JSON, for tests where there is no PyTorch."""
    torch.save(checkpoint, path)
    with zipfile.ZipFile(path) as archive:
        records = {archive.read(name): name for name in archive.namelist() if "/data/" in name}
    text = json.dumps(described(torch, checkpoint, records), ensure_ascii=False, separators=(",", ":"))
    path.with_suffix(".contents.json").write_text(text + "\n", encoding="utf-8")


def described(torch, value, records):
    """Arrays by the part of the archive that has their numbers, objects by their attributes."""
    if isinstance(value, torch.Tensor):
        storage = value.untyped_storage()
        if value.dtype != torch.float32 or not value.is_contiguous() or storage.nbytes() != 4 * value.numel():
            return {"array": None}
        return {"array": records[value.detach().numpy().tobytes()], "shape": list(value.shape)}
    if isinstance(value, dict):
        return {"dict": [[described(torch, key, records), described(torch, each, records)] for key, each in value.items()]}
    if isinstance(value, (list, tuple)):
        return [described(torch, each, records) for each in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return {"object": described(torch, getattr(value, "__dict__", {}), records)}
