#!/usr/bin/env python3
"""The page of `heed export --format page` in a real browser, against the binary: page_test.py HEED [MODEL SENTENCES]

Every sentence is typed into the page; its answers, saved as JSON lines from there, are compared with those of the
binary in int8. Without a model two are trained for some seconds, on made-up words of SentencePiece and of letters.
Exit status 77, with a reason, where there is no browser, or no heed.wasm (scripts/wasm).
"""

import json
import os
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../app/tests"))
from browser import Browser, Missing  # noqa: E402
from checks import check, check_silence, finish  # noqa: E402

HEED = os.path.realpath(sys.argv[1])
COUNT = 200
SEARCH = ["--beam", "5", "--nbest", "3", "--format", "jsonl", "--attention", "--token-scores"]
# The plainest vector code of the binary rounds as WebAssembly does; its best adds and multiplies in one step.
PLAIN = {"HEED_MAX_CPU_ISA": "SSE41"}
CONFIG = """data:
  train: {{source: {0}.source, target: {0}.target}}
  validation: {{source: {0}.source, target: {0}.target}}
  source: {1}
  target: {1}
model: {{embedding: 48, encoder: {{hidden: 72}}, decoder: {{hidden: 72}}, attention: {{kind: bahdanau}}, dropout: 0}}
training: {{epochs: 5, learning_rate: 0.01, batch_sentences: 16, validation_sentences: 20, threads: 1, precision: float32}}
"""


