#!/usr/bin/env python3
"""The page of `heed serve` in a real browser: live_page_test.py PATH_OF_HEED

What a person would type and click is typed and clicked, and what the page then shows is compared with what the server
answers to the same question. Exit status 77, with a reason, where there is no browser.
"""

import json
import math
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, run  # noqa: E402
from checks import check, finish, texts  # noqa: E402
from live_server import BETWEEN, Server, train  # noqa: E402

SENTENCE = "small red house dog"
CONTROL, ENTER, ESCAPE, LEFT, RIGHT, DOWN, DELETE, HOME = "\ue009", "\ue007", "\ue00c", "\ue012", "\ue014", "\ue015", "\ue017", "\ue011"
SETTLED = "return document.documentElement.dataset.ready && !document.querySelector('.stale') && document.querySelectorAll('#targets .target-row').length"


def settled(browser):
    browser.wait(SETTLED)


def visit(browser, server):
    browser.visit("about:blank")
    browser.visit(server.address)
    browser.wait("return document.querySelector('[data-search=model-0] option')")


def clear(browser):
    browser.run("const field = document.getElementById('source'); field.focus(); field.value = ''; field.dispatchEvent(new Event('input', { bubbles: true }))")


def translate(browser, text):
    """Types it, and waits for the answer."""
    clear(browser)
    browser.type("#source", text)
    settled(browser)


def row(browser, line=0):
    return browser.run("const row = document.querySelectorAll('.target-row > bdi')[arguments[0]]; return row ? row.textContent : ''", line)


def choose(browser, selector, value):
    browser.run("const choice = document.querySelector(arguments[0]); choice.value = arguments[1]; choice.dispatchEvent(new Event('change', { bubbles: true }))", selector, value)
    settled(browser)


def check_typing(browser, server):
    translate(browser, SENTENCE)
    answer = server.answer(SENTENCE)
    best = answer["translations"][0]
    check("what is typed is translated", row(browser), best["text"])
    rows, columns = len(best["tokens"]), len(answer["source_tokens"])
    shown = browser.run(
        """const map = document.querySelector('.heatmap canvas');
           const box = map.getBoundingClientRect();
           const [rows, columns] = arguments;
           const out = [];
           for (let t = 0; t < rows; ++t) for (let s = 0; s < columns; ++s) {
             map.dispatchEvent(new MouseEvent('mousemove', { bubbles: true, clientX: box.left + (s + 0.5) * box.width / columns, clientY: box.top + (t + 0.5) * box.height / rows }));
             out.push(document.querySelector('.panel > .readout .value').textContent);
           }
           return out""", rows, columns)
    check("every cell of the heat map is the weight that the server tells", max(abs(float(a) - b) for a, b in zip(shown, sum(best["attention"], []))) <= 0.5001e-4)
    check("all of them", len(shown), rows * columns)
    check("ribbons from the threshold on", browser.run("return document.querySelectorAll('.ribbons path').length"), sum(weight >= 0.05 for line in best["attention"] for weight in line))
    check("the n-best list", texts(browser, "[data-choice=translation] option"), [f"{i + 1}: {each['text']}" for i, each in enumerate(answer["translations"])])
    probabilities = [math.exp(value) for value in best["token_log_probabilities"][:-1]]
    check("each word has its probability", browser.run("return [...document.querySelectorAll('.word')].map(word => word.title)"), [f"probability {value:.4f}" for value in probabilities])
    shades = browser.run("return [...document.querySelectorAll('.word')].map(word => Number(getComputedStyle(word).backgroundColor.match(/\\/ ([0-9.]+)/)[1]))")
    check("and a shade, the deeper the less sure", all(abs(shade - 0.45 * (1 - value)) < 0.006 for shade, value in zip(shades, probabilities)))
    browser.point(".word[data-at='1']")
    check("pointing at a word tells the numbers", browser.text("#numbers").startswith(f"{best['tokens'][1]} probability {probabilities[1]:.4f}, log-probability "))
    strongest = max(range(columns), key=lambda s: best["attention"][1][s])
    check("and where it looks", browser.text(".panel > .readout").startswith(f"{best['tokens'][1]} looks at {answer['source_tokens'][strongest]} "))
    browser.type("#source", " old tree")
    browser.wait("return document.querySelectorAll('.word').length > 4")
    check("what is typed on is translated on", row(browser), server.answer(SENTENCE + " old tree")["translations"][0]["text"])


