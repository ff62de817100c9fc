#!/usr/bin/env python3
"""The page of `heed view --format html` in a real browser: page_test.py PATH_OF_HEED

What a person would click is clicked, and what the page then shows is compared with the weights of the JSON lines. Exit
status 77, with a reason, where there is no browser.
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
from page_lines import HOSTILE, sentence, sentences, translation  # noqa: E402


def make_page(heed, lines, name, *options):
    with open(f"{name}.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    subprocess.run([heed, "view", "--input", f"{name}.jsonl", "--format", "html", "--output", f"{name}.html", *options], check=True)


def ready(browser, page, fragment=""):
    browser.open("/dev/null")
    browser.open(page, fragment)
    browser.wait("return document.documentElement.dataset.ready")


def readout(browser, panel=0):
    return browser.run("return document.querySelectorAll('.panel > .readout')[arguments[0]].textContent", panel)


def colours(browser, selector):
    return browser.run("return getComputedStyle(document.querySelector(arguments[0])).backgroundColor", selector)


def cell_colour(browser, t, s, rows, columns):
    return browser.run(
        """const canvas = document.querySelector('.heatmap canvas');
           const [t, s, rows, columns] = arguments;
           return [...canvas.getContext('2d').getImageData((s + 0.3) * canvas.width / columns, (t + 0.3) * canvas.height / rows, 1, 1).data]""", t, s, rows, columns)


def check_weights(browser, lines):
    """Pointing at a cell, a row, a column: the numbers are those of the file."""
    attention = lines[0]["translations"][0]["attention"]
    shown = browser.run(
        """const map = document.querySelector('.heatmap canvas');
           const box = map.getBoundingClientRect();
           const out = [];
           for (let t = 0; t < 5; ++t) for (let s = 0; s < 5; ++s) {
             map.dispatchEvent(new MouseEvent('mousemove', { bubbles: true, clientX: box.left + (s + 0.5) * box.width / 5, clientY: box.top + (t + 0.5) * box.height / 5 }));
             out.push(document.querySelector('.readout .value').textContent);
           }
           return out""")
    check("every cell says its weight to 4 decimals", shown, [f"{value:.4f}" for row in attention for value in row])
    browser.point(".row-label[data-t='1']")
    strongest = max(range(5), key=lambda s: attention[1][s])
    check("pointing at a target word tells where it looks", readout(browser).startswith(
        f"▁chat looks at {lines[0]['source_tokens'][strongest]} {attention[1][strongest]:.4f}"))
    check("and marks the strongest source word most", colours(browser, f".chip[data-s='{strongest}']") != colours(browser, ".chip[data-t='0']"))
    browser.point(".chip[data-s='3']")
    strongest = max(range(5), key=lambda t: attention[t][3])
    check("pointing at a source word tells who looks at it", readout(browser).startswith(
        f"▁cat is looked at by {lines[0]['translations'][0]['tokens'][strongest]} {attention[strongest][3]:.4f}"))
    check("ribbons are drawn for weights from the threshold on", browser.run("return document.querySelectorAll('.ribbons path').length"),
          sum(value >= 0.05 for row in attention for value in row))
    check("the ribbon of a weight is as wide as it", browser.run(
        "return Number(document.querySelector(\".ribbons path[data-t='0'][data-s='0']\").getAttribute('stroke-width'))"), round(0.7 + 6.5 * round(attention[0][0], 4), 2))


def check_choices(browser, lines):
    browser.press("w")
    attention = lines[0]["translations"][0]["attention"]
    check("w merges sub-words", browser.run("return [...document.querySelectorAll('.heatmap .row-label')].map(each => each.textContent)"), ["le", "chat", "noir", "</s>"])
    browser.point(".row-label[data-t='2']")
    expected = sum(attention[t][s] for t in (2, 3) for s in (1, 2)) / 2
    found = float(browser.run("return [...document.querySelectorAll('.panel > .readout b')].slice(1).find(each => each.textContent === 'black').nextElementSibling.textContent"))
    check("source weights add up, of target rows it is the mean", abs(found - expected) < 1e-3)
    browser.click("[data-switch='words']")
    browser.run("const choose = document.querySelector('[data-choice=translation]'); choose.value = 1; choose.dispatchEvent(new Event('change', { bubbles: true }))")
    check("the second of the n-best list", browser.text(".target-text"), "un chat")
    browser.press("m")
    check("m takes the next, the first again", browser.text(".target-text"), "le chat noir")
    browser.press("j")
    check("j is the next sentence", browser.text(".target-text"), "le chat")
    check("the mean is labelled as such", browser.text(".heatmap h3").startswith("Mean of 4 heads"))
    browser.press("l")
    browser.press("l")
    check("layers have their names", browser.text(".heatmap h3").startswith("hop two, mean of 2 heads"))
    browser.press("a")
    check("a head of a layer", browser.text(".heatmap h3").startswith("hop two, head 1"))
    browser.point(".row-label[data-t='0']")
    head = lines[1]["translations"][0]["attention_layers"][1][0][0]
    check("shows its own weights", f"{max(head):.4f}" in readout(browser))


def check_beam(browser, lines):
    browser.press("k")
    check("a node for each candidate", browser.run("return document.querySelectorAll('.node:not(.root)').length"), 5)
    check("the best finished branch is picked", browser.run("return [...document.querySelectorAll('.node.on')].map(each => each.textContent)"), ["▁le", "▁chat", "</s>"])
    browser.click(".node[data-node='4']")
    check("a click picks another", browser.run("return [...document.querySelectorAll('.node.on')].map(each => each.textContent)"), ["▁le", "</s>"])
    check("with its score", browser.text(".branch .facts-line"), "This branch, finished: score −1.5000, log-probability −3.0000")
    browser.point(".branch .row-label[data-t='1']")
    check("and its attention", f"{max(lines[0]['trace'][4]['attention']):.4f}" in browser.text(".branch .readout"))
    browser.press("b")
    check("b takes the beam away", browser.run("return document.querySelectorAll('.beam').length"), 0)


def check_list(browser):
    browser.type("#search", "WORD17")
    check("search finds sentences whatever the case", browser.text("#found"), "11 of 205 sentences")
    browser.run("const search = document.getElementById('search'); search.value = ''; search.dispatchEvent(new Event('input')); search.blur()")
    browser.run("const sort = document.getElementById('sort'); sort.value = 1; sort.dispatchEvent(new Event('change'))")
    check("by length the empty one is first", browser.text(".item bdi"), "(empty)")
    browser.click("#turn")
    check("turned round the longest are", browser.run("return document.querySelector('.item .facts').textContent"), "7 tokens")
    check("only rows in sight exist", browser.run("return document.querySelectorAll('.item').length") < 40)
    browser.run("document.getElementById('list').scrollTop = 1e9")
    browser.wait("return [...document.querySelectorAll('.item bdi')].at(-1).textContent === '(empty)'")
    browser.click(".item:last-child")
    check("a click shows a sentence", browser.text(".empty"), "An empty sentence: there is nothing to look at.")


def check_hostile(browser, page):
    ready(browser, page, "#3")
    check("markup is shown as text", browser.text(".source-text bdi"), HOSTILE)
    check("control characters too", browser.text(".target-text"), "a␛[31mred ␀ \\u{202e}evil")
    check("no element came of it", browser.run("return document.querySelectorAll('main img, main b b, #list img').length"), 0)
    check("no script ran", browser.run("return typeof window.hacked"), "undefined")


def check_looks(browser, page, lines):
    ready(browser, page, "#4")
    attention = lines[3]["translations"][0]["attention"]
    check("the source runs from the right", browser.run("return document.querySelector('.words').dir"), "rtl")
    strong = browser.run("return [...document.querySelectorAll('.column-label')].map(each => each.getBoundingClientRect().left)")
    check("its first word is the last column", strong == sorted(strong, reverse=True))
    browser.press("t")
    zero = cell_colour(browser, 2, 3, 3, 4)
    check("dark cells are dark where the weight is small", attention[2][0] < 0.1 and sum(zero[:3]) < 200)
    browser.press("t")
    zero = cell_colour(browser, 2, 3, 3, 4)
    check("and light on paper", sum(zero[:3]) > 600)
    check("copied words are marked", browser.run("return [...document.querySelectorAll('.words .copied')].map(each => each.textContent)"), ["cat"])
    browser.press("?")
    check("? explains the keys", browser.run("return document.getElementById('keys').open"))
    browser.click("#keys button")
    check("it prints", browser.pdf()[:5], b"%PDF-")


def check_two(browser, heed, lines):
    first = [line for line in lines[:4]]
    second = json.loads(json.dumps(first))
    second[0]["translations"][0].update(text="le chat gris", tokens=["▁le", "▁chat", "▁gr", "is", "</s>"])
    second[0]["translations"][0]["attention"][0] = [0, 0, 0, 1, 0]
    with open("second.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in second)
    with open("sure", "w", encoding="utf-8") as file:
        file.write("0-0 2-1 1-2\n0-0\n\n\n")
    with open("possible", "w", encoding="utf-8") as file:
        file.write("0-0 0-1\n\n\n\n")
    make_page(heed, first, "two", "--compare", "second.jsonl", "--sure", "sure", "--possible", "possible", "--title", "Two models")
    ready(browser, "two.html")
    check("the title", browser.run("return document.title"), "Two models")
    check("two panels", browser.run("return [...document.querySelectorAll('.panel h2')].map(each => each.textContent)"), ["two", "second"])
    check("what differs is marked", browser.run("return [...document.querySelectorAll('.target-text .differs')].map(each => each.textContent)"), ["noir", "gris"])
    check("so is what looks elsewhere", browser.run("return [...document.querySelectorAll('.words .elsewhere')].map(each => each.textContent)"), ["le", "le"])
    check_heights(browser)
    check("gold links are drawn", browser.run("return document.querySelectorAll('.panel[data-model=\"0\"] .gold-link').length"), 3 + 2)
    aligned = subprocess.run([heed, "view", "--input", "two.jsonl", "--format", "terminal", "--sentences", "1"], capture_output=True, check=True)
    check("the terminal has the same words", "chat" in aligned.stdout.decode() and "▁" not in aligned.stdout.decode())
    check("the AER is told", "AER" in browser.text("#about") and "AER" in browser.text(".facts-line b ~ b:last-child") + browser.text(".panel .facts-line"))
    browser.click("#only")
    check("only those that differ", browser.text("#found"), "1 of 4 sentences")
    browser.click("#only")
    browser.run("const sort = document.getElementById('sort'); sort.value = 4; sort.dispatchEvent(new Event('change'))")
    shown = [text.removeprefix("≠ ") for text in texts(browser, ".item .facts")]
    check("sentences without gold links say so", [text.split()[0] for text in shown], ["no", "no", "AER", "AER"])


DOWN = "\ue015"


def check_scripts(browser, heed):
    """Words of other scripts: whole when they are merged, upright above their columns."""
    make_page(heed, [
        sentence("कुत्ता है", ["▁क", "ु", "त्ता", "▁है", "</s>"], translation("le livre", ["▁le", "▁livre", "</s>"], 5, 1)),
        sentence("データベース管理 「東京」 data", ["▁データベース管理", "▁「東京」", "▁data"], translation("data", ["data", "</s>"], 3, 2))], "scripts")
    ready(browser, "scripts.html")
    check("merged words have none", texts(browser, ".heatmap .column-label"), ["कुत्ता", "है", "</s>"])
    browser.press("w")
    check("a mark alone has a ring", texts(browser, ".heatmap .column-label")[1], "◌ु")
    check("the mark of a space is faint", float(browser.run("return getComputedStyle(document.querySelector('.heatmap .space')).opacity")) < 0.5)
    browser.press("j")
    check("East Asian labels stand upright, marked or not", browser.run("return [...document.querySelectorAll('.heatmap .column-label > span')].map(each => each.className)"),
          ["upright", "upright", ""])


def check_keys(browser):
    """Choices by the keys: the focus stays, though the panel is drawn anew."""
    ready(browser, "page.html", "#2")
    browser.run("document.querySelector('[data-choice=layer]').focus()")
    for name in ("hop one", "hop two"):
        browser.press(DOWN)
        check(f"the arrow takes {name}", browser.text(".heatmap h3").startswith(name))
        check("and stays in the list", browser.run("return document.activeElement.dataset.choice"), "layer")


def check_branch(browser, heed):
    """A branch of the beam, of a model with several heads, its sub-words merged."""
    rows = weights(4, 5, 9)
    tokens = ["▁le", "▁ch", "at", "</s>"]
    trace = [{"id": i, "parent": i - 1, "token": token, "log_probability": -0.1 * i, "score": -0.1, "state": "kept" if i < 3 else "finished",
              "attention": rows[i]} for i, token in enumerate(tokens)]
    heads = {"attention_layers": [[weights(4, 5, 60), weights(4, 5, 61)]]}
    unequal = {"attention_layers": [heads["attention_layers"][0], [weights(4, 5, 62)]]}
    source = ["▁the", "▁bl", "ack", "▁cat", "</s>"]
    make_page(heed, [sentence("the black cat", source, translation("le chat", tokens, 5, 3, **more), trace=trace) for more in (heads, unequal)], "branch")
    ready(browser, "branch.html", "#2")
    check("layers with two heads and one: their mean, not that of three heads", browser.text(".heatmap h3").startswith("Mean of 2 layers"))
    check("a branch says so too", browser.text(".branch .facts-line").endswith("; weights: mean of 2 layers"))
    ready(browser, "branch.html", "#1")
    check("a branch says of what its weights are the mean", browser.text(".branch .facts-line").endswith("; weights: mean of 2 heads"))
    check("a branch that the heat map shows is not drawn twice", browser.run("return document.querySelectorAll('canvas[aria-label=\"heat map of the weights\"]').length"), 1)
    browser.press("h")
    check("without a heat map it is drawn", browser.run("return document.querySelectorAll('.branch canvas').length"), 1)
    check("the branch's sub-words are merged", texts(browser, ".branch .row-label"), ["le", "chat", "</s>"])
    check("and the source's", texts(browser, ".branch .column-label"), ["the", "black", "cat", "</s>"])
    browser.run("document.querySelectorAll('.branch .row-label')[1].dispatchEvent(new MouseEvent('mouseover', { bubbles: true }))")
    found = dict(zip(texts(browser, ".branch .readout b")[1:], texts(browser, ".branch .readout .value")))
    check("with the words' weights", abs(float(found["black"]) - sum(rows[t][s] for t in (1, 2) for s in (1, 2)) / 2) < 1e-3)


def check_heads(browser):
    """All heads beside each other."""
    ready(browser, "page.html", "#2")
    check("a picture for each head", texts(browser, ".head"), [f"hop {layer}, head {head}" for layer in ("one", "two") for head in (1, 2)])
    browser.click(".head[data-head='1,0']")
    check("a click shows one in full", browser.text(".heatmap h3").startswith("hop two, head 1"))
    check("and marks it", browser.run("return document.querySelector('.head[aria-pressed=true]').dataset.head"), "1,0")
    browser.click(".head[data-head='1,0']")
    check("another the mean", browser.text(".heatmap h3").startswith("Mean of 4 heads"))
    browser.press("e")
    check("e takes them away", browser.run("return document.querySelectorAll('.head').length"), 0)


def check_references(browser, heed, lines):
    with open("first.ref", "w", encoding="utf-8") as file:
        file.write("le chat noir\n<b>bold</b>\n")
    with open("second.ref", "w", encoding="utf-8") as file:
        file.write("un chat brun\n\n")
    make_page(heed, lines[:2], "references", "--references", "first.ref", "--references", "second.ref")
    ready(browser, "references.html")
    check("references stand there", texts(browser, ".reference-text bdi"), ["le chat noir", "un chat brun"])
    browser.type("#search", "brun")
    check("and are searched", browser.text("#found"), "1 of 2 sentences")
    ready(browser, "references.html", "#2")
    check("as text", texts(browser, ".reference-text bdi"), ["<b>bold</b>", "(empty)"])


def check_heights(browser):
    """Nothing that is to be read is squeezed, however long the page is."""
    for selector in (".source-text", ".target-text", ".panel h2"):
        height = browser.run("return document.querySelector(arguments[0]).getBoundingClientRect().height", selector)
        check(f"two models: {selector} has a line's height, {height:.0f} pixels", height >= 18)
    wide = browser.run("const target = document.querySelector('.item .target'); return target.getBoundingClientRect().width - parseFloat(getComputedStyle(target).paddingRight)")
    check(f"the list has room for translations, {wide:.0f} pixels", wide > 280)


FITS = """const card = document.querySelector('.ribbons .scroll');
          const box = card.getBoundingClientRect();
          const chips = [...card.querySelectorAll('.chip')].map(chip => chip.getBoundingClientRect());
          return {over: card.scrollWidth - card.clientWidth, out: chips.filter(chip => chip.left < box.left - 1 || chip.right > box.right + 1).length,
                  font: Math.min(...[...card.querySelectorAll('.chip')].map(chip => parseFloat(getComputedStyle(chip).fontSize))),
                  map: document.querySelector('.heatmap .map').getBoundingClientRect().width / document.querySelector('.heatmap .scroll').clientWidth}"""


def check_fits(browser, heed):
    """Ribbons of any length stand in their card, in letters that can be read; summaries too."""
    sizes = [(6, 6), (18, 20), (30, 34), (60, 50), (110, 6), (300, 8)]
    make_page(heed, [sentence(" ".join(["package"] * source), ["package"] * source, translation(" ".join(["interface"] * target), ["interface"] * target, source, 3))
                     for source, target in sizes], "fits")
    for i, (source, target) in enumerate(sizes):
        ready(browser, "fits.html", f"#{i + 1}")
        found = browser.run(FITS)
        check(f"{source} words and {target} fit the card", [found["over"], found["out"]], [0, 0])
        check(f"and can be read: letters of {found['font']:.1f} pixels", found["font"] >= 7)
        if source < 30:
            check(f"the heat map takes the card's width: {100 * found['map']:.0f} %", found["map"] > (0.4 if source < 10 else 0.85))
    check("of 300 words each is shaded by who looks at it", colours(browser, ".chip[data-s='0']") != "rgba(0, 0, 0, 0)" and
          browser.run("return getComputedStyle(document.querySelector('.ribbons svg')).display"), "none")


def check_compared(browser, heed):
    """Words with no-break spaces in them, and a model without attention beside one that has it."""
    for name, last in (("one", "noir"), ("other", "gris")):
        with open(f"{name}.jsonl", "w", encoding="utf-8") as file:
            file.write(json.dumps(sentence("a b", ["a", "b", "</s>"], translation(f"10\u00a0000 chat {last}", ["10\u00a0000", "chat", last, "</s>"], 3, 1))) + "\n")
    subprocess.run([heed, "view", "--input", "one.jsonl", "--compare", "other.jsonl", "--format", "html", "--output", "compared.html"], check=True)
    ready(browser, "compared.html")
    check("no-break spaces are inside of words", texts(browser, ".target-text .differs"), ["noir", "gris"])
    without = json.load(open("other.jsonl", encoding="utf-8"))
    del without["translations"][0]["attention"]
    with open("without.jsonl", "w", encoding="utf-8") as file:
        file.write(json.dumps(without) + "\n")
    subprocess.run([heed, "view", "--input", "one.jsonl", "--compare", "without.jsonl", "--format", "html", "--output", "compared.html"], check=True)
    ready(browser, "compared.html")
    check("a model without attention stands beside one that has it", [len(texts(browser, f".panel[data-model='{model}'] .heatmap")) for model in (0, 1)], [1, 0])
    check("and says so", browser.text(".panel[data-model='1'] .empty"), "This translation has no attention to look at.")
    check("what differs is marked there too", texts(browser, ".target-text .differs"), ["noir", "gris"])


def check_sizes(browser, heed):
    lines = []
    for seed in range(20):
        source, target = ([f"{name}{(seed * 37 + i * 11) % 997}" for i in range(50)] for name in ("word", "mot"))
        lines.append(sentence(" ".join(source), source + ["</s>"], translation(" ".join(target), target + ["</s>"], 51, seed)))
    make_page(heed, lines * 50, "large")
    check("a page of 1,000 sentences of 50 words is under 20 MB", os.path.getsize("large.html") < 20e6)
    ready(browser, "large.html", "#1000")
    check("and opens", browser.text("#found"), "1000 sentences")
    words = [f"word{i}" for i in range(400)]
    make_page(heed, [sentence(" ".join(words), words, translation("mot", ["mot", "</s>"], 400, 1))], "long")
    ready(browser, "long.html")
    found = browser.run(FITS)
    check("400 words fit the card", [found["over"], found["out"]], [0, 0])


def main():
    heed = os.path.abspath(sys.argv[1])
    lines = list(sentences())
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        os.chdir(folder)
        make_page(heed, lines, "page")
        ready(browser, "page.html")
        check("words are what is shown first", texts(browser, ".heatmap .row-label"), ["le", "chat", "noir", "</s>"])
        browser.press("w")
        check_weights(browser, lines)
        check_choices(browser, lines)
        check_beam(browser, lines)
        check_list(browser)
        check_hostile(browser, "page.html")
        check_looks(browser, "page.html", lines)
        check_two(browser, heed, lines)
        check_scripts(browser, heed)
        check_keys(browser)
        check_branch(browser, heed)
        check_heads(browser)
        check_references(browser, heed, lines)
        check_fits(browser, heed)
        check_compared(browser, heed)
        check_sizes(browser, heed)
        check_silence(browser, ("page", "two", "scripts", "branch", "references", "fits", "compared", "large", "long"))
        os.chdir("/")
    return finish()


if __name__ == "__main__":
    run(main)
