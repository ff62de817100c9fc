"""TensorBoard's own readers of a run's event files: tensorboard_test.py PATH_OF_HEED

plugin_event_accumulator is what `tensorboard --load_fast=false` reads with, event_accumulator what programs do. A
training is killed and resumed, and trained anew in its place while the readers have it open. Exit status 77, with a
reason, where TensorBoard is not installed.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "src/app/tests"))
from checks import check, finish  # noqa: E402

try:
    from tensorboard.backend.event_processing import event_accumulator
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
    from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator as SlowLoader
except ImportError as missing:
    print(f"skipped: TensorBoard's readers: {missing}")
    sys.exit(77)

heed = os.path.realpath(sys.argv[1])
KEEP_ALL = {"scalars": 0, "tensors": 0}
TAG = "train/loss"
EPOCH = 100  # updates, each of which is logged

CONFIG = """data:
  train:      {source: train, target: train}
  validation: {source: dev, target: dev}
  source: {tokenizer: spaces, vocabulary: 0}
  target: {tokenizer: spaces, vocabulary: 0}
model: {embedding: 16, encoder: {hidden: 16}, decoder: {hidden: 16}, attention: {kind: none}}
training: {epochs: 100000, batch_sentences: 4, tensorboard: true}
output: run
"""


def write_task():
    sentences = [" ".join("abcdefgh"[(i * k) % 8] for k in range(1, 2 + i % 5)) + "\n" for i in range(4 * EPOCH)]
    pathlib.Path("train").write_text("".join(sentences), encoding="utf-8")
    pathlib.Path("dev").write_text("".join(sentences[:8]), encoding="utf-8")
    pathlib.Path("config.yaml").write_text(CONFIG, encoding="utf-8")


def start(*arguments):
    return subprocess.Popen([heed, "train", "config.yaml", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def finish_training(*arguments):
    check(f"train {' '.join(arguments)}", start(*arguments).wait(timeout=120), 0)


def event_files():
    return sorted(pathlib.Path("run/tensorboard").glob("events*"))


def raw_steps():
    """The steps of the tag as they stand in the files."""
    return [event.step for file in event_files() for event in EventFileLoader(str(file)).Load()
            if any(value.tag == TAG for value in event.summary.value)]


def saved_update():
    events = [json.loads(line) for line in pathlib.Path("run/train.jsonl").read_text(encoding="utf-8").splitlines()]
    return max([event["update"] for event in events if event["event"] == "saved"], default=0)


def kill_after_a_save():
    """Kills a training that has logged updates after its last saved state."""
    training = start()
    end = time.monotonic() + 60
    while time.monotonic() < end:
        time.sleep(0.05)
        training.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, training.pid, os.WSTOPPED)
        # At the end of an epoch the state may be saved, and the log not say so yet.
        if pathlib.Path("run/config.yaml").exists() and (last := raw_steps()[-1]) > saved_update() > 0 and last % EPOCH != 0:
            break
        training.send_signal(signal.SIGCONT)
    training.kill()
    training.wait()


def steps_of(events):
    return [event.step for event in events]


def slow_steps(loader):
    loader.Reload()
    return steps_of(loader.Tensors(TAG))


def check_steps(what, steps, last):
    check(f"{what}: each step once, in order", steps, list(range(1, last + 1)))


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    write_task()
    kill_after_a_save()
    check("what was killed logged more than it saved", raw_steps()[-1] > saved_update())
    reader = SlowLoader("run/tensorboard", size_guidance=KEEP_ALL)
    slow_steps(reader)  # as a TensorBoard that runs all the while
    epochs = saved_update() // EPOCH + 2
    finish_training("--resume", "--set", f"training.epochs={epochs}")
    last = saved_update()
    raw = raw_steps()
    check("steps stand in the files twice", len(raw) > len(set(raw)))
    check("one file", len(event_files()), 1)
    check_steps("tensorboard --load_fast=false, opened before", slow_steps(reader), last)
    check_steps("tensorboard --load_fast=false", slow_steps(SlowLoader("run/tensorboard", size_guidance=KEEP_ALL)), last)
    programs = event_accumulator.EventAccumulator("run/tensorboard", size_guidance=KEEP_ALL)
    programs.Reload()
    check_steps("EventAccumulator", steps_of(programs.Scalars(TAG)), last)

    # Trained anew in its place, while a TensorBoard has it open.
    finish_training("--replace", "--set", "training.epochs=1")
    check("a shorter run took its place", saved_update(), EPOCH)
    check_steps("a run in its place: tensorboard --load_fast=false, opened before", slow_steps(reader), EPOCH)
    check_steps("a run in its place: tensorboard --load_fast=false", slow_steps(SlowLoader("run/tensorboard", size_guidance=KEEP_ALL)), EPOCH)
    finish_training("--replace", "--set", "training.epochs=2")
    check_steps("and once more: opened before", slow_steps(reader), 2 * EPOCH)
    check("no more than what an open TensorBoard needs is left", [file.stat().st_size > 0 for file in event_files()], [False, True])
    os.chdir("/")
sys.exit(finish())
