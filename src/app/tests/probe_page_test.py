#!/usr/bin/env python3
"""Pages of pairs that were probed, in a real browser: probe_page_test.py PATH_OF_HEED

What the heat map shows is switched between attention, erasure and saliency. Exit status 77, with a reason, where there is no
browser.
"""

import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, run  # noqa: E402
from checks import check, check_silence, finish, texts, weights  # noqa: E402
from page_lines import sentence, translation  # noqa: E402
from page_test import make_page, readout, ready  # noqa: E402


def row_lights(browser, t, rows, columns):
    """The lightness of each cell of a row, read at once."""
    return browser.run(
        """const canvas = document.querySelector('.heatmap canvas');
           const [t, rows, columns] = arguments;
           const line = canvas.getContext('2d').getImageData(0, (t + 0.3) * canvas.height / rows, canvas.width, 1).data;
           return Array.from({ length: columns }, (_, s) => Math.floor((s + 0.3) * canvas.width / columns)).map(x => line[4 * x] + line[4 * x + 1] + line[4 * x + 2])""",
        t, rows, columns)


def check_measures(browser, heed):
    """A pair that was probed: what the heat map shows is switched."""
    rows = [[weights(3, 4, seed) for seed in seeds] for seeds in ((70, 71, 72), (73, 74, 75))]
    probed = [sentence("the black cat", ["▁the", "▁bl", "ack", "▁cat"], translation("le chat", ["▁le", "▁chat", "</s>"], 4, 6,
                       measures={"erasure": erasure, "saliency": saliency}, attention=attention)) for attention, erasure, saliency in rows]
    make_page(heed, probed + [sentence("a", ["a"], translation("un", ["un", "</s>"], 1, 1))], "probed")
    ready(browser, "probed.html")
    browser.press("w")

    def shown(what, values):
        browser.point(".row-label[data-t='1']")
        most = max(range(4), key=lambda s: values[1][s])
        check(f"{what} is what its numbers say", f"{probed[0]['source_tokens'][most]} {values[1][most]:.4f}" in readout(browser))
        lights = row_lights(browser, 1, 3, 4)
        check(f"and its cell is the darkest of {what}", lights.index(min(lights)), most)

    shown("attention", rows[0][0])
    browser.run("const choose = document.querySelector('[data-choice=shown]'); choose.value = 0; choose.dispatchEvent(new Event('change', { bubbles: true }))")
    check("the heat map says what it shows", browser.text(".heatmap h3").startswith("erasure: rows"))
    shown("erasure", rows[0][1])
    check("in words of its own", readout(browser).startswith("▁chat depends on "))
    browser.press("v")
    check("v is the next", browser.text(".heatmap h3").startswith("saliency: rows"))
    shown("saliency", rows[0][2])
    browser.press("j")
    check("another sentence shows the same measure", browser.text(".heatmap h3").startswith("saliency: rows"))
    browser.press("k")
    browser.press("w")
    browser.point(".row-label[data-t='1']")
    check("of a word's pieces the largest counts", f"black {max(rows[0][2][1][1:3]):.3f}" in readout(browser))
    browser.press("v")
    check("after the last comes the attention", browser.text(".heatmap h3").startswith("Weights"))
    browser.press("v")
    browser.press("j")
    browser.press("j")
    check("a pair that was not probed has no choice", [texts(browser, "[data-choice=shown]"), browser.text(".heatmap h3").startswith("Weights")], [[], True])
    check("nor figures", browser.run("return document.getElementById('figures').hidden"))


def check_probe(browser, heed):
    """The page of `heed probe` itself, of a model that knows nothing yet."""
    with open("few", "w", encoding="utf-8") as file:
        file.writelines(f"{a} {b} {a}\n" for a in "abcd" for b in "efgh")
    with open("few.yaml", "w", encoding="utf-8") as file:
        file.write("data: {train: {source: few, target: few}, validation: {source: few, target: few}, source: {tokenizer: spaces}, target: {tokenizer: spaces}}\n"
                   "model: {embedding: 8, encoder: {hidden: 8}, decoder: {hidden: 8}}\ntraining: {epochs: 1}\noutput: few.model\n")
    subprocess.run([heed, "train", "few.yaml", "--quiet"], check=True)
    probe = [heed, "probe", "--model", "few.model", "--source", "few", "--target", "few", "--sentences", "4"]
    subprocess.run([*probe, "--output", "found.html"], check=True)
    lines = [json.loads(line) for line in subprocess.run([*probe, "--format", "jsonl"], capture_output=True, check=True).stdout.splitlines()]
    table = json.loads(subprocess.run([*probe, "--format", "json"], capture_output=True, check=True).stdout)["models"][0]["figures"]
    ready(browser, "found.html")
    browser.press("v")
    erasure = lines[0]["measures"]["erasure"]
    most = max(range(3), key=lambda s: erasure[2][s])
    browser.point(".row-label[data-t='2']")
    check("the page has the erasure of the JSON lines", f"{lines[0]['source_tokens'][most]} {erasure[2][most]:.4f}" in readout(browser))
    browser.click("#figures")
    cells = texts(browser, "#table tbody td")
    check("and the table", f"{table['attention_erasure']['mean']:.3f} [{table['attention_erasure']['low']:.3f}, {table['attention_erasure']['high']:.3f}]" in cells)
    browser.click("#table button")


def main():
    heed = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        os.chdir(folder)
        check_measures(browser, heed)
        check_probe(browser, heed)
        check_silence(browser, ("probed", "found"))
        os.chdir("/")
    return finish()


if __name__ == "__main__":
    run(main)
