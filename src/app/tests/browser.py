"""A browser for tests of pages: Debian's Chromium, headless, driven through chromedriver by the WebDriver protocol.

Only the standard library. Everything that the page asks the network for, and all that it says on its console, is noted.
"""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Missing(Exception):
    """There is no browser on this machine."""


def run(main):
    """Ends with the status of a test, or 77 with a reason where there is no browser."""
    try:
        sys.exit(main())
    except Missing as reason:
        print(f"skipped: {reason}")
        sys.exit(77)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Browser:
    """with Browser() as browser: browser.open("page.html")"""

    def __init__(self, width=1400, height=900, dark=False):
        self.chromium = shutil.which("chromium")
        self.driver = shutil.which("chromedriver")
        if not self.chromium or not self.driver:
            raise Missing("chromium and chromium-driver are not installed (scripts/setup --tests)")
        self.profile = tempfile.mkdtemp(prefix="heed-browser-")
        self.size = (width, height)
        self.dark = dark

    def __enter__(self):
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        # Nothing of this machine's user: a home of its own, no proxy.
        environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
        environment["HOME"] = self.profile
        self.process = subprocess.Popen(
            [self.driver, f"--port={port}"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self._wait_for_driver()
            self._start_session()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            if hasattr(self, "session"):
                self._ask("DELETE", f"/session/{self.session}")
        except OSError:
            pass
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _wait_for_driver(self):
        end = time.monotonic() + 30
        while True:
            try:
                if self._ask("GET", "/status")["ready"]:
                    return
            except OSError:
                pass
            if time.monotonic() > end:
                raise RuntimeError("chromedriver does not answer")
            time.sleep(0.05)

    def _start_session(self):
        arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-device-scale-factor=1",
            f"--user-data-dir={self.profile}/profile", f"--window-size={self.size[0]},{self.size[1]}"]
        if self.dark:
            arguments.append("--blink-settings=preferredColorScheme=0")
        answer = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": self.chromium, "args": arguments, "prefs": {"download.default_directory": self.downloads()}},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}})
        self.session = answer["sessionId"]

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"].split("\n")[0]) from None

    def _call(self, method, path, body=None):
        return self._ask(method, f"/session/{self.session}{path}", body)

    def open(self, path, fragment=""):
        self.visit("file://" + os.path.abspath(path) + fragment)

    def visit(self, address):
        self._call("POST", "/url", {"url": address})

    def downloads(self):
        """The folder of what pages give to save."""
        return os.path.join(self.profile, "downloads")

    def downloaded(self, name, seconds=20):
        """The path of a file, when it is there and whole."""
        path = os.path.join(self.downloads(), name)
        end = time.monotonic() + seconds
        while not os.path.exists(path):
            if time.monotonic() > end:
                raise RuntimeError(f"{name} was not downloaded")
            time.sleep(0.05)
        return path

    def emulate(self, command, **parameters):
        """A command of Chromium's own protocol, as Emulation.setEmulatedMedia."""
        self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def run(self, script, *arguments):
        """The value that the script returns."""
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script, seconds=20):
        """Until the script returns something true."""
        end = time.monotonic() + seconds
        while True:
            value = self.run(script)
            if value:
                return value
            if time.monotonic() > end:
                raise RuntimeError(f"this did not become true: {script}")
            time.sleep(0.02)

    def find(self, selector):
        return self._call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self._call("POST", f"/element/{self.find(selector)}/click", {})

    def type(self, selector, text):
        self._call("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def press(self, *keys):
        """Together: the first are held while the last is pressed."""
        self._call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": [
            *({"type": "keyDown", "value": key} for key in keys), *({"type": "keyUp", "value": key} for key in reversed(keys))]}]})

    def point(self, selector, x=0, y=0):
        """Moves the mouse to the middle of an element, or x and y pixels off it."""
        self._call("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": [
            {"type": "pointerMove", "duration": 0, "origin": {ELEMENT: self.find(selector)}, "x": x, "y": y}]}]})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self._call("GET", "/screenshot")))

    def pdf(self):
        return base64.b64decode(self._call("POST", "/print", {"background": True}))

    def console(self):
        """What the page said since the last call: warnings and errors."""
        return [entry["message"] for entry in self._call("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self):
        """The addresses that were asked for since the last call."""
        addresses = []
        for entry in self._call("POST", "/se/log", {"type": "performance"}):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                addresses.append(message["params"]["request"]["url"])
        return addresses
