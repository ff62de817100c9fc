"""What the tests of pages share: counted checks, made-up weights, and what a page may ask for and say."""

import math
import os
import random

checks = 0
failures = 0


def check(what, found, expected=True):
    global checks, failures
    checks += 1
    if found == expected:
        print(f"ok    {what}")
    else:
        failures += 1
        print(f"WRONG {what}\n      expected: {expected!r:.500}\n      found:    {found!r:.500}")


def weights(rows, columns, seed):
    """Rows that sum to 1, to 8 decimals."""
    numbers = random.Random(seed)
    out = []
    for t in range(rows):
        row = [math.exp(-2.5 * abs(s - t * columns / rows) * numbers.uniform(0.5, 1.5)) for s in range(columns)]
        total = sum(row)
        out.append([round(value / total, 8) for value in row])
    return out


def texts(browser, selector):
    return browser.run("return [...document.querySelectorAll(arguments[0])].map(each => each.textContent)", selector)


def check_silence(browser, names):
    """Nothing was asked for but the pages of the current folder, and the console is silent."""
    # chrome: and a picture in its address are of the browser's own first page; a blob is of a page itself.
    asked = [address.split("#")[0] for address in browser.requests() if not address.startswith(("chrome:", "data:", "blob:"))]
    pages = {"file://" + os.path.join(os.path.realpath("."), name + ".html") for name in names}
    check("nothing is asked for but the pages", [address for address in asked if address not in pages and address != "file:///dev/null"], [])
    check("and they were", set(asked) >= pages)
    check("the console is silent", browser.console(), [])


def finish():
    """The exit status."""
    print(f"{checks} checks, {failures} failed")
    return failures > 0
