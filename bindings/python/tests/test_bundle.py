import os
import pickle
import shutil

import numpy as np
import pytest

import heed
from conftest import toy_config


def test_what_a_bundle_says(toy, mute):
    bundle = heed.Bundle(toy)
    assert (bundle.path, bundle.precision, bundle.attends) == (toy, "float32", True)
    assert bundle.source_vocabulary[:3] == ["<unk>", "<s>", "</s>"] and "A" in bundle.target_vocabulary
    assert bundle.features == [] and repr(bundle) == f"Bundle({toy!r}, float32, {bundle.parameter_count} parameters)"
    assert bundle.config["model"]["embedding"] == 16 and bundle.config["training"]["learning_rate"] == 0.01
    assert bundle.config["model"]["attention"]["kind"] == "luong-general" and bundle.config["data"]["joint_vocabulary"] is False
    assert not heed.Bundle(mute).attends
    assert heed.Bundle(toy, precision="int8").precision == "int8"


@pytest.mark.parametrize("name", ["007", "1e5", "nan"])
def test_a_folder_is_a_text(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    config = toy_config(tmp_path, name, epochs=1, batch_sentences=400)
    assert heed.Bundle(heed.train(config).output).config["output"] == name


def test_parameters_are_the_models_memory(toy):
    bundle = heed.Bundle(toy)
    parameters = bundle.parameters
    assert sum(each.size for each in parameters.values()) == bundle.parameter_count
    weight = parameters["generator.weight"]
    assert weight.dtype == np.float32 and weight.shape == (32, len(bundle.target_vocabulary))
    assert parameters["generator.bias"].shape == (len(bundle.target_vocabulary),)
    assert np.shares_memory(weight, bundle.parameters["generator.weight"])
    with pytest.raises(ValueError, match="read-only"):
        weight[0, 0] = 1
    with pytest.raises(TypeError):
        parameters["x"] = weight
    copy = weight.copy()
    del bundle, parameters
    np.testing.assert_array_equal(weight, copy)


def test_parameters_of_int8_are_what_the_file_has(toy, binary, tmp_path):
    whole = heed.Bundle(toy).parameters
    binary("quantize", toy, "--output", str(tmp_path / "int8"))
    small = heed.Bundle(tmp_path / "int8")
    assert small.precision == "int8"
    parameters = small.parameters
    assert parameters["source.embedding"].dtype == np.int8 and parameters["source.embedding.scale"].dtype == np.float32
    scaled = parameters["source.embedding"] * parameters["source.embedding.scale"][:, None]
    np.testing.assert_allclose(scaled, whole["source.embedding"], atol=0.05)
    with pytest.raises(heed.Error, match="take the original model"):
        heed.Bundle(tmp_path / "int8", precision="float32")


def test_what_is_no_bundle(toy, tmp_path):
    with pytest.raises(heed.Error) as raised:
        heed.Bundle("nowhere")
    assert (raised.value.kind, raised.value.file, raised.value.line) == ("model", "nowhere", None)
    assert not isinstance(raised.value, heed.UsageError)
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.file, again.kind) == (str(raised.value), "nowhere", "model")
    with pytest.raises(heed.UsageError, match="did you mean 'float32'") as raised:
        heed.Bundle(toy, precision="float23")
    assert isinstance(raised.value, ValueError) and raised.value.kind == "usage"
    damaged = tmp_path / "damaged"
    shutil.copytree(toy, damaged)
    file = damaged / "parameters.safetensors"
    os.truncate(file, file.stat().st_size - 5)
    with pytest.raises(heed.Error) as raised:
        heed.Bundle(damaged)
    assert raised.value.file == str(file)
    with pytest.raises(TypeError, match="path: a str or os.PathLike is expected, not int"):
        heed.Bundle(3)
