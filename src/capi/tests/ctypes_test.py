#!/usr/bin/env python3
"""The C interface as Python's ctypes calls it, with a model that the binary trained.

  ctypes_test.py LIBHEED_C HEED
"""

import ctypes
import os
import subprocess
import sys
import tempfile
import threading
import unittest
from ctypes import POINTER, byref, c_char_p, c_double, c_float, c_int32, c_size_t, c_uint64, c_void_p

LIBRARY, HEED = map(os.path.realpath, sys.argv[1:3])
CONFIG = """data:
  train: {source: digits, target: digits}
  validation: {source: digits, target: digits}
  source: {tokenizer: spaces}
  target: {tokenizer: spaces}
model: {embedding: 32, encoder: {hidden: 32}, decoder: {hidden: 32}, attention: {kind: luong-general}, dropout: 0}
training: {epochs: 20, learning_rate: 0.01, batch_sentences: 16, best_by: accuracy, threads: 1}
output: model
"""


class Text(ctypes.Structure):
    _fields_ = [("data", c_char_p), ("length", c_size_t)]

    def __str__(self):
        return (self.data or b"").decode()


class Token(ctypes.Structure):
    _fields_ = [("text", Text), ("begin", c_size_t), ("end", c_size_t), ("log_probability", c_double)]


class File(ctypes.Structure):
    _fields_ = [("name", Text), ("data", c_char_p), ("length", c_size_t)]


class Pair(ctypes.Structure):
    _fields_ = [("source", Text), ("target", Text)]


class Link(ctypes.Structure):
    _fields_ = [("source", c_int32), ("target", c_int32)]


class Step(ctypes.Structure):
    _fields_ = [("sentence", c_size_t), ("text", Text), ("tokens", POINTER(Text)), ("token_count", c_size_t)]


OnStep = ctypes.CFUNCTYPE(c_int32, POINTER(Step), c_void_p)


class Options(ctypes.Structure):
    _fields_ = [("size", c_size_t)]
    _fields_ += [(name, c_int32) for name in ("beam", "nbest", "batch", "threads", "attention", "token_scores", "replace_unknown",
                                              "forbid_unknown", "no_repeat_ngram", "max_source_tokens", "max_output_extra", "top_k")]
    _fields_ += [(name, c_double) for name in ("max_output_ratio", "length_penalty", "repetition_penalty", "temperature", "top_p", "min_p")]
    _fields_ += [("seed", c_uint64), ("on_step", OnStep), ("user", c_void_p), ("cancellation", c_void_p)]


class Error(Exception):
    def __init__(self, error):
        super().__init__(str(heed.heed_error_message(error)))
        self.code = heed.heed_error_code(error)
        heed.heed_error_free(error)


def prototype(name, result, *arguments):
    function = getattr(heed, name)
    function.restype, function.argtypes = result, arguments
    if result is c_void_p:  # an error
        function.errcheck = lambda error, function, arguments: check(error)


def check(error):
    if error:
        raise Error(error)


def text(string):
    return Text(string.encode(), len(string.encode()))


heed = ctypes.CDLL(LIBRARY)
heed.heed_version.restype = c_char_p
sentence = (c_void_p, c_size_t)
answer = (*sentence, c_size_t)
for name in ("model", "result", "cancellation", "error"):
    prototype(f"heed_{name}_free", None, c_void_p)
prototype("heed_error_code", c_int32, c_void_p)
prototype("heed_error_message", Text, c_void_p)
prototype("heed_model_open", c_void_p, Text, c_void_p, POINTER(c_void_p))
prototype("heed_model_open_memory", c_void_p, POINTER(File), c_size_t, c_void_p, POINTER(c_void_p))
prototype("heed_cancellation_create", c_void_p, POINTER(c_void_p))
prototype("heed_cancel", None, c_void_p)
prototype("heed_translate_options_init", None, POINTER(Options), c_size_t)
prototype("heed_translate", c_void_p, c_void_p, POINTER(Text), c_size_t, POINTER(Options), POINTER(c_void_p))
prototype("heed_align", c_void_p, c_void_p, POINTER(Pair), c_size_t, c_void_p, POINTER(c_void_p))
prototype("heed_result_text", Text, *answer)
prototype("heed_result_token", Token, *answer, c_size_t)
prototype("heed_result_source_token", Token, *answer)
prototype("heed_result_attention", POINTER(c_float), *answer, POINTER(c_size_t), POINTER(c_size_t))
prototype("heed_result_links", POINTER(Link), *sentence, POINTER(c_size_t))
prototype("heed_result_is_cut", c_int32, *answer)


def options(**given):
    out = Options()
    heed.heed_translate_options_init(byref(out), ctypes.sizeof(out))
    for name, value in given.items():
        setattr(out, name, value)
    return out


