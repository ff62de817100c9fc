#!/usr/bin/env python3
"""`heed serve --learn`: serve_learn_test.py PATH_OF_HEED

Corrections teach a copy of a model, which is served beside it, kept, bounded in what it forgets, and taken back.
"""

import concurrent.futures
import glob
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from checks import check, finish  # noqa: E402
from server import Server  # noqa: E402
from small_models import command, sentences, train  # noqa: E402

HEED = os.path.realpath(sys.argv[1])
FREE = ("--forget", "10000")  # what is forgotten does not matter
SOURCE, TARGET = "a b c", "a a"  # a translation that nobody expects


def log_probability(server, model, source=SOURCE, target=TARGET):
    return server.ask("/score", {"model": model, "source": source, "target": target})["scores"][0]["log_probability"]


def names(server):
    return [model["name"] for model in server.get("/models")[1]["models"]]


def answers(server, model, texts):
    return server.ask("/translate", {"model": model, "source": texts})["translations"]


def perplexity(pairs):
    """Of scored pairs."""
    return math.exp(-sum(pair["log_probability"] for pair in pairs) / sum(len(pair["log_probabilities"]) for pair in pairs))


def word_error_rate(answers, references):
    for name, lines in (("answers", answers), ("references", references)):
        pathlib.Path(name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    words = [HEED, "evaluate", "--hypotheses", "answers", "--references", "references", "--metrics", "wer", "--format", "json"]
    return json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)["wer"]


def check_learning(texts):
    """A correction makes itself more probable, in a copy, and leaves the model alone."""
    with Server(HEED, "--model", "luong", "--learn", "learnt", *FREE) as server:
        base = server.ask("/translate", {"source": texts})["translations"]
        check("a model that may learn says so", server.get("/models")[1]["models"][0]["learns"])
        before = log_probability(server, "luong")
        found = server.ask("/feedback", {"source": SOURCE, "target": TARGET})
        check("what is told of a correction", {key: found[key] for key in ("model", "base", "project", "pairs", "learnt", "undo")},
              {"model": "luong@default", "base": "luong", "project": "default", "pairs": 1, "learnt": True, "undo": 1})
        check("it was unknown to both before", found["corrections"]["base"] == found["corrections"]["copy"])
        check("the copy is a model", names(server), ["luong", "luong@default"])
        check("that says what it is", [server.get("/models")[1]["models"][1][key] for key in ("base", "project", "learns")], ["luong", "default", True])
        check("and has learnt it", log_probability(server, "luong@default") > before + 0.1)
        check("the model has not changed", answers(server, "luong", texts), base)
        held_out = [pathlib.Path(f"small.dev.{side}").read_text(encoding="utf-8").splitlines() for side in ("source", "target")]
        for key, model in (("base", "luong"), ("copy", "luong@default")):
            scored = perplexity(server.ask("/score", {"model": model, "source": held_out[0], "target": held_out[1]})["scores"])
            check(f"perplexity of the validation text by the {key}", abs(found["held_out"][key] / scored - 1) < 1e-6)
            greedy = [each["translations"][0]["text"] for each in server.ask("/translate", {"model": model, "source": held_out[0], "beam": 1})["translations"]]
            check(f"and its errors by the {key}", abs(found["held_out"]["errors"][key] - word_error_rate(greedy, held_out[1])) < 1e-6)
        answer = answers(server, "luong@default", [SOURCE])[0]["translations"][0]["text"]
        check("whether it says what it was taught", (found["given"], found["said"]), (1, int(answer == TARGET)))
        copies = [answers(server, "luong@default", texts)]
        check("the copy's answers are the binary's", copies[0], command(HEED, "translate", "--model", "learnt/luong@default/copies/1", source=texts))
        said = log_probability(server, "luong@default", "b c d", "a")
        found = server.ask("/feedback", {"model": "luong@default", "source": "b c d", "target": "a"})
        check("the copy's own name says its project", (found["model"], found["pairs"]), ("luong@default", 2))
        check("a second one is learnt too", log_probability(server, "luong@default", "b c d", "a") > said)
        lengths = [len(server.ask("/score", {"source": source, "target": target})["scores"][0]["log_probabilities"]) for source, target in ((SOURCE, TARGET), ("b c d", "a"))]
        by_copy = math.exp(-(before + said) / sum(lengths))
        check("corrections are judged before they are learnt", abs(found["corrections"]["copy"] / by_copy - 1) < 1e-6)
        copies.append(answers(server, "luong@default", texts))
        check("they are kept", server.get("/feedback/luong@default")[1]["corrections_made"], [{"source": SOURCE, "target": TARGET}, {"source": "b c d", "target": "a"}])
        check("many at once", server.ask("/feedback", {"source": ["a", "b"], "target": ["b", "c"], "project": "bob"})["pairs"], 2)
        check("projects have copies of their own", (names(server), answers(server, "luong@default", texts)), (["luong", "luong@default", "luong@bob"], copies[1]))
        check("all are listed", [each["model"] for each in server.get("/feedback")[1]["projects"]], ["luong@bob", "luong@default"])
        metrics = server.request("GET", "/metrics")[2]
        check("they are counted", 'heed_corrections_total{outcome="learnt"} 4' in metrics and "heed_lesson_seconds_count 3" in metrics)
    return base, copies