def check_beam(browser, server):
    translate(browser, SENTENCE)
    browser.press(ESCAPE)
    browser.press("b")
    browser.wait("return document.querySelector('.beam')")
    trace = server.answer(SENTENCE, trace=True)["trace"]
    check("the beam has a node for each candidate", browser.run("return document.querySelectorAll('.node:not(.root)').length"), len(trace))
    check("its best branch is the translation", "".join(f"{text} " for text in texts(browser, ".node.on")), row(browser) + " </s> ")
    pruned = next(each for each in trace if each["state"] == "pruned" and each["parent"] >= 0)
    browser.run("document.querySelector(arguments[0]).click()", f".node[data-node='{pruned['id']}']")
    check("a click picks another", browser.text(".branch .facts-line").startswith("This branch, pruned: score −"))
    browser.press("b")
    browser.press("m")
    check("m shows the next of the n-best list", row(browser), server.answer(SENTENCE)["translations"][1]["text"])
    browser.press("h")
    browser.press("r")
    check("h and r take heat map and ribbons away", browser.run("return document.querySelectorAll('.card').length"), 0)
    browser.press("h")
    browser.press("r")


def check_alternatives(browser, server):
    """A click on a word; another word instead, and the rest anew."""
    translate(browser, SENTENCE)
    browser.click(".word[data-at='1']")
    browser.wait("return 'full' in document.getElementById('menu').dataset")
    found = server.answer(SENTENCE, prefix=["klein "], alternatives=True, nbest=8, beam=8)["translations"]
    seconds = [each["text"].split()[1] if " " in each["text"] else "(the end)" for each in found]
    check("the menu has what may stand there", texts(browser, "#menu .alternative"), seconds)
    check("with the probability of each", texts(browser, "#menu .menu-item > .value"), [f"{math.exp(each['token_log_probabilities'][1]):.4f}" for each in found])
    other = next(word for word in seconds[1:] if word != "(the end)")
    browser.run("document.querySelectorAll('#menu .menu-item')[arguments[0]].click()", seconds.index(other))
    browser.wait(f"return document.querySelector('.word[data-at=\"1\"]').textContent === '{other}'")
    settled(browser)
    check("the pick stays, the rest is translated anew", row(browser), server.answer(SENTENCE, prefix=[f"klein {other} "])["translations"][0]["text"])
    check("what was fixed is marked", texts(browser, ".word.fixed"), ["klein", other])
    check("the menu is gone, the keys are at the word", browser.run("return [document.getElementById('menu').hidden, document.activeElement.textContent]"), [True, other])
    browser.press("u")
    settled(browser)
    check("u is the model's own again", row(browser), server.answer(SENTENCE)["translations"][0]["text"])
    browser.press("s")
    browser.press(ESCAPE)
    browser.press("d")
    browser.press(HOME)
    browser.press(RIGHT)
    check("the keys walk along the words", browser.run("return document.activeElement.textContent"), "rot")
    browser.press(ENTER)
    browser.wait("return 'full' in document.getElementById('menu').dataset")
    browser.press(DOWN)
    browser.press(ENTER)
    browser.wait("return document.querySelector('.word.fixed')")
    settled(browser)
    check("and pick, too", row(browser).split()[:2], ["klein", seconds[1]] if seconds[1] != "(the end)" else ["klein"])
    browser.press(ENTER)
    browser.wait("return !document.getElementById('menu').hidden")
    browser.press(ESCAPE)
    check("Esc closes the menu", browser.run("return document.getElementById('menu').hidden"))
    browser.press("u")


