"""Runs of heed for options_test.py, and what its rows look at."""

import json
import os
import re
import resource
import subprocess
import sys

from checks import check

heed = os.path.realpath(sys.argv[1])


# ---- what is looked at ----


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Run:
    """A command that has ended. Its words are split at spaces."""

    def __init__(self, words, stdin=b"", limits=()):
        def confine():
            for what, limit in limits:
                resource.setrlimit(what, (limit, limit))

        process = subprocess.Popen(
            [heed] + words.split(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=confine
        )
        self.out, self.err = process.communicate(stdin, timeout=120)
        self.status = process.returncode


def out(run):
    """Of a command that must work: what it writes."""
    check_works(run)
    return run.out


def told(run):
    """Of a command that must work: what it tells beside its speed."""
    check_works(run)
    return [line for line in run.err.splitlines() if b"/s" not in line]


def lines_told(run):
    """How many lines a command that must work tells."""
    check_works(run)
    return len(run.err.splitlines())


def drawn(run):
    """What a training draws among what it says."""
    check_works(run)
    return [line for line in run.err.decode().splitlines() if re.search("[░▒▓█]", line)]


def talks(run):
    """Whether a command says on standard error more than warnings."""
    check_works(run)
    return any(not line.startswith(b"warning: ") for line in run.err.splitlines())


def status(run):
    return run.status


def check_works(run):
    if run.status != 0:
        check("the command works", (run.status, run.err[-300:]), 0)


def file(name):
    """A file that a command writes, which goes away again."""

    def look(run):
        check_works(run)
        content = read(name) if os.path.exists(name) else None
        if content is not None:
            os.remove(name)
        return content

    return look


def content(name):
    """The same of a file that stays."""

    def look(run):
        check_works(run)
        return read(name)

    return look


def counts(run):
    """Of a line of `heed bench` what is no time, rate, or memory of the whole process."""
    check_works(run)

    def without_times(value):
        if isinstance(value, list):
            return [without_times(each) for each in value]
        if isinstance(value, dict):
            return {key: without_times(each) for key, each in value.items() if not re.search(TIMES, key)}
        return value

    return without_times(json.loads(run.out))


def first_character(run):
    """Of JSON another than of tables."""
    check_works(run)
    return run.out[0]


TIMES = "second|gflops|share|growth|peak_memory"


# Of a training, whose folder is `run`.


def weights(run):
    check_works(run)
    return read("run/training_state/parameters.safetensors")


def best(run):
    check_works(run)
    return read("run/parameters.safetensors")


def pieces(run):
    """The SentencePiece models, which tell how they were learnt."""
    check_works(run)
    return [read(f"run/{name}") for name in sorted(os.listdir("run")) if name.endswith(".sentencepiece")]


def validations(run):
    """What the history has of them: numbers, translations, attention."""
    check_works(run)
    events = [json.loads(line) for line in read("run/training_state/history.jsonl").splitlines()]
    return [{name: event[name] for name in event if "second" not in name} for event in events if event["kind"] == "validation"]


def saves(run):
    """The updates whose state was saved."""
    check_works(run)
    events = [json.loads(line) for line in read("run/train.jsonl").splitlines()]
    return [event.get("update") for event in events if event.get("event") == "saved"]


def tested(run):
    check_works(run)
    return read("run/test.json") if os.path.exists("run/test.json") else None


def rates(run):
    check_works(run)
    return re.findall(rb'"learning_rate":[^,}]*', read("run/training_state/history.jsonl") + read("run/training_state/position.json"))


def end(run):
    check_works(run)
    return [line for line in run.err.splitlines() if b" holds the model " in line]


def about(run):
    """What `heed info` tells of it for people."""
    check_works(run)
    return json.loads(out(Run("info run --format json")))["about"]


def folders(run):
    check_works(run)
    return sorted(os.listdir("run")) if os.path.isdir("run") else None
