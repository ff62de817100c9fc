#!/usr/bin/env python3
"""`heed serve`, asked as clients ask it, good ones and bad ones: serve_test.py PATH_OF_HEED

Answers are compared with those of the binary in the terminal.
"""

import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import random
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from checks import check, finish  # noqa: E402
from small_models import sentences, train  # noqa: E402

HEED = os.path.realpath(sys.argv[1])


# ---- clients ---------------------------------------------------------------------------------------------------------


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Server:
    """with Server("--model", "m") as server: server.post("/translate", {"source": "a"})"""

    def __init__(self, *words):
        self.words = [HEED, "serve", "--port", "0", *words]

    def __enter__(self):
        with open("said", "wb") as file:
            self.process = subprocess.Popen(self.words, stderr=file)
        while not (found := re.search(r" at https?://.*:(\d+)/$", self.told(), re.M)):
            if self.process.poll() is not None:
                raise AssertionError(f"{self.words} ended with {self.process.poll()}: {self.told()}")
            time.sleep(0.01)
        self.port = int(found[1])
        return self

    @staticmethod
    def told():
        return pathlib.Path("said").read_text(encoding="utf-8")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method, path, body=None, headers=None, connection=None):
        """The status, the headers and the text."""
        connection = connection or self.connection()
        sends = {"Content-Type": "application/json"} if body is not None else {}
        text = body if isinstance(body, (str, bytes)) or body is None else json.dumps(body)
        connection.request(method, path, text, sends | (headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def post(self, path, body, **more):
        status, _, text = self.ask("POST", path, body, **more)
        return status, json.loads(text)

    def get(self, path):
        status, _, text = self.ask("GET", path)
        return status, json.loads(text)

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
        status, headers, text = self.ask("POST", "/translate", body | {"stream": True})
        parts = [part.split("\n", 1) for part in text.split("\n\n") if part]
        return status, headers, [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in parts]

    def eventually(self, what, holds):
        end = time.monotonic() + 30
        while not (found := holds()) and time.monotonic() < end:
            time.sleep(0.05)
        check(what, bool(found))


def command(*words, source):
    """What the binary answers in the terminal: an object for each line."""
    out = subprocess.run([HEED, *words, "--format", "jsonl"], input="".join(line + "\n" for line in source), capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


# ---- what is checked -------------------------------------------------------------------------------------------------


def check_answers(server, texts):
    for body, words in [({}, []), ({"beam": 1}, ["--beam", "1"]), ({"beam": 3, "nbest": 3, "attention": True, "token_scores": True}, ["--beam", "3", "--nbest", "3", "--attention", "--token-scores"]),
                        ({"trace": True, "normalize": "gnmt", "length_penalty": 0.6}, ["--trace", "--normalize", "gnmt", "--length-penalty", "0.6"]),
                        ({"alternatives": True, "nbest": 3, "no_repeat_ngram": 2}, ["--alternatives", "--nbest", "3", "--no-repeat-ngram", "2"]),
                        ({"sample": True, "nbest": 2, "temperature": 1.5, "top_k": 5, "seed": 7}, ["--sample", "--nbest", "2", "--temperature", "1.5", "--top-k", "5", "--seed", "7"])]:
        expected = command("translate", "--model", "luong", *words, source=texts)
        status, found = server.post("/translate", {"source": texts} | body)
        check(f"{words}: the answers are the binary's", (status, found.get("model"), found.get("translations")), (200, "luong", expected))
    status, one = server.post("/translate", {"source": texts[0], "model": "plain", "prefix": "h ", "must_not": ["c"]})
    words = one["translations"][0]["translations"][0]["text"].split()
    check("another model, one text, constraints", (status, one["model"], words[0], "c" in words), (200, "plain", "h", False))
    status, found = server.post("/translate", {"source": texts[:2], "prefix": ["c", ""], "must": [[], ["b"]], "must_not": [["a"], []]})
    said = [answer["translations"][0]["text"].split() for answer in found["translations"]]
    check("constraints of each", (status, said[0][0], "a" in said[0], "b" in said[1]), (200, "c", False, True))
    status, found = server.post("/translate", {"source": ["a b", "a " * 500]})
    check("too long: an error of its own", (status, "error" in found["translations"][0], found["translations"][1].get("error")), (200, False, "the sentence has more than 200 tokens"))
    status, found = server.post("/translate", {"source": ""})
    check("an empty sentence", (status, found["translations"][0]["translations"][0]["text"]), (200, ""))


def check_pairs(server, texts):
    answers = [text[::-1] for text in texts]
    for name, value in [("s", texts), ("t", answers)]:
        pathlib.Path(name).write_text("".join(line + "\n" for line in value), encoding="utf-8")
    pairs = {"source": texts, "target": answers}
    expected = command("score", "--model", "luong", "--source", "s", "--target", "t", "--attention", source=[])
    check("/score says what heed score says", server.post("/score", pairs | {"attention": True}), (200, {"model": "luong", "scores": expected}))
    expected = command("align", "--model", "luong", "--source", "s", "--target", "t", "--shift", "0.5", source=[])
    check("/align says what heed align says", server.post("/align", pairs | {"shift": 0.5}), (200, {"model": "luong", "alignments": expected}))
    status, found = server.post("/score", {"source": ["a", "a " * 500], "target": ["b", "b"]})
    check("a pair that is too long", (status, found["error"]["code"], found["error"]["message"].startswith("source:2: ")), (422, "unprocessable", True))


def check_events(server, texts):
    body = {"source": texts[:3], "beam": 2, "attention": True}
    status, headers, events = server.events(body)
    check("events are events", (status, headers["Content-Type"]), (200, "text/event-stream"))
    check("the last one is 'done'", events[-1], ("done", {"model": "luong"}))
    expected = server.post("/translate", body)[1]["translations"]
    answers = sorted((data for name, data in events if name == "translation"), key=lambda each: each["sentence"])
    check("translations are those without events", answers, [{"sentence": i} | each for i, each in enumerate(expected)])
    tokens = [data for name, data in events if name == "token" and data["sentence"] == 0]
    check("words come before", len(tokens) >= 2 and all(set(each) == {"sentence", "text", "tokens"} for each in tokens))
    status, found = server.post("/translate", body | {"stream": True, "source": []})
    check("what is not right is no event", (status, found["error"]["code"]), (400, "bad_request"))


def check_refusals(server):
    def refused(what, status, code, body, path="/translate", holds=""):
        found = server.post(path, body)
        check(f"{what}: {status}, {code}", (found[0], found[1]["error"]["code"]), (status, code))
        check(f"{what}: the message", holds in found[1]["error"]["message"], True)

    refused("no JSON", 400, "bad_request", '{"source": ', holds="no JSON at byte")
    refused("deep JSON", 400, "bad_request", '{"source": ' + "[" * 100000, holds="deep")
    refused("bytes that are no text", 400, "bad_request", b'{"source": "\xff"}')
    refused("half a surrogate", 400, "bad_request", '{"source": "\\ud800"}')
    refused("a list", 400, "bad_request", "[]", holds="object")
    refused("no source", 400, "bad_request", {}, holds="'source' is missing")
    refused("an empty list", 400, "bad_request", {"source": []}, holds="empty")
    refused("a number", 400, "bad_request", {"source": 3}, holds="'source'")
    refused("a NUL byte", 400, "bad_request", {"source": "a\0b"}, holds="NUL")
    refused("a key that is none", 400, "bad_request", {"source": "a", "beem": 3}, holds="did you mean 'beam'")
    refused("a beam of 0", 400, "bad_request", {"source": "a", "beam": 0}, holds="1 to 20")
    refused("a beam that is a text", 400, "bad_request", {"source": "a", "beam": "3"})
    refused("a beam of 2^64", 400, "bad_request", '{"source": "a", "beam": 18446744073709551615}')
    refused("more than the beam", 422, "unprocessable", {"source": "a", "beam": 2, "nbest": 3}, holds="'nbest'")
    refused("a list for one text", 422, "unprocessable", {"source": "a", "prefix": ["b"]}, holds="'prefix'")
    refused("a list of another length", 422, "unprocessable", {"source": ["a", "b"], "must": [["x"]]}, holds="a value for each")
    refused("no word in a phrase", 422, "unprocessable", {"source": "a", "must": [" "]}, holds="without a word")
    refused("a temperature without sample", 422, "unprocessable", {"source": "a", "temperature": 2}, holds="'temperature'")
    refused("no word for how", 400, "bad_request", {"source": "a", "normalize": ""}, holds="gnmt")
    refused("a stream of several", 422, "unprocessable", {"source": "a", "alternatives": True, "stream": True}, holds="'stream'")
    refused("two models at once", 422, "unprocessable", [{"src": "a", "id": 100}, {"src": "a", "id": 101}], path="/translator/translate", holds="'id'")
    refused("must and sample", 422, "unprocessable", {"source": "a", "must": ["b"], "sample": True})
    refused("another model", 404, "unknown_model", {"source": "a", "model": "nobody"}, holds="nobody")
    refused("attention of a model without", 422, "unprocessable", {"source": "a", "model": "plain", "attention": True}, holds="does not attend")
    refused("features of a model without", 422, "unprocessable", {"source": "a", "features": {"pos": "X"}}, holds="features")
    refused("too many sentences", 413, "too_many_sentences", {"source": ["a"] * 101}, holds="100")
    refused("no target", 400, "bad_request", {"source": "a"}, path="/score", holds="'target'")
    refused("links of a model without attention", 422, "unprocessable", {"source": "a", "target": "b", "model": "plain"}, path="/align")
    refused("no model of that number", 404, "unknown_model", [{"src": "a", "id": 7}], path="/translator/translate")
    refused("no src", 400, "bad_request", [{"text": "a"}], path="/translator/translate", holds="'src'")
    for method, path, status in [("GET", "/nothing", 404), ("GET", "/translate", 405), ("DELETE", "/models", 405), ("POST", "/models", 405), ("GET", "/../etc/passwd", 404)]:
        check(f"{method} {path}: {status}", server.ask(method, path)[0], status)
    check("405 says what is allowed", server.ask("GET", "/translate")[1]["Allow"], "POST")
    check("a form is no JSON", server.ask("POST", "/translate", '{"source": "a"}', {"Content-Type": "text/plain"})[0], 415)
    check("HEAD has no body", server.ask("HEAD", "/health")[::2], (200, ""))


def check_hostile(server):
    """Whatever others do, the next one is answered."""
    def lives(what):
        check(f"{what}: others are answered", server.post("/translate", {"source": "a b"})[0], 200)

    head = b"POST /translate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    check("100 MB are refused unread", server.raw(head + b"Content-Length: 104857600\r\n\r\n").split(" ")[1], "413")
    check("2 MB in pieces are refused", server.raw(head + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + b"10000\r\n" + b" " * 65536 + b"\r\n" +
                                                   (b"10000\r\n" + b" " * 65536 + b"\r\n") * 31 + b"0\r\n\r\n").split(" ")[1], "413")
    check("2 MB are refused when they are read", server.ask("POST", "/translate", b" " * (2 << 20))[0], 413)
    check("a length that is none", server.raw(head + b"Content-Length: -1\r\n\r\n").split(" ")[1] in ("400", "413"))
    check("a head that is too long", server.raw(head + b"X: " + b"x" * 100000 + b"\r\n\r\n").split(" ")[1] in ("431", "400", "413"))
    check("no HTTP", server.raw(b"\x16\x03\x01 hello\r\n\r\n")[9:12] in ("", "400"))
    lives("noise")
    body = b'{"source": "a b"}'
    whole = head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    check("who says no more is answered", server.raw(whole, half_closed=True).split("\r\n")[0], "HTTP/1.1 200 OK")
    check("two lengths", server.raw(head + b"Content-Length: 2\r\nContent-Length: 17\r\n\r\n" + body).split(" ")[1], "400")
    check("a length and pieces", server.raw(head + b"Content-Length: 17\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").split(" ")[1], "400")
    check("a name with a blank", server.raw(head + b"Content-Length : 17\r\n\r\n" + body).split(" ")[1], "400")
    begin = time.monotonic()
    many = server.ask("POST", "/translate", "{" + ",".join(f'"{i}":0' for i in range(90000)) + "}")[0]
    check("90,000 keys are refused at once", (many, time.monotonic() - begin < 20), (400, True))
    for origin, status in [("http://evil.example:8080", 403), ("http://localhost:8080", 200)]:
        check(f"a page of {origin}: {status}", server.ask("POST", "/translate", body, {"Origin": origin})[0], status)
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(300)]
    for i, client in enumerate(slow):
        client.sendall(whole[: i % len(whole)])  # nothing, parts of a head, parts of a body
    lives("300 that do not go on")
    for client in slow:
        client.close()
    gone = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    for client in gone:
        client.sendall(whole)
        client.close()
    lives("50 that go before their answer")
    streams = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    body = json.dumps({"source": ["a b c d e f"] * 20, "stream": True}).encode()
    for client in streams:
        client.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        client.recv(10)
        client.close()
    lives("20 that go while their answer comes")


def check_many(server, texts):
    """Requests at once are answered together, each with its own answer."""
    expected = {text: answer for text, answer in zip(texts, command("translate", "--model", "luong", source=texts))}

    def client(seed):
        numbers, connection, wrong = random.Random(seed), server.connection(), 0
        for _ in range(25):
            text = numbers.choice(texts)
            _, _, answer = server.ask("POST", "/translate", {"source": text}, connection=connection)
            wrong += json.loads(answer)["translations"] != [expected[text]]
        return wrong

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        check("16 clients at once: 400 right answers", sum(pool.map(client, range(16))), 0)
    text = server.ask("GET", "/metrics")[2]
    figures = dict(re.findall(r"^(\S+) ([0-9.e+]+)$", text, re.M))
    check("they were answered together", float(figures["heed_batch_sentences_sum"]) > float(figures["heed_batch_sentences_count"]))
    check("metrics count them", float(figures['heed_requests_total{route="/translate",status="200"}']) >= 400)
    check("histograms end with all", figures['heed_request_seconds_bucket{route="/translate",le="+Inf"}'], figures['heed_request_seconds_count{route="/translate"}'])
    check("every metric has a type", {name.split("{")[0] for name in figures if not name.startswith("#")} <=
          {name + end for name in re.findall(r"^# TYPE (\S+)", text, re.M) for end in ("", "_bucket", "_sum", "_count")})


def check_opennmt(server, texts):
    expected = [answer["translations"][0] for answer in command("translate", "--model", "luong", source=texts)]
    status, found = server.post("/translator/translate", [{"src": text, "id": 100} for text in texts])
    check("OpenNMT's form", (status, [(each["src"], each["tgt"], each["pred_score"], each["n_best"]) for each in found[0]]),
          (200, [(text, each["text"], each["log_probability"], 1) for text, each in zip(texts, expected)]))
    check("its models", [(each["model_id"], each["name"], each["status"]) for each in server.get("/translator/models")[1]], [(100, "luong", "loaded"), (101, "plain", "loaded")])


def check_document(server):
    document = server.get("/openapi.json")[1]
    check("its version is the program's", document["info"]["version"], server.get("/health")[1]["version"])
    for path, methods in document["paths"].items():
        for method in methods:
            check(f"{method} {path} is there", server.ask(method.upper(), path)[0] not in (404, 405))
    keys = set(document["components"]["schemas"]["TranslateRequest"]["properties"])
    asked = server.post("/translate", {"source": "a", "?": 1})[1]["error"]["message"]
    check("it has the keys that the server knows", keys, set(asked.split("there are: ")[1].split(", ")))


def check_models(texts):
    """Models come, change and go while requests are answered."""
    os.mkdir("folder")
    with Server("--models", "folder", "--admin", "admin.socket", "--threads", "2") as server:
        check("no model", server.post("/translate", {"source": "a"})[1]["error"]["code"], "no_model")
        os.rename("luong-copy", "folder/one")
        server.eventually("a model that comes is served", lambda: server.post("/translate", {"source": "a"})[0] == 200)
        admin = UnixConnection("admin.socket")
        check("nobody else may use the admin socket", os.stat("admin.socket").st_mode & 0o777, 0o600)
        check("one is loaded by name", server.post("/models", {"name": "two", "path": "plain"}, connection=admin)[0], 201)
        check("and answers", server.post("/translate", {"source": "a", "model": "two"})[0], 200)
        ensemble = {"name": "both", "path": ["luong", "luong-2"]}
        check("an ensemble", server.post("/models", ensemble, connection=admin)[0], 201)
        expected = command("translate", "--model", "luong", "--model", "luong-2", source=texts)
        check("answers as one", server.post("/translate", {"source": texts, "model": "both"})[1]["translations"], expected)
        check("what cannot be loaded is refused", server.post("/models", {"name": "three", "path": "nowhere"}, connection=admin)[0], 422)
        check("on the other address there is no such path", server.ask("DELETE", "/models/two")[0], 404)

        def shown(name):
            return server.post("/translate", {"source": texts, "model": name})[1]["translations"]

        subprocess.run(["cp", "-r", "plain", "folder/.new"], check=True)
        os.rename("folder/.new", "folder/three")
        server.eventually("one more", lambda: server.post("/translate", {"source": "a", "model": "three"})[0] == 200)
        before = shown("three")
        pathlib.Path("folder/three/config.yaml").write_text("damaged", encoding="utf-8")  # written over, as cp does
        server.eventually("what is damaged is told", lambda: "'three' cannot be loaded" in server.told())
        check("and the old one answers", shown("three"), before)
        subprocess.run("cp luong-2/* folder/three/ 2>/dev/null", shell=True, check=False)
        expected = command("translate", "--model", "luong-2", source=texts)
        server.eventually("files that change are loaded anew", lambda: shown("three") == expected)
        check("the admin socket lists what there is", [each["name"] for each in json.loads(server.ask("GET", "/models", connection=admin)[2])["models"]], ["one", "two", "both", "three"])
        os.rename("folder/three", "luong-3")
        done, lost = [], []

        def client(_):
            while not done:
                status, _ = server.post("/translate", {"source": "a b", "model": "one"})
                if status != 200:
                    lost.append(status)

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            clients = [pool.submit(client, i) for i in range(4)]
            for i in range(20):
                check(f"reload {i + 1}", server.post("/reload", {}, connection=admin)[0], 200)
            done.append(True)
            for each in clients:
                each.result()
        check("no request is lost over 20 reloads", lost, [])
        check("a model is dropped", server.ask("DELETE", "/models/two", connection=admin)[0], 200)
        check("and is gone", server.post("/translate", {"source": "a", "model": "two"})[0], 404)
        os.rename("folder/one", "luong-copy")
        server.eventually("what goes from the folder is gone", lambda: "one" not in [each["name"] for each in server.get("/models")[1]["models"]])
        check("SIGTERM ends it well", server.stop(), 0)
    check("the socket is gone", os.path.exists("admin.socket"), False)


def check_end():
    """SIGTERM: what has come is answered. So that nothing is answered before, sentences wait for more than will come."""
    with Server("--model", "luong", "--batch", "1000", "--batch-wait", "3000") as server:
        body = {"source": ["a b c d e f g h"] * 40}
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(server.post, "/translate", body) for _ in range(8)]
            server.eventually("they have come", lambda: float(re.search(r"^heed_queue_sentences (\S+)", server.ask("GET", "/metrics")[2], re.M)[1]) > 280)  # so all eight have
            check("it ends well", server.stop(), 0)
            check("all are answered", [(status, len(found.get("translations", []))) for status, found in (each.result() for each in answers)], [(200, 40)] * 8)
    with Server("--model", "luong", "--queue", "50", "--timeout", "0.5", "--batch", "1000", "--batch-wait", "10000") as server:
        body = {"source": ["a b c d e f g h"] * 45}
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            found = [each.result() for each in [pool.submit(server.ask, "POST", "/translate", body) for _ in range(6)]]
        check("too late, and too many at once: 503 and 429", sorted(status for status, _, _ in found), [429] * 5 + [503])
        check("and when to ask again", {headers.get("Retry-After") for status, headers, _ in found}, {"1"})
        check("then it answers again", server.post("/translate", {"source": "a", "sample": True})[0], 200)  # which waits for nobody


def check_access():
    pathlib.Path("keys").write_text("# who may\nann 0123456789abcdef\nbob fedcba9876543210\n", encoding="utf-8")
    with Server("--model", "luong", "--keys", "keys", "--cors", "https://example.org", "--access-log", "log") as server:
        ann = {"Authorization": "Bearer 0123456789abcdef"}
        check("no key", server.ask("POST", "/translate", {"source": "a"})[0], 401)
        check("another key", server.ask("POST", "/translate", {"source": "a"}, {"Authorization": "Bearer 0123456789abcdeX"})[0], 401)
        check("a key", server.ask("POST", "/translate", {"source": ["a", "b"]}, ann)[0], 200)
        check("health needs none", server.ask("GET", "/health")[0], 200)
        origin = {"Origin": "https://example.org"}
        check("a page that may ask", server.ask("GET", "/models", headers=ann | origin)[1]["Access-Control-Allow-Origin"], "https://example.org")
        check("another page", server.ask("GET", "/models", headers=ann | {"Origin": "https://example.com"})[1]["Access-Control-Allow-Origin"], None)
        status, headers, _ = server.ask("OPTIONS", "/translate", headers=origin)
        check("it asks first", (status, headers["Access-Control-Allow-Methods"]), (204, "POST"))
        os.rename("log", "log.1")
        server.ask("GET", "/health")
        server.eventually("a log that is renamed is made anew", lambda: os.path.exists("log"))
        lines = [json.loads(line) for line in pathlib.Path("log.1").read_text(encoding="utf-8").splitlines()]
        answered = next(line for line in lines if line["status"] == 200 and line["path"] == "/translate")
        check("a line of the log", [answered[key] for key in ("client", "method", "user", "model", "sentences")], ["127.0.0.1", "POST", "ann", "luong", 2])
        pathlib.Path("keys").write_text("eve aaaaaaaaaaaaaaaa\n", encoding="utf-8")
        server.process.send_signal(signal.SIGHUP)
        server.eventually("SIGHUP reads the keys anew", lambda: server.ask("GET", "/models", headers=ann)[0] == 401)


def check_flags():
    """What no other check has asked for."""
    def status(server, body):
        return server.post("/translate", body)[0]

    with Server("--model", "first=luong,luong-2", "--model", "second=plain", "--host", "localhost", "--max-sentences", "2", "--max-length", "4", "--max-beam", "3", "--max-body", "500",
                "--batch-wait", "300", "--threads", "1", "--connections", "2", "--idle-timeout", "1") as server:
        models = server.get("/models")[1]["models"]
        check("--model names and ensembles", [(each["name"], each["members"]) for each in models], [("first", 2), ("second", 1)])
        check("--max-sentences", [status(server, {"source": ["a"] * count}) for count in (2, 3)], [200, 413])
        check("--max-length", ["error" in server.post("/translate", {"source": "a " * count})[1]["translations"][0] for count in (4, 5)], [False, True])
        check("--max-beam", [status(server, {"source": "a", "beam": beam}) for beam in (3, 4)], [200, 400])
        check("--max-beam is in the document", server.get("/openapi.json")[1]["components"]["schemas"]["TranslateRequest"]["properties"]["beam"]["maximum"], 3)
        check("--max-body", [status(server, {"source": "a" + " " * count}) for count in (400, 500)], [200, 413])
        begin = time.monotonic()
        status(server, {"source": "a"})
        check("--batch-wait", time.monotonic() - begin >= 0.3)
        with socket.create_connection(("127.0.0.1", server.port)), socket.create_connection(("127.0.0.1", server.port)):
            begin = time.monotonic()
            check("--connections, --idle-timeout: a third one is answered when the two, which say nothing, are closed", server.get("/health")[0], 200)
            check("and not before", time.monotonic() - begin > 0.5)
    one = command("translate", "--model", "luong", "--precision", "int8", source=["a b c"])
    with Server("--model", "luong", "--precision", "int8", "--grace", "0", "--batch", "10000", "--batch-wait", "1000", "--timeout", "100", "--queue", "4000") as server:
        check("--precision", (server.get("/models")[1]["models"][0]["precision"], server.post("/translate", {"source": "a b c"})[1]["translations"]), ("int8", one))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            found = [pool.submit(server.post, "/translate", {"source": ["a b c d e f g h " * 8] * 100, "beam": 20}) for _ in range(4)]
            server.eventually("they wait", lambda: float(re.search(r"^heed_queue_sentences (\S+)", server.ask("GET", "/metrics")[2], re.M)[1]) > 300)
            check("--grace 0 waits for nobody", server.stop(), 0)
            for each in found:
                with contextlib.suppress(Exception):
                    each.result()
            check("who waits is told, or cut off", sum(not each.exception() and each.result()[0] == 200 for each in found) < 4)
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-subj", "/CN=localhost", "-days", "2"]
    subprocess.run(made, check=True, capture_output=True)
    with Server("--model", "luong", "--tls-certificate", "c.pem", "--tls-key", "k.pem") as server:
        connection = http.client.HTTPSConnection("localhost", server.port, context=ssl.create_default_context(cafile="c.pem"), timeout=60)
        check("TLS", server.post("/translate", {"source": "a"}, connection=connection)[0], 200)


def check_usage():
    def fails(what, status, message, *words):
        ended = subprocess.run([HEED, "serve", *words], capture_output=True, text=True, check=False)
        check(what, (ended.returncode, ended.stderr.count("\n"), message in ended.stderr), (status, 1, True))

    fails("no model", 2, "--model or --models", "--port", "0")
    fails("a model that is none", 1, "nowhere", "--model", "nowhere", "--port", "0")
    fails("two of one name", 2, "another model is named 'luong'", "--model", "luong", "--model", "./luong", "--port", "0")
    fails("half of TLS", 2, "each needs the other", "--model", "luong", "--tls-key", "k")
    pathlib.Path("short").write_text("ann 123\n", encoding="utf-8")
    fails("a key that is too short", 1, "short:1:", "--model", "luong", "--keys", "short", "--port", "0")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        fails("a port that is taken", 1, "Address already in use", "--model", "luong", "--port", str(taken.getsockname()[1]))
    fails("an address that is none", 1, "cannot listen on", "--model", "luong", "--host", "nowhere.invalid", "--port", "0")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        texts = sentences(12, seed=3)
        train(HEED, "luong", "model.attention.kind=luong-general")
        train(HEED, "luong-2", "model.attention.kind=luong-general", "training.seed=2")
        train(HEED, "plain", "model.attention.kind=none")
        subprocess.run(["cp", "-r", "luong", "luong-copy"], check=True)
        with Server("--model", "luong", "--model", "plain") as server:
            check("what is served", [each["name"] for each in server.get("/models")[1]["models"]], ["luong", "plain"])
            for each in (check_answers, check_pairs, check_events, check_opennmt, check_many):
                each(server, texts)
            for each in (check_refusals, check_document, check_hostile):
                each(server)
            check("SIGTERM ends it well", server.stop(), 0)
        check_models(texts)
        check_end()
        check_access()
        check_flags()
        check_usage()
        os.chdir("/")
    return finish()


sys.exit(main())