def check_editing(browser, server):
    translate(browser, SENTENCE)
    browser.press(ESCAPE)
    browser.press("i")
    browser.press(HOME)
    for key in "grün ":
        browser.press(key)
    settled(browser)
    expected = server.answer(SENTENCE, prefix=["grün "])["translations"][0]["text"]
    browser.wait("return document.activeElement.value.length > 5")
    check("the model goes on behind what was typed", browser.run("return document.activeElement.value"), expected)
    check("and leaves the cursor where it was", browser.run("return [document.activeElement.selectionStart, document.activeElement.selectionEnd]"), [5, 5])
    for key in "alt":
        browser.press(key)
    settled(browser)
    check("again", browser.run("return document.activeElement.value"), server.answer(SENTENCE, prefix=["grün alt"])["translations"][0]["text"])
    browser.press(CONTROL, DELETE)
    settled(browser)
    check("Ctrl+Delete takes away what the model wrote", browser.run("return document.activeElement.value"), "grün alt")
    browser.press(CONTROL, ENTER)
    settled(browser)
    check("Ctrl+Enter ends it", [row(browser), browser.run("return document.querySelectorAll('textarea').length")], ["grün alt", 1])
    scored = server.ask("/score", {"model": "words", "source": [SENTENCE], "target": ["grün alt"], "attention": True})["scores"][0]
    check("a text of one's own is judged", f"log-probability {scored['log_probability']:.4f}".replace("-0", "−0").replace(" -", " −") in browser.text(".facts-line"))
    check("and its attention shown", texts(browser, ".heatmap .row-label"), scored["target_tokens"])
    browser.press("u")


def check_phrases(browser, server):
    translate(browser, SENTENCE)
    browser.press(ESCAPE)
    browser.press("+")
    browser.type("#phrase-must", "baum" + ENTER)
    settled(browser)
    check("what must occur occurs", row(browser), server.answer(SENTENCE, must=[["baum"]])["translations"][0]["text"])
    check("it does", "baum" in row(browser))
    browser.type("#phrase-mustNot", "rot" + ENTER)
    settled(browser)
    check("what must not does not", row(browser), server.answer(SENTENCE, must=[["baum"]], must_not=[["rot"]])["translations"][0]["text"])
    check("phrases are named", browser.run("return [...document.querySelectorAll('.phrase')].map(each => each.getAttribute('aria-label'))"),
          ["must have baum: take away", "must not have rot: take away"])
    browser.type("#phrase-must", "Unwort" + ENTER)
    settled(browser)
    check("what the model cannot write is said", "Unwort" in browser.text(".refused"))
    for _ in range(3):
        browser.run("document.querySelector('.phrase').click()")
    settled(browser)
    check("and taken away", row(browser), server.answer(SENTENCE)["translations"][0]["text"])
    translate(browser, "old dog")
    translate(browser, SENTENCE)
    browser.wait("return document.querySelectorAll('.heatmap .column-label').length === 5")
    check("what was answered before is shown again whole", texts(browser, ".heatmap .column-label"), [*SENTENCE.split(), "</s>"])


def check_lines(browser, server):
    sentences = [SENTENCE, "old tree", "", "green street dog"]
    translate(browser, "\n".join(sentences))
    expected = [server.answer(each)["translations"][0]["text"] for each in sentences]
    browser.wait("return document.querySelectorAll('.word').length === 9")
    check("each line is a sentence", [row(browser, i) for i in (0, 1, 2)], [expected[0], expected[1], expected[3]])
    check("the cursor's is looked at", texts(browser, ".heatmap .column-label"), ["green", "street", "dog", "</s>"])
    browser.press(ESCAPE)
    browser.press("k")
    browser.press("k")
    settled(browser)
    check("k is the sentence before", texts(browser, ".heatmap .column-label"), ["old", "tree", "</s>"])
    browser.click(".target-row[data-line='0'] .number")
    settled(browser)
    check("a click too", texts(browser, ".heatmap .column-label"), [*SENTENCE.split(), "</s>"])
    browser.press("+")
    browser.type("#phrase-must", "baum" + ENTER)
    settled(browser)
    check("phrases are of one sentence", ["baum" in row(browser), row(browser, 2)], [True, expected[3]])
    browser.run("const field = document.getElementById('source'); field.focus(); field.setSelectionRange(0, 0)")
    browser.press(ENTER)
    browser.wait("return document.querySelectorAll('.target-row').length === 5")
    check("and stay with it", ["baum" in row(browser)], [True])
    clear(browser)


