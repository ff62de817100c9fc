#!/usr/bin/env python3
"""The page of `heed serve` and models that learn while it serves, in a real browser: live_page_learning_test.py PATH_OF_HEED

The replies of learning are made up at first, and another model stands in for the copy that learns; at the end one learns.
Exit status 77, with a reason, where there is no browser.
"""

import json
import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, run  # noqa: E402
from checks import check, finish, texts  # noqa: E402
from live_page_looks_test import NAMELESS, OVER, SMALL  # noqa: E402
from live_page_test import CONTROL, DELETE, DOWN, ENTER, ESCAPE, HOME, SENTENCE, choose, clear, row, settled, translate, visit  # noqa: E402
from live_server import BETWEEN, Server, train  # noqa: E402

BASES = [{"name": "pieces", "learns": False}, {"name": "words", "learns": True, "attention": "bahdanau"}]
COPY = {"name": "words@default", "learns": True, "base": "words", "project": "default", "attention": "bahdanau"}
LESSON = {"model": "words@default", "base": "words", "project": "default", "pairs": 12, "learnt": True, "corrections": {"base": 9.434, "copy": 7.12},
          "held_out": {"pairs": 200, "base": 5.32, "copy": 5.41, "most": 6.384}, "undo": 5}
OUTCOME = "Perplexity (less is better), words → words@default: 12 corrections 9.43 → 7.12; 200 held-out pairs 5.32 → 5.41 (at most 6.38)."
# Of an act whether it is there, and can be done.
ACT = "const act = document.querySelector(`[data-act=${arguments[0]}]`); return act.hidden ? 'hidden' : act.disabled ? 'disabled' : 'ready'"


def reply(browser, to, body, status=200, **more):
    browser.run("between.replies.push(arguments[0])", {"to": to, "status": status, "body": body, **more})


def refusal(code, message):
    return {"error": {"code": code, "message": message}}


def taught(browser, what="feedback"):
    return browser.run("return between.asked.filter(([what]) => what === arguments[0]).map(([, body]) => body)", what)


def told(browser, begin):
    browser.wait(f"return document.getElementById('learning').textContent.startsWith({json.dumps(begin)})")
    settled(browser)
    return browser.text("#learning")


def write_own(browser, text):
    """The translation that is looked at, as somebody edits it."""
    browser.press(ESCAPE)
    browser.press("i")
    browser.press(HOME)
    for key in text:
        browser.press(key)
    browser.press(CONTROL, DELETE)
    browser.press(CONTROL, ENTER)
    settled(browser)


def list_anew(browser, models):
    """As when a model is gone."""
    reply(browser, "translate", refusal("unknown_model", "gone"), 404)
    reply(browser, "models", {"models": models})
    clear(browser)
    browser.type("#source", f"tree {browser.run('return between.asked.length')}")  # which was not asked before
    browser.wait("return !between.replies.length")


def begin(browser, server):
    visit(browser, server)
    translate(browser, SENTENCE)
    check("Accept is for models that learn", [browser.run(ACT, act) for act in ("accept", "take-back")], ["hidden", "hidden"])
    browser.run(BETWEEN)
    browser.run("between.stand_ins['words@default'] = 'pieces'")
    list_anew(browser, BASES)
    browser.wait("return !document.querySelector('[data-act=accept]').hidden")


def check_what_can_be_accepted(browser, server):
    translate(browser, SENTENCE)
    check("the model's own teaches nothing", [browser.run(ACT, "accept"), browser.run(ACT, "take-back")], ["disabled", "hidden"])
    browser.press(ESCAPE)
    browser.press("y")
    check("which is said", [browser.text("#status"), taught(browser)], ["What is accepted is a translation that you edited or picked.", []])
    browser.press("m")
    check("what is picked from the list does", browser.run(ACT, "accept"), "ready")
    browser.press("m")
    browser.press("m")
    check("its first is the model's own", browser.run(ACT, "accept"), "disabled")
    browser.press("i")
    browser.press(HOME)
    browser.press("g")
    settled(browser)
    check("so does what is begun in other words", [browser.run(ACT, "accept"), row(browser)], ["ready", ""])
    browser.press(CONTROL, ENTER)
    check("and the rest of it", row(browser), server.answer(SENTENCE, prefix=["g"])["translations"][0]["text"])
    browser.press("u")
    settled(browser)
    check("but not when it is undone", browser.run(ACT, "accept"), "disabled")


