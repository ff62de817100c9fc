#!/usr/bin/env python3
"""`heed serve` from its start to its end: serve_life_test.py PATH_OF_HEED

Models come, change and go; it ends when all is answered; who may ask; its flags.
"""

import concurrent.futures
import http.client
import json
import os
import pathlib
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
from server import Server, UnixConnection  # noqa: E402
from small_models import command, sentences, train  # noqa: E402

HEED = os.path.realpath(sys.argv[1])


def check_models(texts):
    """Models come, change and go while requests are answered."""
    os.mkdir("folder")
    with Server(HEED, "--models", "folder", "--admin", "admin.socket", "--threads", "2") as server:
        check("no model", server.post("/translate", {"source": "a"})[1]["error"]["code"], "no_model")
        os.rename("luong-copy", "folder/one")
        server.eventually("a model that comes is served", lambda: server.post("/translate", {"source": "a"})[0] == 200)
        admin = UnixConnection("admin.socket")
        check("nobody else may use the admin socket", os.stat("admin.socket").st_mode & 0o777, 0o600)
        check("one is loaded by name", server.post("/models", {"name": "two", "path": "plain"}, connection=admin)[0], 201)
        check("and answers", server.post("/translate", {"source": "a", "model": "two"})[0], 200)
        ensemble = {"name": "both", "path": ["luong", "luong-2"]}
        check("an ensemble", server.post("/models", ensemble, connection=admin)[0], 201)
        expected = command(HEED, "translate", "--model", "luong", "--model", "luong-2", source=texts)
        check("answers as one", server.post("/translate", {"source": texts, "model": "both"})[1]["translations"], expected)
        check("what cannot be loaded is refused", server.post("/models", {"name": "three", "path": "nowhere"}, connection=admin)[0], 422)
        check("on the other address there is no such path", server.request("DELETE", "/models/two")[0], 404)

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
        expected = command(HEED, "translate", "--model", "luong-2", source=texts)
        server.eventually("files that change are loaded anew", lambda: shown("three") == expected)
        check("the admin socket lists what there is", [each["name"] for each in json.loads(server.request("GET", "/models", connection=admin)[2])["models"]], ["one", "two", "both", "three"])
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
        check("a model is dropped", server.request("DELETE", "/models/two", connection=admin)[0], 200)
        check("and is gone", server.post("/translate", {"source": "a", "model": "two"})[0], 404)
        os.rename("folder/one", "luong-copy")
        server.eventually("what goes from the folder is gone", lambda: "one" not in [each["name"] for each in server.get("/models")[1]["models"]])
        check("SIGTERM ends it well", server.stop(), 0)
    check("the socket is gone", os.path.exists("admin.socket"), False)


def check_end():
    """SIGTERM: what has come is answered. So that nothing is answered before, sentences wait for more than will come."""
    with Server(HEED, "--model", "luong", "--batch", "1000", "--batch-wait", "3000") as server:
        body = {"source": ["a b c d e f g h"] * 40}
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(server.post, "/translate", body) for _ in range(8)]
            server.eventually("they have come", lambda: float(re.search(r"^heed_queue_sentences (\S+)", server.request("GET", "/metrics")[2], re.M)[1]) > 280)  # so all eight have
            check("it ends well", server.stop(), 0)
            check("all are answered", [(status, len(found.get("translations", []))) for status, found in (each.result() for each in answers)], [(200, 40)] * 8)
    with Server(HEED, "--model", "luong", "--queue", "50", "--timeout", "0.5", "--batch", "1000", "--batch-wait", "10000") as server:
        body = {"source": ["a b c d e f g h"] * 45}
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            found = [each.result() for each in [pool.submit(server.request, "POST", "/translate", body) for _ in range(6)]]
        check("too late, and too many at once: 503 and 429", sorted(status for status, _, _ in found), [429] * 5 + [503])
        check("and when to ask again", {headers.get("Retry-After") for status, headers, _ in found}, {"1"})
        check("then it answers again", server.post("/translate", {"source": "a", "sample": True})[0], 200)  # which waits for nobody