def check_way_back(texts, base, copies):
    with Server(HEED, "--model", "luong", "--learn", "learnt", *FREE) as server:
        check("copies outlive the server", answers(server, "luong@default", texts), copies[1])
        ended = subprocess.run([HEED, "serve", "--model", "luong", "--learn", "learnt", "--port", "0"], capture_output=True, text=True, check=False)
        check("another one may not learn there meanwhile", (ended.returncode, ended.stderr.count("\n"), "learnt" in ended.stderr), (1, 1, True))
        found = server.ask("/feedback/undo", {"model": "luong@default"})
        check("a correction is taken back", (found["pairs"], found["undo"], answers(server, "luong@default", texts)), (1, 1, copies[0]))
        found = server.ask("/feedback/undo", {"model": "luong@default"})
        check("and the last one with the copy", (found["pairs"], found["undo"], names(server)), (0, 0, ["luong", "luong@bob"]))
        check("nothing is left of it", os.path.exists("learnt/luong@default"), False)
        check("the model is as it was", answers(server, "luong", texts), base)
        check("what is not there cannot be taken back", server.post("/feedback/undo", {"model": "luong@default"})[0], 404)
        check("a project is removed", (server.request("DELETE", "/feedback/luong@bob")[0], names(server), os.listdir("learnt")), (200, ["luong"], []))


def check_forgetting():
    source = sentences(300, seed=9)  # of which it knows what itself would say
    target = [answer["translations"][0]["text"] for answer in command(HEED, "translate", "--model", "luong", source=source)]
    pathlib.Path("own.tsv").write_text("".join(f"{line}\t{answer}\n" for line, answer in zip(source, target)), encoding="utf-8")
    with Server(HEED, "--model", "luong", "--learn", "bounded", "--model", "half", "--forget", "0", "--held-out", "own.tsv") as server:
        found = server.ask("/feedback", {"source": "a b c d e f g h", "target": "a a h"})
        check("--forget: what would make it forget is not learnt", (found["learnt"], found["pairs"], names(server)), (False, 1, ["luong", "half"]))
        check("the reason says so", "held-out" in found["reason"] and found["held_out"]["copy"] <= found["held_out"]["most"])
        check("what was refused is not learnt with another", server.ask("/feedback", {"source": "b", "target": "a a a h"})["learnt"], False)
        check("and can be taken back", server.ask("/feedback/undo", {"model": "luong@default"})["pairs"], 1)
        check("nor by weights of bfloat16", server.ask("/feedback", {"model": "half", "source": "a b c d e f g h", "target": "a a h"})["learnt"], False)
        check("--held-out: 200 of these pairs", found["held_out"]["pairs"], 200)
        check("it is counted", 'heed_corrections_total{outcome="refused"} 3' in server.request("GET", "/metrics")[2])
        check("it can be taken back", server.ask("/feedback/undo", {"model": "luong@default"})["pairs"], 0)
    with Server(HEED, "--model", "luong", "--learn", "fast", *FREE, "--learn-rate", "1") as fast, Server(HEED, "--model", "luong", "--learn", "slow", *FREE, "--learn-rate", "0.001") as slow:
        learnt = []
        for server in (fast, slow):
            server.ask("/feedback", {"source": SOURCE, "target": TARGET})
            learnt.append(log_probability(server, "luong@default"))
        check("--learn-rate", learnt[0] > learnt[1])