def open_model(path):
    model = c_void_p()
    heed.heed_model_open(text(path), None, byref(model))
    return model


def translate(model, *sentences, **given):
    result = c_void_p()
    texts = (Text * len(sentences))(*map(text, sentences))
    heed.heed_translate(model, texts, len(sentences), byref(options(**given)), byref(result))
    return result


class CtypesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open("digits", "w", encoding="utf-8") as file:
            file.writelines(" ".join(str(number)) + "\n" for number in range(100, 400))
        with open("config.yaml", "w", encoding="utf-8") as file:
            file.write(CONFIG)
        subprocess.run([HEED, "train", "config.yaml"], check=True, stderr=subprocess.DEVNULL)
        cls.model = open_model("model")

    def test_translates_with_attention(self):
        result = translate(self.model, "1 2 3", "3 1 2", attention=1)
        self.assertEqual([str(heed.heed_result_text(result, i, 0)) for i in (0, 1)], ["1 2 3", "3 1 2"])
        target, source = c_size_t(), c_size_t()
        weights = heed.heed_result_attention(result, 0, 0, byref(target), byref(source))
        self.assertEqual((target.value, source.value), (4, 4))
        for t in range(4):
            self.assertAlmostEqual(sum(weights[t * 4:t * 4 + 4]), 1, 4)
        token = heed.heed_result_token(result, 0, 0, 1)
        self.assertEqual((str(token.text), token.begin, token.end), ("2", 2, 3))
        self.assertEqual(str(heed.heed_result_source_token(result, 1, 0).text), "3")
        heed.heed_result_free(result)

    def test_opens_files_in_memory(self):
        files = []
        for name in sorted(os.listdir("model")):
            if os.path.isfile(f"model/{name}"):
                with open(f"model/{name}", "rb") as file:
                    content = file.read()
                files.append(File(text(name), content, len(content)))
        model = c_void_p()
        heed.heed_model_open_memory((File * len(files))(*files), len(files), None, byref(model))
        result = translate(model, "2 2 1")
        heed.heed_model_free(model)
        self.assertEqual(str(heed.heed_result_text(result, 0, 0)), "2 2 1")
        heed.heed_result_free(result)
        with self.assertRaisesRegex(Error, "config.yaml.* is missing"):
            heed.heed_model_open_memory(None, 0, None, byref(model))

    def test_calls_back_for_each_token(self):
        heard = []

        def on_step(step, user):
            heard.append([str(step.contents.tokens[i]) for i in range(step.contents.token_count)])
            return len(heard) == 2

        result = translate(self.model, "1 2 3", beam=1, on_step=OnStep(on_step))
        self.assertEqual(heard, [["1"], ["1", "2"]])
        self.assertEqual(str(heed.heed_result_text(result, 0, 0)), "1 2")
        self.assertEqual(heed.heed_result_is_cut(result, 0, 0), 1)
        heed.heed_result_free(result)

    def test_is_cancelled_by_another_thread(self):
        cancellation = c_void_p()
        heed.heed_cancellation_create(byref(cancellation))
        began = threading.Event()

        def cancel():
            began.wait()
            heed.heed_cancel(cancellation)

        thread = threading.Thread(target=cancel)
        thread.start()

        def on_step(step, user):
            began.set()
            thread.join()
            return 0

        with self.assertRaises(Error) as caught:
            translate(self.model, "1 2 3", cancellation=cancellation, on_step=OnStep(on_step))
        self.assertEqual(caught.exception.code, 6)
        heed.heed_cancellation_free(cancellation)

    def test_threads_share_a_model(self):
        answers = [None] * 4

        def run(place):
            result = translate(self.model, f"1 {place} 3")
            answers[place] = str(heed.heed_result_text(result, 0, 0))
            heed.heed_result_free(result)

        threads = [threading.Thread(target=run, args=(place,)) for place in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [f"1 {place} 3" for place in range(4)])

    def test_aligns(self):
        result = c_void_p()
        heed.heed_align(self.model, byref(Pair(text("1 2 3"), text("1 2 3"))), 1, None, byref(result))
        count = c_size_t()
        links = heed.heed_result_links(result, 0, byref(count))
        self.assertEqual(len({links[i].target for i in range(count.value)}), count.value)
        self.assertGreater(count.value, 0)
        heed.heed_result_free(result)

    def test_errors_have_code_and_message(self):
        with self.assertRaisesRegex(Error, "'nowhere' does not exist") as caught:
            open_model("nowhere")
        self.assertEqual(caught.exception.code, 3)
        with self.assertRaisesRegex(Error, "beam") as caught:
            translate(self.model, "1", beam=-1)
        self.assertEqual(caught.exception.code, 1)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        unittest.main(argv=sys.argv[:1])
