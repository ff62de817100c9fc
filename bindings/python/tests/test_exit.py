"""A process that ends while a thread of it, which it does not wait for, is in a call."""

import json
import subprocess
import sys

import pytest

from conftest import toy_config

MAIN = """
import heed, json, sys, threading, time
told = threading.Event()
{work}
class Slow:
    def __del__(self, sleep=time.sleep):
        sleep(0.3)  # while the interpreter ends
slow = Slow()
threading.Thread(target=work, daemon=True).start()
assert told.wait(60)
time.sleep(0.05)
"""

TRANSLATES = """
def texts():
    yield from ["a b c d e f"] * 20000
    told.set()
def work():
    heed.Translator(sys.argv[1], threads=2).translate(texts())
"""
FOLLOWS = """
def work():
    heed.Translator(sys.argv[1], threads=2).translate(["a b c d e f"] * 20000, on_step=lambda *_: told.set())
"""
TRAINS = """
def work():
    heed.train(json.loads(sys.argv[1]), callbacks={"progress": lambda progress: told.set()})
"""


def ends(work, argument):
    command = [sys.executable, "-c", MAIN.format(work=work), argument]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("work", [TRANSLATES, FOLLOWS])
def test_a_thread_translates(toy, work):
    ends(work, toy)


def test_a_thread_trains(tmp_path):
    ends(TRAINS, json.dumps(toy_config(tmp_path, tmp_path / "run", epochs=1000)))