def check_comparing(browser, server):
    translate(browser, SENTENCE)
    browser.press(ESCAPE)
    browser.press("c")
    settled(browser)
    browser.wait("return document.querySelectorAll('.panel').length === 2")
    check("c compares with another model", texts(browser, ".panel h2"), ["words, beam 5", "pieces, beam 5"])
    pieces = server.answer(SENTENCE, model="pieces")
    check("it answers too", browser.text(".panel[data-model='1'] .target-text"), pieces["translations"][0]["text"])
    choose(browser, "[data-search=model-1]", "words")
    choose(browser, "[data-search=beam-1]", "1")
    check("or another search", texts(browser, ".panel h2"), ["words, beam 5", "words, greedy"])
    browser.point(".panel[data-model='0'] .column-label[data-s='2']")
    check("a source word is looked at in both", len(set(texts(browser, ".panel > .readout b:first-child"))), 1)
    browser.press("c")
    settled(browser)
    check("and one again", len(texts(browser, ".panel")), 1)
    choose(browser, "[data-search=model-0]", "pieces")
    check("of pieces the words are shown", texts(browser, ".heatmap .column-label"), [*SENTENCE.split(), "</s>"])
    check("and clicked", texts(browser, ".word"), pieces["translations"][0]["text"].split())
    browser.press("w")
    check("w shows the pieces", texts(browser, ".heatmap .column-label"), pieces["source_tokens"])
    browser.press("w")
    choose(browser, "[data-search=model-0]", "words")


def check_order(browser, server):
    """Answers that come late, refusals, and a server that is gone."""
    clear(browser)
    browser.run(BETWEEN)
    browser.run("between.delays.push(700)")
    browser.type("#source", "tree")
    browser.wait("return between.asked.length")
    browser.type("#source", " dog")
    browser.wait("return between.asked.some(([, body]) => body.source[0] === 'tree dog')")
    settled(browser)
    expected = server.answer("tree dog")["translations"][0]["text"]
    check("the later question is answered first", row(browser), expected)
    check("the earlier one was aborted", browser.run("return between.aborted") >= 1)
    browser.run("return new Promise(resolve => setTimeout(resolve, 900))")
    check("and its answer is not shown when it comes", row(browser), expected)
    times = "return between.asked.filter(([, body]) => body.source[0] === 'tree dog').length"
    asked = browser.run(times)
    translate(browser, "tree dog")
    check("what was answered is not asked again", [browser.run(times), row(browser)], [asked, expected])
    for status, text, words in ((429, "a", "The server is busy. (no room) Trying again in 1 s."), (503, "b", "The server is not ready. (no room) Trying again in 1 s.")):
        clear(browser)
        browser.run("between.replies.push({ status: arguments[0], headers: { 'Retry-After': '1' }, body: { error: { code: 'x', message: 'no room' } } })", status)
        browser.type("#source", text)
        browser.wait("return document.getElementById('status').textContent")
        check(f"{status} is said in words", browser.text("#status"), words)
        settled(browser)
        check("and overcome", [browser.text("#status"), row(browser) != ""], ["", True])
    clear(browser)
    browser.run("between.replies.push({ status: 413, body: { error: { code: 'too_large', message: 'the body has more than 9 bytes' } } })")
    browser.type("#source", "w")
    settled(browser)
    check("what stays refused stands where the answer would", browser.text(".refused"), "The text is too long for this server. (the body has more than 9 bytes)")
    clear(browser)
    browser.run("between.asked.length = 0; between.replies.push({ status: 503, body: { error: { code: 'timeout', message: 'the answer took too long' } } })")
    browser.type("#source", "x")
    settled(browser)
    check("what takes too long is not asked again", [browser.text(".refused"), browser.run("return between.asked.length")], ["the answer took too long", 1])
    clear(browser)


def main():
    heed = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        os.chdir(folder)
        train(heed)
        with Server(heed, "--model", "words=words.model", "--model", "pieces=pieces.model") as server:
            visit(browser, server)
            check("the models are listed", texts(browser, "[data-search=model-0] option"), ["words", "pieces"])
            check_typing(browser, server)
            check_beam(browser, server)
            check_alternatives(browser, server)
            check_editing(browser, server)
            check_phrases(browser, server)
            check_lines(browser, server)
            check_comparing(browser, server)
            check("the console is silent", browser.console(), [])
            check_order(browser, server)
        os.chdir("/")
    return finish()


if __name__ == "__main__":
    run(main)