def check_access():
    pathlib.Path("keys").write_text("# who may\nann 0123456789abcdef\nbob fedcba9876543210\n", encoding="utf-8")
    with Server(HEED, "--model", "luong", "--keys", "keys", "--cors", "https://example.org", "--access-log", "log") as server:
        ann = {"Authorization": "Bearer 0123456789abcdef"}
        check("no key", server.request("POST", "/translate", {"source": "a"})[0], 401)
        check("another key", server.request("POST", "/translate", {"source": "a"}, {"Authorization": "Bearer 0123456789abcdeX"})[0], 401)
        check("a key", server.request("POST", "/translate", {"source": ["a", "b"]}, ann)[0], 200)
        check("health needs none", server.request("GET", "/health")[0], 200)
        origin = {"Origin": "https://example.org"}
        check("a page that may ask", server.request("GET", "/models", headers=ann | origin)[1]["Access-Control-Allow-Origin"], "https://example.org")
        check("another page", server.request("GET", "/models", headers=ann | {"Origin": "https://example.com"})[1]["Access-Control-Allow-Origin"], None)
        status, headers, _ = server.request("OPTIONS", "/translate", headers=origin)
        check("it asks first", (status, headers["Access-Control-Allow-Methods"]), (204, "POST"))
        os.rename("log", "log.1")
        server.request("GET", "/health")
        server.eventually("a log that is renamed is made anew", lambda: os.path.exists("log"))
        lines = [json.loads(line) for line in pathlib.Path("log.1").read_text(encoding="utf-8").splitlines()]
        answered = next(line for line in lines if line["status"] == 200 and line["path"] == "/translate")
        check("a line of the log", [answered[key] for key in ("client", "method", "user", "model", "sentences")], ["127.0.0.1", "POST", "ann", "luong", 2])
        pathlib.Path("keys").write_text("eve aaaaaaaaaaaaaaaa\n", encoding="utf-8")
        server.process.send_signal(signal.SIGHUP)
        server.eventually("SIGHUP reads the keys anew", lambda: server.request("GET", "/models", headers=ann)[0] == 401)


def check_flags():
    """What no other check has asked for."""
    def status(server, body):
        return server.post("/translate", body)[0]

    with Server(HEED, "--model", "first=luong,luong-2", "--model", "second=plain", "--host", "localhost", "--max-sentences", "2", "--max-length", "4", "--max-beam", "3", "--max-body", "500",
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
    one = command(HEED, "translate", "--model", "luong", "--precision", "int8", source=["a b c"])
    with Server(HEED, "--model", "luong", "--precision", "int8", "--grace", "0", "--batch", "10000", "--batch-wait", "3000", "--timeout", "100", "--queue", "4000") as server:
        check("--precision", (server.get("/models")[1]["models"][0]["precision"], server.post("/translate", {"source": "a b c"})[1]["translations"]), ("int8", one))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            found = [pool.submit(server.post, "/translate", {"source": ["a b c d e f g h " * 8] * 100, "beam": 20}) for _ in range(4)]
            server.eventually("they wait", lambda: float(re.search(r"^heed_queue_sentences (\S+)", server.request("GET", "/metrics")[2], re.M)[1]) > 300)
            check("--grace 0 waits for nobody", server.stop(), 0)
            check("who waits is told", [each.result()[1]["error"]["code"] for each in found], ["stopping"] * 4)
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-subj", "/CN=localhost", "-days", "2"]
    subprocess.run(made, check=True, capture_output=True)
    with Server(HEED, "--model", "luong", "--tls-certificate", "c.pem", "--tls-key", "k.pem") as server:
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
        train(HEED, "luong", "model.attention.kind=luong-general")
        train(HEED, "luong-2", "model.attention.kind=luong-general", "training.seed=2")
        train(HEED, "plain", "model.attention.kind=none")
        subprocess.run(["cp", "-r", "luong", "luong-copy"], check=True)
        check_models(sentences(12, seed=3))
        check_end()
        check_access()
        check_flags()
        check_usage()
        os.chdir("/")
    return finish()


sys.exit(main())
