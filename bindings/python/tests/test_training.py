import os
import pathlib
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import heed
from conftest import toy_config


def test_callbacks_are_called_where_training_was(tmp_path):
    events, threads = [], set()

    class All(heed.TrainingCallbacks):
        def started(self, start):
            events.append(start)
            threads.add(threading.get_ident())

        def progress(self, progress):
            events.append(progress)
            threads.add(threading.get_ident())

        def validated(self, result):
            events.append(result)

        def log(self, level, text):
            events.append((level, text))

    report = heed.train(toy_config(tmp_path, tmp_path / "run", epochs=2), callbacks=All())
    assert threads == {threading.get_ident()}
    (start,) = [each for each in events if isinstance(each, heed.TrainingStart)]
    progress = [each for each in events if isinstance(each, heed.TrainingProgress)]
    validated = [each for each in events if isinstance(each, heed.ValidationResult)]
    assert start.parameters == heed.Bundle(report.output).parameter_count and not start.resumed
    assert [each.update for each in progress] == list(range(1, report.updates + 1))
    assert [each.epoch for each in validated] == [1, 2]
    assert validated[0].perplexity > validated[1].perplexity and set(validated[0].metrics) == {"bleu", "accuracy"}
    sample, reference = validated[0].samples[0]
    assert isinstance(sample, heed.Translation) and sample.attention is not None and reference == reference.upper()
    assert report.best == report.validations[-1] and report.ended_by.startswith("training.epochs")
    assert any(isinstance(each, tuple) and each[0] == "info" for each in events)


def test_messages_are_logged(tmp_path, caplog):
    caplog.set_level("INFO", logger="heed")
    heed.train(toy_config(tmp_path, tmp_path / "run", epochs=1))
    assert caplog.records and all(each.name == "heed" for each in caplog.records)


def test_a_callback_ends_a_training_that_goes_on(tmp_path):
    whole = heed.train(toy_config(tmp_path, tmp_path / "whole", epochs=2))
    config = toy_config(tmp_path, tmp_path / "run", epochs=2)
    report = heed.train(config, callbacks={"progress": lambda progress: np.bool_(progress.update < 7)})
    assert report.stopped and report.updates == 7 and "resume=True" in report.ended_by
    report = heed.train(config, resume=True)
    assert not report.stopped and report.updates == whole.updates
    for name, values in heed.Bundle(whole.output).parameters.items():
        np.testing.assert_array_equal(heed.Bundle(report.output).parameters[name], values)
    assert heed.train(config, resume=True).was_finished


def test_what_a_callback_raises_ends_it_too(tmp_path):
    config = toy_config(tmp_path, tmp_path / "run", epochs=2)

    def fail(progress):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        heed.train(config, callbacks={"progress": fail})
    assert heed.train(config, resume=True).updates > 1


INTERRUPTED = """
import os, signal, sys, heed
try:
    heed.train(sys.argv[1], callbacks={"progress": lambda p: os.kill(os.getpid(), signal.SIGINT) if p.update == 5 else None})
except KeyboardInterrupt:
    print("interrupted")
"""


def test_control_c_saves_and_raises(tmp_path):
    """From a callback the signal comes at a known update."""
    config = toy_config(tmp_path, tmp_path / "run", epochs=200)
    path = tmp_path / "config.yaml"
    path.write_text(heed.training._yaml(config))
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, path], capture_output=True, text=True, timeout=100)
    assert done.stdout == "interrupted\n", done.stderr
    report = heed.train(path, resume=True, overrides={"training.epochs": 1})
    assert report.updates >= 25 and heed.Bundle(report.output)


def test_control_c_without_callbacks(tmp_path):
    config = toy_config(tmp_path, tmp_path / "run", epochs=10000)
    path = tmp_path / "config.yaml"
    path.write_text(heed.training._yaml(config))
    code = "import sys, heed; heed.train(sys.argv[1])"
    process = subprocess.Popen([sys.executable, "-c", code, path], stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "run" / "train.jsonl").exists() or not (tmp_path / "run" / "training_state").exists():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=100)
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert heed.Bundle(tmp_path / "run").parameter_count > 0


