#!/usr/bin/env python3
"""The page of `heed serve` in a real browser, how it looks and what leaves it: live_page_looks_test.py PATH_OF_HEED

Phones, dark mode, text from the right, long and hostile text, names of controls, files that are shared, keys of a server, a
server that is gone and comes back, a model that is gone. Exit status 77, with a reason, where there is no browser.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, run  # noqa: E402
from checks import check, finish, texts  # noqa: E402
from live_page_test import CONTROL, DELETE, ENTER, ESCAPE, HOME, SENTENCE, clear, row, settled, translate, visit  # noqa: E402
from live_server import BETWEEN, Server, train  # noqa: E402

KEY = "0123456789abcdef0123"
HOSTILE = '</script><img src=x onerror="window.hacked=1"> & {{css}}'
NAMELESS = """const named = each => each.getAttribute('aria-label') || each.textContent.trim() || (each.labels && each.labels.length && each.labels[0].textContent.trim()) ||
                (each.getAttribute('aria-labelledby') && document.getElementById(each.getAttribute('aria-labelledby')).textContent);
              return [...document.querySelectorAll('button, input, select, textarea, dialog, canvas, svg[role], [role=button], [role=menu], [role=menuitem], [role=list], [tabindex]')]
                .filter(each => !each.closest('[hidden]') && !(each.matches('dialog') && !each.open) && !named(each)).map(each => each.outerHTML.slice(0, 120))"""
# What is wider than the window, but for what scrolls.
OVER = """return [...document.querySelectorAll('body *')].filter(each => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest('.scroll, #targets, dialog, [hidden]') &&
            getComputedStyle(each).display !== 'none').map(each => each.outerHTML.slice(0, 100))"""

# What is too small for a finger.
SMALL = "return [...document.querySelectorAll('#work button, #work select, #work input')].filter(each => each.offsetHeight && each.offsetHeight < 34).map(each => each.outerHTML.slice(0, 80))"


def check_names(browser):
    translate(browser, SENTENCE + "\nold dog")
    browser.press(ESCAPE)
    browser.press("b")
    browser.press("c")
    settled(browser)
    browser.type("#phrase-must", "alt" + ENTER)
    settled(browser)
    check("all controls have names", browser.run(NAMELESS), [])
    browser.press(ESCAPE)
    browser.press("d")
    browser.press(ENTER)
    browser.wait("return 'full' in document.getElementById('menu').dataset")
    check("those of the menu too", browser.run(NAMELESS), [])
    browser.press(ESCAPE)
    browser.press("i")
    check("and the field of an edited translation", browser.run(NAMELESS), [])
    browser.press(ESCAPE)
    for key, dialog in (("?", "keys"), ("f", "files")):
        browser.press(key)
        check(f"{key} opens a dialog with a name", [browser.run("return document.getElementById(arguments[0]).open", dialog), browser.run(NAMELESS)], [True, []])
        browser.press(ESCAPE)
    keys = browser.run("return [...document.querySelectorAll('#keys dt')].flatMap(each => each.textContent.split(/[ ,]+/))")
    check("? lists the keys", set("sdiuyz+-ckjfmlarhbwnetp") <= set(keys))
    browser.press("b")
    browser.press("c")
    reached = browser.run("return [...document.querySelectorAll('button, input, select, textarea')].filter(each => each.tabIndex < 0 && !each.closest('#menu'))"
                          ".map(each => each.outerHTML.slice(0, 80))")
    check("all are reached with Tab", reached, [])


def check_scripts(browser):
    translate(browser, "القط الأسود هنا")
    check("text from the right begins there", browser.run("return getComputedStyle(document.getElementById('source')).direction"), "rtl")
    check("so do the words above the ribbons", browser.run("return document.querySelector('.words').dir"), "rtl")
    left = browser.run("return [...document.querySelectorAll('.column-label')].map(each => each.getBoundingClientRect().left)")
    check("and the first column is the last", left == sorted(left, reverse=True) and len(left) > 2)
    translate(browser, HOSTILE)
    check("markup is text", [browser.run("return document.querySelectorAll('main img, #targets img').length"), browser.run("return typeof window.hacked")], [0, "undefined"])
    translate(browser, " ".join([SENTENCE] * 60))
    check("a long sentence stays in the window", browser.run(OVER), [])
    check("its fields scroll", browser.run("return ['source', 'targets'].every(id => document.getElementById(id).clientHeight < innerHeight)"))
    translate(browser, "\n".join([SENTENCE] * 40))
    browser.wait("return document.querySelectorAll('.word').length >= 160")
    check("many sentences scroll", browser.run("const box = document.getElementById('targets'); return box.scrollHeight > box.clientHeight"))


def check_themes(browser):
    translate(browser, SENTENCE)
    ground = "return getComputedStyle(document.body).backgroundColor"
    for scheme, dark in (("dark", True), ("light", False)):
        browser.emulate("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        browser.wait(f"return document.documentElement.dataset.theme === '{scheme}'")
        lightness = sum(int(part) for part in browser.run(ground)[4:-1].split(","))
        check(f"it is {scheme} where the system is", (lightness < 200) == dark)
    browser.press(ESCAPE)
    browser.press("t")
    check("t turns it", browser.run("return document.documentElement.dataset.theme"), "dark")
    browser.emulate("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    browser.emulate("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
    check("and it stays as it was turned", browser.run("return document.documentElement.dataset.theme"), "dark")
    browser.press("t")
    check("it prints", browser.pdf()[:5], b"%PDF-")


def check_phone(browser, server):
    browser.emulate("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2, mobile=True)
    browser.emulate("Emulation.setTouchEmulationEnabled", enabled=True)
    visit(browser, server)
    translate(browser, "green street\n" + SENTENCE + " old tree small dog red house")
    check("a phone needs no scrolling to the side", [browser.run(OVER), browser.run("return document.documentElement.scrollWidth")], [[], 360])
    check("a finger meets its controls", browser.run(SMALL), [])
    browser.run("document.querySelector('.word').click()")
    browser.wait("return 'full' in document.getElementById('menu').dataset")
    box = browser.run("const box = document.getElementById('menu').getBoundingClientRect(); return [box.left, box.right]")
    check("the menu stands in the window", box[0] >= 0 and box[1] <= 360)
    browser.press(ESCAPE)
    browser.run("document.querySelector('[data-search=compare]').click()")
    settled(browser)
    check("two models stand below each other", browser.run("const [a, b] = [...document.querySelectorAll('.panel')].map(each => each.getBoundingClientRect()); return b.top >= a.bottom && b.left === a.left"))
    check("in the window", browser.run(OVER), [])
    browser.emulate("Emulation.clearDeviceMetricsOverride")
    browser.emulate("Emulation.setTouchEmulationEnabled", enabled=False)
    visit(browser, server)


def check_sharing(browser, heed, server):
    sentences = [SENTENCE, HOSTILE, "old tree"]
    translate(browser, "\n".join(sentences))
    browser.press(ESCAPE)
    browser.press("f")
    browser.click("[data-file=lines]")
    with open(browser.downloaded("words.jsonl"), encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    check("the JSON lines are the server's", lines, [server.answer(each) for each in sentences])
    viewed = subprocess.run([heed, "view", "--input", browser.downloaded("words.jsonl"), "--format", "terminal"], capture_output=True, check=False)
    check("heed view reads them", [viewed.returncode, b"haus" in viewed.stdout], [0, True])
    browser.press("f")
    browser.click("[data-file=page]")
    path = browser.downloaded("words.html")
    shown = [row(browser, i) for i in range(3)]
    browser.requests()
    check("nothing was said on the console", browser.console(), [])
    browser.open(path)
    settled(browser)
    check("the page opens from disk, with the same translations", [row(browser, i) for i in range(3)], shown)
    check("and the attention of the same sentence", texts(browser, ".heatmap .column-label"), ["old", "tree", "</s>"])
    browser.press("k")
    browser.press("k")
    check("the keys walk through the sentences", texts(browser, ".heatmap .row-label"), lines[0]["translations"][0]["tokens"])
    browser.point(".row-label[data-t='1']")
    strongest = max(lines[0]["translations"][0]["attention"][1])
    check("with the weights", f"{strongest:.4f}" in browser.text(".panel > .readout"))
    browser.press("m")
    check("and the n-best list", row(browser), lines[0]["translations"][1]["text"])
    browser.click(".word")
    browser.press("i")
    browser.press("c")
    check("nothing stands there twice", texts(browser, "h1, #acts h2"), ["Heed", "Translation"])
    check("nothing can be asked", browser.run("return [document.getElementById('menu').hidden, document.getElementById('source').readOnly, document.querySelectorAll('textarea, .panel').length]"), [True, True, 2])
    check("nothing is asked for but the file", [address for address in browser.requests() if not address.startswith(("data:", "chrome:", "file://" + path))], [])
    check("the console is silent", browser.console(), [])
    check("its policy allows no request", b"connect-src" not in open(path, "rb").read().split(b"<style")[0])


def check_model_gone(browser, server):
    visit(browser, server)
    browser.run(BETWEEN)
    browser.run("between.replies.push({ status: 404, body: { error: { code: 'unknown_model', message: 'gone' } } }, { status: 200, body: { models: [{ name: 'words', attention: 'bahdanau' }] } })")
    translate(browser, "old house")
    browser.wait("return document.querySelectorAll('[data-search=model-0] option').length === 1")
    check("a model that is gone: the list is asked for anew", texts(browser, "[data-search=model-0] option"), ["words"])
    check("the console is silent still", browser.console(), [])


def check_keys_of_server(browser, heed):
    with open("keys", "w", encoding="utf-8") as file:
        file.write(f"page {KEY}\n")
    os.chmod("keys", 0o600)
    with Server(heed, "--model", "words=words.model", "--keys", "keys") as server:
        browser.visit("about:blank")
        browser.visit(server.address)
        browser.wait("return document.getElementById('unlock').open")
        browser.type("#api-key", KEY + ENTER)
        browser.wait("return document.querySelector('[data-search=model-0] option')")
        translate(browser, SENTENCE)
        check("a server with keys is told one", row(browser) != "")
        with open("keys", "w", encoding="utf-8") as file:
            file.write(f"page another-{KEY}\n")
        server.process.send_signal(signal.SIGHUP)
        browser.wait("""if (document.getElementById('unlock').open) return true;
          const field = document.getElementById('source'); field.value += ' dog'; field.dispatchEvent(new Event('input', { bubbles: true }));""")
        check("another key is asked for in other words", browser.text("#unlock-title"), "This key is not the server’s")
        browser.type("#api-key", CONTROL + "a" + DELETE)
        browser.run("document.getElementById('api-key').value = ''")
        browser.type("#api-key", f"another-{KEY}" + ENTER)
        browser.wait("return !document.querySelector('.stale')")
        check("and what was asked is answered", row(browser) != "")
    browser.console()


def check_gone(browser, heed):
    with Server(heed, "--model", "words=words.model") as server:
        visit(browser, server)
        translate(browser, SENTENCE)
        expected = server.answer("old dog")["translations"][0]["text"]
    clear(browser)
    browser.type("#source", "old dog")
    browser.wait("return document.getElementById('status').textContent.startsWith('The server does not answer. Trying again in ')")
    check("a server that is gone is told of", browser.run("return Boolean(document.querySelector('.target-row'))"))
    with Server(heed, "--model", "words=words.model", port=server.port):
        settled(browser)
        check("when it is back, the page goes on by itself", [row(browser), browser.text("#status")], [expected, ""])
    browser.console()


def main():
    heed = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        os.chdir(folder)
        train(heed)
        with Server(heed, "--model", "words=words.model", "--model", "pieces=pieces.model") as server:
            visit(browser, server)
            browser.requests()
            check_names(browser)
            check_scripts(browser)
            check_themes(browser)
            check("only the server is asked", [address for address in browser.requests() if not address.startswith((server.address, "data:", "chrome:"))], [])
            check_phone(browser, server)
            check_sharing(browser, heed, server)
            check_model_gone(browser, server)
        check_keys_of_server(browser, heed)
        check_gone(browser, heed)
        os.chdir("/")
    return finish()


if __name__ == "__main__":
    run(main)