def check_refusals():
    pair = {"source": "a", "target": "b"}
    with Server(HEED, "--model", "luong", "--model", "both=luong,luong-2", "--model", "small=int8", "--model", "lost", "--learn", "refused", *FREE, "--projects", "1") as server:

        def refused(what, status, body, holds=""):
            found = server.post("/feedback", body)
            check(what, (found[0], holds in found[1].get("error", {}).get("message", "")), (status, True))

        refused("a model that is not there", 404, pair | {"model": "en"}, "en")
        refused("no target", 400, {"source": "a"}, "target")
        refused("an unknown key", 400, pair | {"sauce": "a"}, "sauce")
        refused("a line break", 422, {"source": "a\nb", "target": "b"}, "line break")
        refused("a tab", 422, {"source": "a", "target": "b\tc"}, "'target'")
        refused("a blank", 422, {"source": "a", "target": " "}, "blank")
        refused("a sentence that is too long", 422, {"source": "a " * 81, "target": "b"}, "81 tokens")
        refused("words that it does not know", 422, {"source": "a", "target": "a ab"}, "1 of 2 tokens")
        refused("an ensemble", 422, pair | {"model": "both"}, "ensemble")
        refused("weights of int8", 422, pair | {"model": "small"}, "int8")
        refused("a model without a held-out text", 422, pair | {"model": "lost"}, "nowhere")
        check("as it was told at the start", "model 'lost' does not learn: its held-out text" in server.told())
        check("which is no project", os.listdir("refused"), [])
        for name in ("", "a b", "../up", ".a", "a" * 65):
            refused(f"a project named {name[:5]!r}", 422 if name else 200, pair | {"project": name})
        refused("one more than --projects", 422, pair | {"project": "more"}, "1 projects")
        refused("another project than the copy's", 422, pair | {"model": "luong@default", "project": "more"}, "default")
        check("who learns is told", [model["learns"] for model in server.get("/models")[1]["models"]], [True, False, False, False, True])
    with Server(HEED, "--model", "luong") as server:
        check("without --learn nothing is learnt", (server.post("/feedback", pair)[0], server.get("/models")[1]["models"][0]["learns"]), (404, False))

    def fails(what, *words):
        ended = subprocess.run([HEED, "serve", "--model", "luong", "--port", "0", *words], capture_output=True, text=True, check=False)
        check(what, (ended.returncode, ended.stderr.count("\n")), (2, 1))

    fails("--forget without --learn", "--forget", "1")
    fails("--held-out that is none", "--learn", "x", "--held-out", "a,b,c")


