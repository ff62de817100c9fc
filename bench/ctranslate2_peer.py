"""Sentences a second of a Transformer of random weights in CTranslate2; started by bench/peers with the Python that has it.

Each batch decodes to the length of its longest source sentence with EOS. Prints one JSON object.
"""
import argparse
import json
import tempfile
import time
import zlib

import ctranslate2
import numpy

# 4.5 million parameters with 5,000 words on each side.
WIDTH, INNER, HEADS, LAYERS, LONGEST = 160, 640, 4, (4, 2), 512
SPECIALS = ["<unk>", "<s>", "</s>"]


def shape_of(name, words):
    """Of a variable in a specification, which says only that it must be there."""
    part = name.split("/")
    if part[-1] == "encodings":
        return LONGEST, WIDTH
    if part[-1] in ("gamma", "beta"):
        return WIDTH,
    if "embeddings" in part[1] or part[1] == "projection":
        outputs, inputs = words, WIDTH
    elif part[2] == "ffn":
        outputs, inputs = (INNER, WIDTH) if part[3] == "linear_0" else (WIDTH, INNER)
    elif part[2] == "self_attention":
        outputs, inputs = (3 * WIDTH if part[3] == "linear_0" else WIDTH), WIDTH
    else:  # of the encoder's states: queries, keys with values, output
        outputs, inputs = (2 * WIDTH if part[3] == "linear_1" else WIDTH), WIDTH
    return (outputs, inputs) if part[-1] == "weight" else (outputs,)


def model_of(words, folder):
    specification = ctranslate2.specs.TransformerSpec.from_config(LAYERS, HEADS)
    drawn = numpy.random.default_rng(1)
    parameters = 0

    def fill(spec, name, value):
        nonlocal parameters
        needed = value is None or name.endswith(("/bias", "/encodings"))
        if not needed or name.endswith("projection/bias"):
            return
        shape = shape_of(name, words)
        array = drawn.normal(0, 1 / WIDTH ** 0.5, shape).astype("float32")
        setattr(spec, name.rsplit("/", 1)[-1], numpy.ones(shape, "float32") if name.endswith("gamma") else array)
        if not name.endswith("encodings"):
            parameters += array.size

    ctranslate2.specs.model_spec.visit_spec(specification, fill)
    names = SPECIALS + [str(word) for word in range(words - len(SPECIALS))]
    specification.register_source_vocabulary(names)
    specification.register_target_vocabulary(names)
    specification.validate()
    specification.optimize(quantization="int8")
    specification.save(folder)
    return parameters


def translate(translator, sentences, options):
    """Seconds, and words that came out."""
    started = time.perf_counter()
    waiting = []
    for at in range(0, len(sentences), options.batch):
        batch = sentences[at:at + options.batch]
        length = max(map(len, batch)) + 1
        waiting += translator.translate_batch(batch, beam_size=options.beam, max_decoding_length=length,
                                              min_decoding_length=length, asynchronous=True)
    words = sum(len(one.result().hypotheses[0]) for one in waiting)
    return time.perf_counter() - started, words


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", help="source sentences")
    for name, default in (("words", 5000), ("beam", 1), ("batch", 1), ("threads", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    with open(options.text, encoding="utf-8") as file:
        sentences = [[str(zlib.crc32(word.encode()) % (options.words - len(SPECIALS))) for word in line.split()] for line in file]
    sentences.sort(key=len)
    with tempfile.TemporaryDirectory() as folder:
        parameters = model_of(options.words, folder)
        # Batches side by side are faster than several threads for each.
        translator = ctranslate2.Translator(folder, compute_type="int8", inter_threads=options.threads, intra_threads=1)
        translate(translator, sentences[:100], options)
        seconds, words = translate(translator, sentences, options)
    print(json.dumps({"parameters": parameters, "seconds": seconds, "words": words}))


main()
