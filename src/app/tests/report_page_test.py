#!/usr/bin/env python3
"""The page of `heed report` in a real browser: report_page_test.py PATH_OF_HEED

A small model is trained; what a person would click is clicked, and what the page then shows is compared with the run's
history. Exit status 77, with a reason, where there is no browser.
"""

import json
import os
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, run  # noqa: E402
from checks import check, check_silence, finish, texts  # noqa: E402

LEFT = "\ue012"


def train(heed):
    """A run whose history has a sentence from the right to the left, and an East Asian one."""
    numbers = random.Random(5)
    for name, lines in (("train", 200), ("dev", 8)):
        with open(name, "w", encoding="utf-8") as file:
            file.writelines(" ".join(numbers.choice("abcdefgh") for _ in range(4)) + "\n" for _ in range(lines))
    with open("config.yaml", "w", encoding="utf-8") as file:
        file.write("""data:
  train:      {source: train, target: train}
  validation: {source: dev, target: dev}
  source: {tokenizer: spaces, vocabulary: 0}
  target: {tokenizer: spaces, vocabulary: 0}
model:
  embedding: 16
  encoder: {layers: 1, hidden: 16}
  decoder: {layers: 1, hidden: 16}
training: {epochs: 3, threads: 2, validation_samples: 3}
output: run
""")
    subprocess.run([heed, "train", "config.yaml"], check=True, stderr=subprocess.DEVNULL)
    history = "run/training_state/history.jsonl"
    lines = [json.loads(line) for line in open(history, encoding="utf-8")]
    samples = [line["samples"] for line in lines if line["kind"] == "validation"]
    for each in samples:
        each[1]["source_tokens"][:4] = ["القط", "الأسود", "هنا", "الآن"]
        each[2]["source_tokens"][:4] = ["データ", "東京", "x", "y"]
        each[2]["source"] = "a\u001b\u202eb"
        del each[2]["source_ranges"]  # of another text
    with open(history, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    os.remove("run/training_state/checksums")  # of the history as it was
    return samples


def check_report(browser, heed):
    samples = train(heed)
    subprocess.run([heed, "report", "run", "--output", "report.html"], check=True)
    browser.open("report.html")
    drawn = "return [...document.querySelectorAll('#attention rect')].map(each => Number(each.dataset.weight))"

    def flat(sample):
        return [round(value, 4) for row in sample["attention"] for value in row]

    check("the report draws the last validation's weights", browser.run(drawn), flat(samples[2][0]))
    browser.run("document.getElementById('step').focus()")
    browser.press(LEFT)
    check("the slider goes back to the one before", browser.run(drawn), flat(samples[1][0]))
    check("entropy has a line, and so has the most that it could be", browser.run(
        "return document.querySelectorAll('#sharpening path.line').length"), 2)
    fill = "return getComputedStyle(document.querySelector('#attention .scale .ramp')).backgroundImage"
    light = browser.run(fill)
    check("its colours are those of pages", light.startswith("linear-gradient(to right, rgb(255, 255, 255)") and "rgb(38, 22, 46)" in light)
    browser.click("#theme")
    check("in the dark too", browser.run(fill).startswith("linear-gradient(to right, rgb(20, 22, 28)"))
    choose = "const choose = document.getElementById('sample'); choose.value = arguments[0]; choose.dispatchEvent(new Event('change', { bubbles: true }))"
    browser.run(choose, 1)
    places = browser.run("return [...document.querySelectorAll('#attention rect')].slice(0, 5).map(each => Number(each.getAttribute('x')))")
    check("a source from the right to the left begins on the right", places == sorted(places, reverse=True) and places[0] > places[4])
    browser.run(choose, 2)
    check("East Asian labels stand upright", texts(browser, "#attention .upright"), ["データ", "東京"])
    check("what would move text is visible", browser.text("#attention td"), "a␛\\u{202e}b")
    browser.click("#score button:last-child")
    check("the other score", "chrF" in browser.text("#lengths h3"))
    browser.run("scrollTo(0, 0)")  # from under the header
    browser.click("#along button:last-child")
    check("along the minutes", "minutes" in browser.text("#curves svg"))
    browser.point("#curves svg")
    check("the pointer is told the values", "loss" in browser.text("#tip").lower() or "training" in browser.text("#tip"))


def main():
    heed = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        os.chdir(folder)
        check_report(browser, heed)
        check_silence(browser, ["report"])
        os.chdir("/")
    return finish()


if __name__ == "__main__":
    run(main)