def run(*words, **environment):
    return subprocess.run([HEED, *words], check=True, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout.decode()


def write(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)


def trained(name, side):
    """A model, of which every word has another in its place, and the sentences that it was trained on."""
    numbers = random.Random(7)
    letters = "abdeghiklmnoprstuäß中€'"
    words = ["".join(numbers.choices(letters, k=numbers.randint(2, 6))) for _ in range(60)]
    sources = [" ".join(numbers.choices(words, k=numbers.randint(1, 8))) for _ in range(600)]
    write(f"{name}.source", sources)
    write(f"{name}.target", [" ".join(word[::-1].upper() for word in source.split()) for source in sources])
    write(f"{name}.yaml", [CONFIG.format(name, side)])
    run("train", f"{name}.yaml", "--output", name)
    return sources[:COUNT - 1] + ["Ein Wort, das <es> nicht gibt & „keines“ ist."]


# The page keeps what it is asked to save; a test has it from there.
SAVE = """window.saved = [];
const make = URL.createObjectURL;
URL.createObjectURL = blob => { window.saved.push(blob); return make.call(URL, blob); };
HTMLAnchorElement.prototype.click = () => {};
document.getElementById('share').click();
document.querySelector('[data-file=lines]').click();"""


def answers_of_page(browser, page, sentences):
    browser.open("/dev/null")
    browser.open(page)
    browser.wait("return document.documentElement.dataset.ready && document.querySelector('#searches').textContent", 60)
    browser.run("""const field = document.getElementById('source');
        field.value = arguments[0];
        field.dispatchEvent(new Event('input', { bubbles: true }))""", "\n".join(sentences))
    browser.wait("""const rows = [...document.querySelectorAll('#targets .target-row')];
        return rows.length === arguments[0] && !document.querySelector('#targets .stale')""".replace("arguments[0]", str(len(sentences))), 600)
    browser.run(SAVE)
    browser.wait("return window.saved.length > 0", 600)
    text = browser.run("return window.saved[0].text()")
    return [json.loads(line) for line in text.splitlines()]


def numbers_in(value):
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return []
    if isinstance(value, (int, float)):
        return [value]
    return [number for each in ([value[key] for key in sorted(value)] if isinstance(value, dict) else value) for number in numbers_in(each)]


def without_numbers(value):
    if isinstance(value, dict):
        return {key: without_numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [without_numbers(each) for each in value]
    return 0 if isinstance(value, float) else value


def compare(browser, model, sentences, name):
    write(f"{name}.text", sentences)
    run("export", "--model", model, "--format", "page", "--output", f"{name}.html")
    print(f"      {name}: {os.path.getsize(name + '.html')} bytes, {len(sentences)} sentences")
    told = answers_of_page(browser, f"{name}.html", sentences)
    first = [answer["translations"][0]["text"] for answer in told]
    words = ["translate", "--model", model, "--precision", "int8", "--input", f"{name}.text", *SEARCH]
    best = [json.loads(line)["translations"][0]["text"] for line in run(*words).splitlines()]
    plain = [json.loads(line) for line in run(*words, **PLAIN).splitlines()]
    check(f"{name}: the translations are the binary's", first, best)
    check(f"{name}: so are all answers with their tokens and places", [without_numbers(each) for each in told], [without_numbers(each) for each in plain])
    apart = max((abs(a - b) for a, b in zip(numbers_in(told), numbers_in(plain))), default=0)
    print(f"      {name}: numbers differ by at most {apart:.2g}")
    check(f"{name}: scores and attention are within 1e-6", apart < 1e-6)


def check_page(browser, name):
    """What somebody sees who types."""
    browser.open("/dev/null")
    browser.open(f"{name}.html")
    browser.wait("return document.documentElement.dataset.ready && document.querySelector('#searches').textContent", 60)
    browser.type("#source", "abend")
    browser.wait("return document.querySelector('#targets .target-row:not(.stale) .word')")
    browser.wait("return document.querySelector('.heatmap canvas')")
    check("the attention is drawn", browser.run("return document.querySelectorAll('.panel canvas, .panel svg').length > 0"))
    check("the page says whose it is", browser.run("return document.title"), "letters")


def refusals():
    run("export", "--model", "letters", "--format", "page", "--output", "kept.html")
    before = open("kept.html", "rb").read()
    os.mkdir("normal")
    for file in os.listdir("letters"):
        if os.path.isfile(f"letters/{file}") and file != "checksums":
            text = open(f"letters/{file}", "rb").read()
            open(f"normal/{file}", "wb").write(text.replace(b"normalization: none", b"normalization: nfkc") if file == "config.yaml" else text)
    write("other.wasm", ["no program"])
    for words, expected in ((["--model", "normal"], "heed: export: data.source.normalization is nfkc: a page has no tables of Unicode for it"),
                            (["--model", "letters", "--program", "other.wasm"], "heed: export: other.wasm is no program of WebAssembly")):
        ended = subprocess.run([HEED, "export", *words, "--format", "page", "--output", "kept.html"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        check(f"{words} is refused", (ended.returncode, ended.stderr.decode().strip()), (1, expected))
    check("and what was there stays", open("kept.html", "rb").read() == before)
    check("nothing else is left", [name for name in os.listdir(".") if name.startswith("kept.") or name.startswith(".heed")], ["kept.html"])


def has_program():
    """Whether it is where the binary looks for it."""
    folder = os.path.dirname(HEED)
    return any(os.path.exists(os.path.join(folder, place, "heed.wasm")) for place in ("", "../share/heed", "../wasm"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        given = [os.path.realpath(name) for name in sys.argv[2:4]]
        os.chdir(folder)
        if not has_program():
            print("left out: there is no heed.wasm (scripts/wasm)")
            return 77
        try:
            browser = Browser()
        except Missing as reason:
            print(f"left out: {reason}")
            return 77
        with browser:
            if given:
                lines = open(given[1], encoding="utf-8").read().splitlines()
                sentences = [line for line in lines if line.strip()][:COUNT]
                compare(browser, given[0], sentences, os.path.basename(given[0]))
                return finish()
            for name, side in (("pieces", "{tokenizer: sentencepiece, vocabulary: 120}"), ("letters", "{tokenizer: characters}")):
                sentences = trained(name, side)
                compare(browser, name, sentences, f"{name}-page")
            check_page(browser, "letters-page")
            refusals()
            check_silence(browser, ["pieces-page", "letters-page"])
        return finish()


if __name__ == "__main__":
    sys.exit(main())
