"""Requests for tests/loops/serve: serve.py HEED SECONDS SEED. Exit status 1, with a reason, if the server does what it must not."""

import concurrent.futures
import json
import os
import random
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/app/tests"))
from server import Server  # noqa: E402
from small_models import train  # noqa: E402

heed, seconds, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
CLIENTS = 8  # since half a request waits until the server gives it up


class Numbers(threading.local):
    """Each thread its own, which depend on the seed and its place."""

    def begin(self, place):
        self.generator = random.Random(1000 * seed + place)

    def __getattr__(self, name):
        return getattr(self.generator, name)


numbers = Numbers()
RIGHT = {"source": "a b c", "beam": 2}
REQUESTS = [
    ("POST", "/translate", {"source": ["a b", "c d e f"], "beam": 3, "nbest": 2, "attention": True, "trace": True, "token_scores": True, "prefix": ["b", ""], "must": [["c"], []], "must_not": [[], ["a"]]}),
    ("POST", "/translate", {"model": "luong", "source": "a b", "stream": True}), ("POST", "/translate", {"source": "a", "sample": True, "temperature": 2, "top_k": 3, "seed": 1}),
    ("POST", "/translate", {"source": "h g", "alternatives": True, "nbest": 4, "prefix": "a ", "normalize": "gnmt", "length_penalty": 0.5, "no_repeat_ngram": 2, "replace_unknown": True}),
    ("POST", "/score", {"source": ["a"], "target": ["b"], "attention": True}), ("POST", "/align", {"source": "a b", "target": "c d", "shift": 0.5}),
    ("POST", "/translator/translate", [{"src": "a b", "id": 100}]), ("GET", "/models", None), ("GET", "/metrics", None), ("GET", "/", None), ("GET", "/openapi.json", None)]
LEARNING = [
    ("POST", "/feedback", {"source": ["a b", "c"], "target": ["c d", "a"], "project": "mine"}), ("POST", "/feedback", {"model": "luong@mine", "source": "d e", "target": "a"}),
    ("POST", "/feedback/undo", {"model": "luong@mine"}), ("GET", "/feedback", None), ("GET", "/feedback/luong@mine", None), ("DELETE", "/feedback/luong@mine", None)]
STRANGE = [None, True, -1, 0, 1e308, 2**64, 1.5, "", "\0", "\u2028", "é" * 50, "a " * 300, [], [[]], {}, {"a": {"b": []}}, ["a"] * 101, "</script>", "\U0001f600", float("nan")]


def changed_value(value):
    """Something of the JSON is another thing."""
    if isinstance(value, dict) and value and numbers.random() < 0.8:
        key = numbers.choice(list(value))
        out = dict(value)
        out[key] = changed_value(value[key])
        if numbers.random() < 0.1:
            del out[key]
        if numbers.random() < 0.1:
            out["x" * numbers.randint(1, 20)] = numbers.choice(STRANGE)
        return out
    if isinstance(value, list) and value and numbers.random() < 0.7:
        place = numbers.randrange(len(value))
        return [changed_value(each) if i == place else each for i, each in enumerate(value)] * numbers.choice([1, 1, 1, 2])
    return numbers.choice(STRANGE)


def changed_bytes(data):
    out = bytearray(data)
    for _ in range(numbers.randint(1, 4)):
        at = numbers.randrange(len(out) + 1)
        how = numbers.randrange(4)
        if how == 0:
            out[at:at] = bytes(numbers.randrange(256) for _ in range(numbers.randint(1, 8)))
        elif how == 1:
            del out[at:at + numbers.randint(1, 20)]
        elif how == 2 and out:
            out[at % len(out)] = numbers.randrange(256)
        else:
            out[at:at] = out[: numbers.randint(0, 100)]
    return bytes(out)


def request():
    method, path, value = numbers.choice(LEARNING if numbers.random() < 0.1 else REQUESTS)
    if value is not None and numbers.random() < 0.6:
        value = changed_value(value)
    body = b"" if value is None else json.dumps(value).encode()
    if numbers.random() < 0.2:
        body = changed_bytes(body)
    length = len(body) if numbers.random() < 0.95 else numbers.choice([0, 1, len(body) + 5, 10**12, -3])
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode()
    if numbers.random() < 0.1:
        head, body = head.replace(b"Content-Length", b"X-Length").replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"), b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    return changed_bytes(head + body) if numbers.random() < 0.15 else head + body


def send(port, data):
    """What comes, if that is waited for: in pieces, cut off or half closed now and then."""
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        client.settimeout(0.5 if numbers.random() < 0.1 else 20)
        try:
            end = len(data) if numbers.random() < 0.95 else numbers.randrange(len(data) + 1)
            cut = numbers.randrange(end + 1)
            client.sendall(data[:cut])
            client.sendall(data[cut:end])
            client.shutdown(socket.SHUT_WR)
            out = b""
            while numbers.random() < 0.98 and (piece := client.recv(65536)):
                out += piece
            return out
        except OSError:  # the server closed it, or says nothing to half a request
            return b""


class Wrong(Exception):
    """One line for the user."""


def client(place, server, end, expected):
    """Asks until the time is over; how often each status came."""
    numbers.begin(place)
    statuses, rounds = {}, 0
    while time.monotonic() < end or rounds < 20:
        rounds += 1
        data = request()
        answer = send(server.port, data)
        status = answer[:12].decode("latin-1")
        statuses[status[9:] or "none"] = statuses.get(status[9:] or "none", 0) + 1
        if answer and (not status.startswith("HTTP/1.1 ") or status[9:] == "500"):
            raise Wrong(f"to {data[:2000]!r} it says {answer[:500]!r}")
        if server.process.poll() is not None:
            raise Wrong(f"at {data[:2000]!r} it ended: {server.told()[-3000:]}")
        if rounds % 20 == 0 and server.ask("/translate", RIGHT) != expected:
            raise Wrong(f"after {data[:2000]!r} the answer is another one")
    return statuses


def main():
    train(heed, "luong", "model.attention.kind=luong-general")
    with Server(heed, "--model", "luong", "--learn", "learnt", "--projects", "3", "--forget", "10000", "--timeout", "10", "--idle-timeout", "1") as server:
        expected = server.ask("/translate", RIGHT)
        if not server.ask("/feedback", LEARNING[0][2])["learnt"]:
            raise Wrong("a correction is not learnt")
        end = time.monotonic() + seconds
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            clients = [pool.submit(client, place, server, end, expected) for place in range(CLIENTS)]
            found = [each.result() for each in clients]
        server.process.terminate()
        if server.process.wait(60) != 0:
            raise Wrong(f"it ended with {server.process.returncode}: {server.told()[-3000:]}")
    totals = {status: sum(each.get(status, 0) for each in found) for status in sorted({status for each in found for status in each})}
    print(f"{sum(totals.values())} requests: " + ", ".join(f"{status} {count}" for status, count in totals.items()))


try:
    main()
except Wrong as wrong:
    sys.exit(str(wrong))