def check_lesson(browser, server):
    """A correction is accepted while one types on, and the copy answers."""
    write_own(browser, "alt")
    reply(browser, "feedback", LESSON, held=True)
    reply(browser, "models", {"models": [*BASES, COPY]})
    browser.press("y")
    check("that it learns is said", [browser.text("#learning"), browser.run(ACT, "accept")], ["learning…", "disabled"])
    browser.type("#source", ENTER + "old dog")
    browser.wait("return document.querySelectorAll('.target-row').length === 2")
    settled(browser)
    check("one can type on", [row(browser), row(browser, 1)], ["alt", server.answer("old dog")["translations"][0]["text"]])
    check("it was told of once", taught(browser), [{"model": "words", "source": SENTENCE, "target": "alt"}])
    browser.run("between.asked.length = 0; between.release()")
    check("what came of it", told(browser, "Learnt."), "Learnt. " + OUTCOME)
    check("the copy is listed", texts(browser, "[data-search=model-0] option"), ["pieces", "words", "words@default"])
    check("and chosen", browser.run("return document.querySelector('[data-search=model-0]').value"), "words@default")
    check("what was accepted stays, all else is the copy's", [row(browser), row(browser, 1)], ["alt", server.answer("old dog", model="pieces")["translations"][0]["text"]])
    check("of which all was asked", browser.run("return [...new Set(between.asked.filter(([, body]) => body).map(([what, { model }]) => what + ' ' + model))].sort()"),
          ["score words@default", "translate words@default"])
    check("its last can be taken back", browser.run(ACT, "take-back"), "ready")
    browser.press(ESCAPE)
    browser.press("k")
    settled(browser)
    check("what it was taught is taught once", browser.run(ACT, "accept"), "disabled")
    check("all acts have names", browser.run(NAMELESS), [])
    browser.emulate("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2, mobile=True)
    check("a phone has room for them", [browser.run(OVER), browser.run(SMALL)], [[], []])
    browser.emulate("Emulation.clearDeviceMetricsOverride")
    browser.press("j")
    settled(browser)


def check_refusals(browser):
    """Nothing that was typed is lost, and nothing is learnt twice."""
    browser.press(ESCAPE)
    browser.press("d")
    browser.press(ENTER)
    browser.wait("return 'full' in document.getElementById('menu').dataset")
    browser.press(DOWN)
    browser.press(ENTER)
    browser.wait("return document.querySelector('.target-row[data-line=\"1\"] .word.fixed')")
    settled(browser)
    text = row(browser, 1)
    lesson = {"model": "words@default", "source": "old dog", "target": text}
    reply(browser, "feedback", LESSON | {"learnt": False, "reason": "held-out pairs would be 7.1, over 6.38"})
    browser.run("between.asked.length = 0")
    browser.click("[data-act=accept]")
    check("what the model must not learn", told(browser, "Not learnt"), "Not learnt: held-out pairs would be 7.1, over 6.38. " + OUTCOME)
    check("that of an alternative is sent whole", taught(browser), [lesson])
    check("what was accepted is one's own, whole", browser.run("return document.querySelectorAll('.target-row[data-line=\"1\"] .word:not(.fixed)').length"), 0)
    check("its text stays, and may be tried again", [row(browser, 1), browser.run(ACT, "accept")], [text, "ready"])
    reply(browser, "feedback", LESSON | {"given": 1, "said": 0})
    reply(browser, "models", {"models": [*BASES, COPY]})
    browser.press("y")
    check("what the copy does not say yet may be taught again", [told(browser, "Learnt, but"), browser.run(ACT, "accept")], ["Learnt, but not said yet: accept it again. " + OUTCOME, "ready"])
    reply(browser, "feedback", refusal("unprocessable", "the target is too long"), 422)
    browser.press("y")
    check("what cannot be learnt is said", [told(browser, "the target"), row(browser, 1)], ["the target is too long", text])
    reply(browser, "feedback", refusal("too_many_requests", "9 corrections wait"), 429, headers={"Retry-After": "1"})
    reply(browser, "feedback", refusal("timeout", "learning took too long"), 503)
    reply(browser, "models", {"models": [*BASES, COPY]})
    browser.run("between.asked.length = 0")
    browser.press("y")
    check("a busy server is asked again", told(browser, "The server is busy"), "The server is busy. (9 corrections wait) Trying again in 1 s.")
    check("what comes late is learnt later", told(browser, "learning took"), "learning took too long: it is learnt when there is time.")
    check("and not told again", [taught(browser), browser.run(ACT, "accept"), row(browser, 1)], [[lesson, lesson], "disabled", text])
    write_own(browser, "hund")
    reply(browser, "feedback", refusal("bad_gateway", ""), 502)
    browser.run("between.asked.length = 0")
    browser.press("y")
    check("nor is what may have been learnt", [told(browser, "The server answers 502"), len(taught(browser)), browser.run(ACT, "accept")], ["The server answers 502.", 1, "ready"])


def check_comparing(browser):
    browser.press("c")
    settled(browser)
    browser.wait("return document.querySelectorAll('.panel').length === 2")
    check("a copy is compared with its base", texts(browser, ".panel h2"), ["words@default, beam 5", "words, beam 5"])
    choose(browser, "[data-search=model-0]", "words")
    choose(browser, "[data-search=model-1]", "words@default")
    check("another choice takes the outcome away", browser.text("#learning"), "")
    reply(browser, "feedback", LESSON | {"pairs": 1, "undo": 1})
    reply(browser, "models", {"models": [*BASES, COPY]})
    browser.run("between.asked.length = 0")
    browser.press("y")
    told(browser, "Learnt. Perplexity (less is better), words → words@default: 1 correction 9.43")
    check("and the base learns beside its copy", texts(browser, ".panel h2"), ["words, beam 5", "words@default, beam 5"])
    check("to whom it was told", taught(browser), [{"model": "words", "source": "old dog", "target": "hund"}])
    asked = browser.run("return between.asked.filter(([what]) => what === 'score').map(([, { model, target }]) => [model, ...target])")
    check("of the copy alone is asked again", asked, [["words@default", "hund"]])


def check_taking_back(browser):
    reply(browser, "feedback/undo", LESSON | {"pairs": 1, "undo": 1})
    reply(browser, "models", {"models": [*BASES, COPY]})
    browser.press("z")
    told(browser, "Taken back. Perplexity")
    check("what was taken back can be accepted again", [taught(browser, "feedback/undo"), browser.run(ACT, "accept")], [[{"model": "words@default"}], "ready"])
    reply(browser, "feedback/undo", {"model": "words@default", "base": "words", "project": "default", "pairs": 0, "learnt": True, "undo": 0})
    reply(browser, "models", {"models": BASES})
    browser.click("[data-act=take-back]")
    check("without corrections there is no copy", told(browser, "Taken back. words"), "Taken back. words has no corrections.")
    check("the base answers, alone", [texts(browser, "[data-search=model-0] option"), browser.run("return [...document.querySelectorAll('[data-search^=model]')].map(each => each.value)")],
          [["pieces", "words"], ["words"]])
    check("what was typed is there", [row(browser), row(browser, 1), browser.run(ACT, "take-back")], ["alt", "hund", "hidden"])


def check_copy_gone(browser):
    """A copy of which somebody else took all back."""
    list_anew(browser, [*BASES, COPY])
    browser.wait("return document.querySelectorAll('[data-search=model-0] option').length === 3")
    choose(browser, "[data-search=model-0]", "words@default")
    list_anew(browser, BASES)
    browser.wait("return document.querySelectorAll('[data-search=model-0] option').length === 2")
    check("its base answers", browser.run("return document.querySelector('[data-search=model-0]').value"), "words")


def check_learning(browser, heed):
    """What is taught in the page is learnt."""
    with Server(heed, "--model", "words=words.model", "--learn", "learnt", "--forget", "10000") as server:
        visit(browser, server)
        translate(browser, "old dog")
        write_own(browser, "hund")

        def log_probability(model):
            return server.ask("/score", {"model": model, "source": "old dog", "target": "hund"})["scores"][0]["log_probability"]

        before = log_probability("words")
        browser.press("y")
        check("a lesson", " Perplexity (less is better), words → words@default: 1 correction " in told(browser, "Learnt"))
        check("is learnt", log_probability("words@default") > before)
        check("by a copy, which answers", browser.run("return document.querySelector('[data-search=model-0]').value"), "words@default")
        clear(browser)
        translate(browser, "small tree")
        check("the next sentence", row(browser), server.answer("small tree", model="words@default")["translations"][0]["text"])
        browser.press(ESCAPE)
        browser.press("z")
        check("and is taken back", told(browser, "Taken back."), "Taken back. words has no corrections.")
        check("so that there is one model again", texts(browser, "[data-search=model-0] option"), ["words"])
        check("the console is silent", browser.console(), [])


def main():
    heed = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        os.chdir(folder)
        train(heed)
        with Server(heed, "--model", "words=words.model", "--model", "pieces=pieces.model") as server:
            begin(browser, server)
            check_what_can_be_accepted(browser, server)
            check_lesson(browser, server)
            check_refusals(browser)
            check_comparing(browser)
            check_taking_back(browser)
            check_copy_gone(browser)
            check("the console is silent", browser.console(), [])
        check_learning(browser, heed)
        os.chdir("/")
    return finish()


if __name__ == "__main__":
    run(main)
