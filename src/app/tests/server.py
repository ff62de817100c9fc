"""`heed serve` as a process, for tests and benchmarks, and a client of it."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

from checks import check


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Server:
    """with Server(heed, "--model", "m") as server: server.post("/translate", {"source": "a"})"""

    def __init__(self, heed, *options, port=0):
        self.words = [heed, "serve", "--port", str(port), *options]

    def __enter__(self):
        self.said = tempfile.TemporaryFile()  # on standard error; a pipe would have to be read
        self.process = subprocess.Popen(self.words, stderr=self.said)
        while not (found := re.search(r" at (https?://.*:(\d+)/)$", self.told(), re.M)):
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.words} ended with {self.process.poll()}: {self.told()}")
            time.sleep(0.01)
        self.address, self.port = found[1], int(found[2])
        return self

    def told(self):
        return os.pread(self.said.fileno(), 1 << 20, 0).decode()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.said.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def request(self, method, path, body=None, headers=None, connection=None):
        """The status, the headers and the text."""
        connection = connection or self.connection()
        sends = {"Content-Type": "application/json"} if body is not None else {}
        text = body if isinstance(body, (str, bytes)) or body is None else json.dumps(body)
        connection.request(method, path, text, sends | (headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def post(self, path, body, **more):
        status, _, text = self.request("POST", path, body, **more)
        return status, json.loads(text)

    def get(self, path):
        status, _, text = self.request("GET", path)
        return status, json.loads(text)

    def ask(self, path, body):
        """What is answered to a request that is right."""
        status, found = self.post(path, body)
        if status != 200:
            raise RuntimeError(f"{path}: {status} {found}")
        return found

    def raw(self, data, half_closed=False):
        """All that comes for these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), 60) as client:
            client.sendall(data)
            if half_closed:
                client.shutdown(socket.SHUT_WR)
            out = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := client.recv(65536):
                    out += piece
            return out.decode()

    def events(self, body):
        status, headers, text = self.request("POST", "/translate", body | {"stream": True})
        parts = [part.split("\n", 1) for part in text.split("\n\n") if part]
        return status, headers, [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in parts]

    def eventually(self, what, holds):
        """Checks that something becomes true within half a minute."""
        end = time.monotonic() + 30
        while not (found := holds()) and time.monotonic() < end:
            time.sleep(0.05)
        check(what, bool(found))