def check_traffic():
    """Corrections that come together are learnt together; who asks meanwhile is answered; an end loses nothing that was told."""
    with Server(HEED, "--model", "luong", "--learn", "traffic", *FREE, "--threads", "2") as server, concurrent.futures.ThreadPoolExecutor(12) as pool:
        told = [pool.submit(server.post, "/feedback", {"source": text, "target": "a", "project": "all"}) for text in sentences(8, seed=5)]
        asked = [pool.submit(server.post, "/translate", {"source": text}) for text in sentences(20, seed=6)]
        check("others are answered", {each.result()[0] for each in asked}, {200})
        long = pool.submit(server.post, "/feedback", {"source": "a " * 81, "target": "b", "project": "all"})
        check("all are learnt", {each.result()[0] for each in told}, {200})
        check("but what is wrong", long.result()[0], 422)
        check("which is nobody else's fault", server.get("/feedback/luong@all")[1]["pairs"], 8)
    with Server(HEED, "--model", "luong", "--learn", "ends", *FREE, "--grace", "0", "--projects", "1000") as server, concurrent.futures.ThreadPoolExecutor(150) as pool:
        told = [pool.submit(server.post, "/feedback", {"source": "a", "target": "b", "project": f"p{i}"}) for i in range(150)]
        refused = lambda: any(each.done() and not each.exception() and each.result()[0] == 429 for each in told)
        server.eventually("some are learnt, some are too many", lambda: len(server.get("/feedback")[1]["projects"]) > 1 and refused())
        check("it ends well while it learns", server.stop(), 0)
        statuses = [each.result()[0] for each in told if not each.exception()]
        check("others are told that it ends, or cut off", set(statuses) <= {200, 429, 503})
    with Server(HEED, "--model", "luong", "--learn", "ends", *FREE, "--timeout", "0.1", "--projects", "1000") as server, concurrent.futures.ThreadPoolExecutor(12) as pool:
        check("what was told to be learnt is", sum(each["pairs"] == 1 for each in server.get("/feedback")[1]["projects"]) >= statuses.count(200))
        check("nothing half made is left", [name for name in os.listdir("ends") if not os.path.isdir(f"ends/{name}/copies/1") or glob.glob(f"ends/{name}/work*")], [])
        # One lesson may take less than the timeout, a dozen do not.
        told = [pool.submit(server.post, "/feedback", {"source": "b", "target": "a", "project": f"late{i}"}) for i in range(12)]
        found = [each.result() for each in told]
        late = [answer["error"]["code"] for status, answer in found if status == 503]
        check("--timeout", ({status for status, _ in found} <= {200, 503}, set(late)), (True, {"timeout"}))
        learnt = lambda: sum(each["model"].startswith("luong@late") for each in server.get("/feedback")[1]["projects"])
        server.eventually("they are learnt all the same", lambda: learnt() == 12)


def check_damage(texts):
    """What somebody else did to the folder is told, and nothing is lost of it."""
    with Server(HEED, "--model", "luong", "--learn", "damaged", *FREE) as server:
        for project in ("good", "bad", "lost"):
            server.ask("/feedback", {"source": SOURCE, "target": TARGET, "project": project})
        before = answers(server, "luong@good", texts)
    subprocess.run("rm -r damaged/luong@lost/copies; cp damaged/luong@bad/project.json kept; truncate -s 100 damaged/luong@bad/project.json", shell=True, check=True)
    with Server(HEED, "--model", "luong", "--learn", "damaged", *FREE) as server:
        check("what is damaged is left out", (names(server), answers(server, "luong@good", texts)), (["luong", "luong@good"], before))
        check("and told", ("'luong@bad' is left out" in server.told(), "'luong@lost' cannot be loaded" in server.told()), (True, True))
        check("nothing is learnt over it", server.post("/feedback", {"source": "a", "target": "b", "project": "bad"})[0] in (422, 503))
        check("its folder stays", os.path.getsize("damaged/luong@bad/project.json"), 100)
        os.rename("kept", "damaged/luong@bad/project.json")
        found = server.ask("/feedback", {"source": "a", "target": "b", "project": "bad"})
        check("what was mended goes on", (found["pairs"], "luong@bad" in names(server)), (2, True))
        check("a model answers where none is named, not a copy", server.ask("/translate", {"source": "a"})["model"], "luong")


def check_other_base(texts):
    """A copy of a model that is another one now answers, and learns no more."""
    subprocess.run(["cp", "-r", "luong", "moved"], check=True)
    with Server(HEED, "--model", "moved", "--learn", "moves", *FREE) as server:
        server.ask("/feedback", {"source": SOURCE, "target": TARGET})
        before = answers(server, "moved@default", texts)
        os.rename("moved", "earlier")
        subprocess.run(["cp", "-r", "luong-2", "moved"], check=True)
        server.eventually("the model is another one", lambda: "was loaded anew" in server.told())
        check("its copy is not", answers(server, "moved@default", texts), before)
        found = server.post("/feedback", {"source": SOURCE, "target": TARGET})
        check("which learns no more", (found[0], "another one" in found[1]["error"]["message"]), (422, True))


