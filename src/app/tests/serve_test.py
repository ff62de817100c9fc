#!/usr/bin/env python3
"""`heed serve`, asked as clients ask it, good ones and bad ones: serve_test.py PATH_OF_HEED

Answers are compared with those of the binary in the terminal.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import re
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from checks import check, finish  # noqa: E402
from server import Server  # noqa: E402
from small_models import command, sentences, train  # noqa: E402

HEED = os.path.realpath(sys.argv[1])


def check_answers(server, texts):
    for body, words in [({}, []), ({"beam": 1}, ["--beam", "1"]), ({"beam": 3, "nbest": 3, "attention": True, "token_scores": True}, ["--beam", "3", "--nbest", "3", "--attention", "--token-scores"]),
                        ({"trace": True, "normalize": "gnmt", "length_penalty": 0.6}, ["--trace", "--normalize", "gnmt", "--length-penalty", "0.6"]),
                        ({"alternatives": True, "nbest": 3, "no_repeat_ngram": 2}, ["--alternatives", "--nbest", "3", "--no-repeat-ngram", "2"]),
                        ({"sample": True, "nbest": 2, "temperature": 1.5, "top_k": 5, "seed": 7}, ["--sample", "--nbest", "2", "--temperature", "1.5", "--top-k", "5", "--seed", "7"])]:
        expected = command(HEED, "translate", "--model", "luong", *words, source=texts)
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
    expected = command(HEED, "score", "--model", "luong", "--source", "s", "--target", "t", "--attention", source=[])
    check("/score says what heed score says", server.post("/score", pairs | {"attention": True}), (200, {"model": "luong", "scores": expected}))
    expected = command(HEED, "align", "--model", "luong", "--source", "s", "--target", "t", "--shift", "0.5", source=[])
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
        check(f"{method} {path}: {status}", server.request(method, path)[0], status)
    check("405 says what is allowed", server.request("GET", "/translate")[1]["Allow"], "POST")
    check("a form is no JSON", server.request("POST", "/translate", '{"source": "a"}', {"Content-Type": "text/plain"})[0], 415)
    check("HEAD has no body", server.request("HEAD", "/health")[::2], (200, ""))


def check_hostile(server):
    """Whatever others do, the next one is answered."""
    def lives(what):
        check(f"{what}: others are answered", server.post("/translate", {"source": "a b"})[0], 200)

    head = b"POST /translate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    check("100 MB are refused unread", server.raw(head + b"Content-Length: 104857600\r\n\r\n").split(" ")[1], "413")
    check("2 MB in pieces are refused", server.raw(head + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + b"10000\r\n" + b" " * 65536 + b"\r\n" +
                                                   (b"10000\r\n" + b" " * 65536 + b"\r\n") * 31 + b"0\r\n\r\n").split(" ")[1], "413")
    check("2 MB are refused when they are read", server.request("POST", "/translate", b" " * (2 << 20))[0], 413)
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
    many = server.request("POST", "/translate", "{" + ",".join(f'"{i}":0' for i in range(90000)) + "}")[0]
    check("90,000 keys are refused at once", (many, time.monotonic() - begin < 20), (400, True))
    for origin, status in [("http://evil.example:8080", 403), ("http://localhost:8080", 200)]:
        check(f"a page of {origin}: {status}", server.request("POST", "/translate", body, {"Origin": origin})[0], status)
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
    expected = {text: answer for text, answer in zip(texts, command(HEED, "translate", "--model", "luong", source=texts))}

    def client(seed):
        numbers, connection, wrong = random.Random(seed), server.connection(), 0
        for _ in range(25):
            text = numbers.choice(texts)
            _, _, answer = server.request("POST", "/translate", {"source": text}, connection=connection)
            wrong += json.loads(answer)["translations"] != [expected[text]]
        return wrong

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        check("16 clients at once: 400 right answers", sum(pool.map(client, range(16))), 0)
    text = server.request("GET", "/metrics")[2]
    figures = dict(re.findall(r"^(\S+) ([0-9.e+]+)$", text, re.M))
    check("they were answered together", float(figures["heed_batch_sentences_sum"]) > float(figures["heed_batch_sentences_count"]))
    check("metrics count them", float(figures['heed_requests_total{route="/translate",status="200"}']) >= 400)
    check("histograms end with all", figures['heed_request_seconds_bucket{route="/translate",le="+Inf"}'], figures['heed_request_seconds_count{route="/translate"}'])
    check("every metric has a type", {name.split("{")[0] for name in figures if not name.startswith("#")} <=
          {name + end for name in re.findall(r"^# TYPE (\S+)", text, re.M) for end in ("", "_bucket", "_sum", "_count")})


def check_opennmt(server, texts):
    expected = [answer["translations"][0] for answer in command(HEED, "translate", "--model", "luong", source=texts)]
    status, found = server.post("/translator/translate", [{"src": text, "id": 100} for text in texts])
    check("OpenNMT's form", (status, [(each["src"], each["tgt"], each["pred_score"], each["n_best"]) for each in found[0]]),
          (200, [(text, each["text"], each["log_probability"], 1) for text, each in zip(texts, expected)]))
    check("its models", [(each["model_id"], each["name"], each["status"]) for each in server.get("/translator/models")[1]], [(100, "luong", "loaded"), (101, "plain", "loaded")])


def check_document(server):
    document = server.get("/openapi.json")[1]
    check("its version is the program's", document["info"]["version"], server.get("/health")[1]["version"])
    for path, methods in document["paths"].items():
        for method in methods:
            status, _, text = server.request(method.upper(), path)
            check(f"{method} {path} is there", status != 405 and '"not_found"' not in text)
    keys = set(document["components"]["schemas"]["TranslateRequest"]["properties"])
    asked = server.post("/translate", {"source": "a", "?": 1})[1]["error"]["message"]
    check("it has the keys that the server knows", keys, set(asked.split("there are: ")[1].split(", ")))


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        texts = sentences(12, seed=3)
        train(HEED, "luong", "model.attention.kind=luong-general")
        train(HEED, "plain", "model.attention.kind=none")
        with Server(HEED, "--model", "luong", "--model", "plain", "--learn", "learnt") as server:
            check("what is served", [each["name"] for each in server.get("/models")[1]["models"]], ["luong", "plain"])
            for each in (check_answers, check_pairs, check_events, check_opennmt, check_many):
                each(server, texts)
            for each in (check_refusals, check_document, check_hostile):
                each(server)
            check("SIGTERM ends it well", server.stop(), 0)
        os.chdir("/")
    return finish()


sys.exit(main())