def test_a_run_is_not_lost(tmp_path):
    config = toy_config(tmp_path, tmp_path / "run", epochs=1)
    heed.train(config)
    with pytest.raises(heed.UsageError, match="resume=True goes on with it, replace=True") as raised:
        heed.train(config)
    assert raised.value.kind == "output" and raised.value.file == str(tmp_path / "run")
    assert heed.train(config, replace=True, overrides={"training.seed": 2}).updates > 0
    assert heed.train(config, output=tmp_path / "other").output == str(tmp_path / "other")
    with pytest.raises(heed.UsageError, match="exclude"):
        heed.train(config, resume=True, replace=True)
    changed = {"training.seed": 3}
    heed.train(config, replace=True, overrides=changed, callbacks={"progress": lambda progress: False})
    new = f"{config['output']}.new"
    says = f"earlier replacement .* was stopped: go on with it .*output='{new}', resume=True.*, or remove it$"
    with pytest.raises(heed.UsageError, match=says) as raised:
        heed.train(config, replace=True, overrides=changed)
    assert raised.value.file == new
    assert heed.train(config, output=new, overrides=changed, resume=True).output == new


def test_values_of_a_config(tmp_path):
    config = toy_config(tmp_path, tmp_path / "run", epochs=np.int64(1), learning_rate=np.float32(0.5))
    config["output"] = pathlib.Path(config["output"])
    bundle = heed.Bundle(heed.train(config).output)
    assert bundle.config["training"]["learning_rate"] == 0.5 and bundle.config["training"]["epochs"] == 1
    config["training"]["epochs"] = "many"  # what is overridden is not looked at
    config["training"]["tensorboard"] = True
    overrides = {"training.epochs": 1, "training.tensorboard": False}
    assert heed.train(config, replace=True, overrides=overrides).epochs == 1
    with pytest.raises(TypeError, match="^config: .*object"):
        heed.train({"data": object()})
    with pytest.raises(TypeError, match=r"^overrides\['training.seed'\]: .*object"):
        heed.train(config, overrides={"training.seed": object()})
    with pytest.raises(TypeError, match="^overrides: a mapping is expected, not list"):
        heed.train(config, overrides=["training.seed=2"])


@pytest.mark.parametrize(
    "change, key, says",
    [
        ({"training": {"epochz": 3}}, "training.epochz", "did you mean 'training.epochs'"),
        ({"training": {"epochs": "many"}}, "training.epochs", "many"),
        ({"training": {"tensorboard": True}}, "training.tensorboard", "heed train"),
        ({"output": "ru\0n"}, "output", "'output' has a NUL byte"),
        ({"data": {"train": {"tsv": ["a", "b\0c"]}}}, "data.train.tsv", "'data.train.tsv' has a NUL byte"),
    ],
)
def test_a_wrong_config_names_its_key(tmp_path, change, key, says):
    with pytest.raises(heed.UsageError, match=says) as raised:
        heed.train({**toy_config(tmp_path, tmp_path / "run"), **change})
    assert raised.value.key == key
    for more in ({"output": f"{tmp_path}/run\0l"}, {"overrides": {"output": f"{tmp_path}/run\0l"}}):
        with pytest.raises(heed.UsageError, match="output.* NUL byte"):
            heed.train(toy_config(tmp_path, tmp_path / "run"), **more)
    assert not os.path.exists(tmp_path / "run")


def test_wrong_data_and_callbacks(tmp_path):
    config = toy_config(tmp_path, tmp_path / "run")
    (tmp_path / "train.target").write_bytes(b"\xff\n" * 400)
    with pytest.raises(heed.Error) as raised:
        heed.train(config)
    assert (raised.value.file, raised.value.line) == (str(tmp_path / "train.target"), 1)
    with pytest.raises(heed.Error) as raised:
        heed.train(tmp_path / "missing.yaml")
    assert raised.value.file == str(tmp_path / "missing.yaml")
    with pytest.raises(heed.UsageError, match="callbacks: unknown .*progres"):
        heed.train(config, callbacks={"progres": print})
    with pytest.raises(TypeError, match="callbacks: an object with some of the methods started, .* is expected, not"):
        heed.train(config, callbacks=print)
    with pytest.raises(TypeError, match=r"callbacks\['progress'\]: a function is expected, not int"):
        heed.train(config, callbacks={"progress": 3})