def check_projects_of_keys():
    pathlib.Path("keys").write_text("anna 0123456789abcdef\nb@b 0123456789abcdee\n", encoding="utf-8")
    with Server(HEED, "--model", "luong", "--keys", "keys", "--learn", "keyed", *FREE) as server:

        def status(key, body):
            return server.post("/feedback", body, headers={"Authorization": f"Bearer {key}"})

        pair = {"source": "a", "target": "b"}
        check("who has no key teaches nothing", server.post("/feedback", pair)[0], 401)
        check("a key's name is the project", status("0123456789abcdef", pair)[1]["model"], "luong@anna")
        check("where it can be one", status("0123456789abcdee", pair)[0], 422)
        check("and another may be named", status("0123456789abcdee", pair | {"project": "anna"})[1]["pairs"], 2)


def check_models_that_go(texts):
    """A copy is there as long as its model is."""
    os.mkdir("folder")
    subprocess.run(["cp", "-r", "luong", "folder/one"], check=True)
    with Server(HEED, "--models", "folder", "--learn", "going", *FREE) as server:
        server.ask("/feedback", {"source": SOURCE, "target": TARGET})
        before = answers(server, "one@default", texts)
        os.rename("folder/one", "one")
        server.eventually("the copy goes with its model", lambda: names(server) == [])
        os.rename("one", "folder/one")
        server.eventually("and comes with it", lambda: names(server) == ["one", "one@default"])
        check("as it was", answers(server, "one@default", texts), before)


def check_features():
    tags = ["X" if len(line.split()) % 2 else "Y" for line in pathlib.Path("small.source").read_text(encoding="utf-8").splitlines()]
    lines = zip(pathlib.Path("small.source").read_text(encoding="utf-8").splitlines(), tags, pathlib.Path("small.target").read_text(encoding="utf-8").splitlines())
    pathlib.Path("tagged.tsv").write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
    files = {"tsv": "tagged.tsv", "columns": [1, 3]}
    config = {"data": {"train": files, "validation": files, "source": {"tokenizer": "spaces", "features": {"name": "tag", "column": 2}}, "target": {"tokenizer": "spaces"}},
              "model": {"embedding": 16, "encoder": {"hidden": 16}, "decoder": {"hidden": 16}}, "training": {"epochs": 1, "threads": 1}, "output": "tagged"}
    pathlib.Path("tagged.yaml").write_text(json.dumps(config), encoding="utf-8")
    subprocess.run([HEED, "train", "tagged.yaml", "--quiet"], check=True)
    with Server(HEED, "--model", "tagged", "--learn", "tags", *FREE) as server:
        pair = {"source": "a b", "target": "a", "features": {"tag": "X"}}
        check("features are learnt from", (server.ask("/feedback", pair)["learnt"], server.get("/feedback/tagged@default")[1]["corrections_made"][0]["features"]), (True, {"tag": "X"}))
        check("and needed", server.post("/feedback", {"source": "a b", "target": "a"})[0], 422)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        train(HEED, "luong", "model.attention.kind=luong-general")
        train(HEED, "luong-2", "model.attention.kind=luong-general", "training.seed=2")
        subprocess.run([HEED, "quantize", "luong", "--output", "int8"], check=True, capture_output=True)
        subprocess.run([HEED, "quantize", "luong", "--precision", "bfloat16", "--output", "half"], check=True, capture_output=True)
        subprocess.run("cp small.dev.source nowhere.source; cp small.dev.target nowhere.target", shell=True, check=True)
        train(HEED, "lost", "data.validation.source=nowhere.source", "data.validation.target=nowhere.target")
        os.remove("nowhere.source")
        texts = sentences(12, seed=3)
        check_way_back(texts, *check_learning(texts))
        check_forgetting()
        check_refusals()
        check_traffic()
        check_projects_of_keys()
        check_models_that_go(texts)
        check_damage(texts)
        check_other_base(texts)
        check_features()
        os.chdir("/")
    return finish()


sys.exit(main())
