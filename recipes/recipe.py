"""What the `run` scripts of recipes have in common: data, trainings side by side, answers, figures, a table and results.json.

A `run` says what is trained and judged; here is how. Each step leaves a file in the recipe's folder, whole or not at all, and a
step whose file is there is not done again unless what it was made of is another: what was interrupted goes on where it stopped.
Each training has one thread, so that its weights are the same however many run at once.
"""
import argparse
import concurrent.futures
import dataclasses
import datetime
import filecmp
import gzip
import hashlib
import itertools
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

from programs import Programs, clock
from results_file import PROJECT, commit, faults, machine, table

# Student's t of 95 %, by degrees of freedom: intervals of the mean of a few seeds.
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228, 11: 2.201, 12: 2.179,
           13: 2.160, 14: 2.145, 15: 2.131}
BOOTSTRAP = 1000
TINY = ("training.epochs=2", "training.decay_after_epochs=1", "model.embedding=32", "model.encoder.hidden=64", "model.decoder.hidden=32")


@dataclasses.dataclass
class Training:
    """A config and the seeds that it is trained from; `settings` are KEY=VALUE beside it."""
    config: str
    seeds: int = 3
    settings: tuple = ()


@dataclasses.dataclass
class Corpus:
    """A folder in runs/data, which `fetch` makes when it is told `words` and the folder. A run goes on without what is `optional` and out of
    reach; `recipe` names another one whose fetch it is, which has no part in --from."""
    folder: str
    words: tuple = ()
    optional: bool = False
    recipe: str = ""


class Arguments(argparse.ArgumentParser):
    def error(self, message):
        print(f"run: {message}; see --help", file=sys.stderr)
        sys.exit(2)


def arguments_of(description, has_data):
    processors = len(os.sched_getaffinity(0))
    parser = Arguments(prog="run", description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--tiny", action="store_true", help="the same steps with small models on little data, to see that all of it works: minutes")
    parser.set_defaults(origin=None)
    if has_data:
        parser.add_argument("--from", dest="origin", metavar="FILE|FOLDER", help="the data that you have, for fetch")
    parser.add_argument("--jobs", type=int, default=processors, metavar="N", help="trainings at once, of one thread each (%(default)s)")
    parser.add_argument("--background", action="store_true", help="go on without the terminal, with a log")
    parser.add_argument("--publish", action="store_true", help="also write the figures into the project: results.json beside this script, and docs/results.md")
    parser.add_argument("--heed", type=pathlib.Path, default=PROJECT / "build/release/heed", help="the program (%(default)s)")
    options = parser.parse_args()
    if options.jobs < 1:
        parser.error("--jobs: at least 1")
    if options.publish and options.tiny:
        parser.error("--publish: what --tiny makes is no result")
    options.heed = options.heed.resolve()
    if not os.access(options.heed, os.X_OK) or options.heed.is_dir():
        parser.error(f"{options.heed} is missing: build it first (README.md), or name another: --heed")
    return options


class Recipe(Programs):
    """One run of a recipe, in runs/NAME below the folder that it is called from, its data in runs/data/DATA.

    data: the name of its folder, or a list of Corpus, if it has any; `corpora` has the folders of those that are there, by name.
    tiny: settings of --tiny beside TINY; tiny_lines: the lines of each file that it takes; tiny_seeds: the trainings of each config.
    """

    def __init__(self, description, name, data=(), tiny=(), tiny_lines=400, tiny_seeds=2):
        wanted = [Corpus(data)] if isinstance(data, str) else data
        self.options = arguments_of(description, has_data=any(not corpus.recipe for corpus in wanted))
        self.name, self.tiny_lines, self.tiny_seeds = name, tiny_lines, tiny_seeds
        self.recipe = pathlib.Path(sys.argv[0]).resolve().parent
        self.settings = [*TINY, *tiny] if self.options.tiny else []
        self.folder = pathlib.Path("runs") / (name + "-tiny" if self.options.tiny else name)
        self.rows = []
        super().__init__(self.folder, self.options.background)
        self.corpora = {corpus.folder: pathlib.Path("runs/data") / corpus.folder for corpus in wanted if self.fetch(corpus)}
        self.data = next(iter(self.corpora.values()), None)
        if self.options.tiny:
            self.take_little()

    # ---- programs ----

    def environment(self, name):
        """The Python with what bench/requirements/NAME.txt lists, from PyPI, or None and why there is none. --tiny installs nothing."""
        has = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "heed/python" / name / "requirements.txt"
        if self.options.tiny and not (has.exists() and filecmp.cmp(PROJECT / f"bench/requirements/{name}.txt", has, shallow=False)):
            return None, f"--tiny installs nothing: `bench/environment {name}` does"
        process = self.started([PROJECT / "bench/environment", name], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, errors = (text.decode(errors="replace").strip() for text in process.communicate())
        return (output, "") if self.ended_well(process) else (None, (errors.splitlines() or [f"bench/environment {name} failed"])[-1])

    def heed(self, *words, log=None):
        return self.program(self.options.heed, *words, log=log, name=f"heed {words[0]}")

    # ---- data ----

    def fetch(self, corpus):
        """Whether the corpus is there now."""
        folder, own = pathlib.Path("runs/data") / corpus.folder, not corpus.recipe
        origin = ["--from", self.options.origin] if own and self.options.origin else []
        if not origin and (folder / "SHA256SUMS").exists():
            return True
        script = (PROJECT / "recipes" / corpus.recipe if corpus.recipe else self.recipe) / "fetch"
        programs = {"HEED_EXTRACT_" + name.upper(): self.options.heed.with_name("heed-extract-" + name) for name in ("help", "synopses")}
        made = {variable: str(program) for variable, program in programs.items() if program.exists()}
        if self.ended_well(self.started([script, *origin, *corpus.words, folder], env=made | os.environ)):
            return True
        if not corpus.optional:
            self.end(1)  # fetch has said why
        again = " ".join([os.path.relpath(script), "--from FILE|FOLDER", *corpus.words, str(folder)])
        print(f"run: goes on without {folder}, whose figures will be missing; of data that you have `{again}` makes it", flush=True)
        return False

    def take_little(self):
        """The run goes on in a folder of its own, where the same paths lead to the first lines of each file."""
        for folder in self.corpora.values():
            for file in sorted(folder.rglob("*")):
                copy = self.folder / file
                if not file.is_file() or copy.exists():
                    continue
                copy.parent.mkdir(parents=True, exist_ok=True)
                self.first_lines(file, copy)
        os.chdir(self.folder)
        self.folder = pathlib.Path(".")

    def first_lines(self, file, copy):
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rb") as text, opened(beside(copy), "wb") as out:
            out.writelines(itertools.islice(text, self.tiny_lines))
        beside(copy).rename(copy)

    def shorten(self, file):
        """With --tiny only the first lines of a file are kept."""
        if self.options.tiny:
            self.first_lines(file, file)

    # ---- files that are made once ----

    def sum_of(self, part):
        """What tells one version of what something is made of from another: of a bundle its checksums, of a file its content, else words."""
        if not isinstance(part, pathlib.Path):
            return str(part)
        files = [part]
        if part.is_dir():
            sums = part / "checksums"
            files = [sums] if sums.exists() else sorted(file for file in part.rglob("*") if file.is_file())
        sums = hashlib.sha256()
        for file in files:
            sums.update(file.read_bytes())
        return sums.hexdigest()

    def made(self, file, make, of=()):
        """The file or folder, which `make` writes (it is given where) unless it is there, made of the same: `of` has files and bundles, as
        paths, and words."""
        file, notes = self.folder / file, self.folder / "made.json"
        name, parts = str(file.relative_to(self.folder)), [self.sum_of(part) for part in of]
        known = json.loads(notes.read_text(encoding="utf-8")) if notes.exists() else {}
        if file.exists() and known.get(name, []) == parts:
            return file
        file.parent.mkdir(parents=True, exist_ok=True)
        part = beside(file)
        for old in (part, file):
            shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
        make(part)
        if not part.exists():
            self.fail(f"nothing was written for {self.shown(file)}")
        part.rename(file)
        with self.lock:
            known = json.loads(notes.read_text(encoding="utf-8")) if notes.exists() else {}
            write_whole(notes, json.dumps(known | {name: parts}, indent=1) + "\n")
        return file

    # ---- trainings ----

    def train(self, **trainings):
        """Trains all of them, as many at once as --jobs says; the bundles of each name, by seed."""
        names = {name: range(1, (min(training.seeds, self.tiny_seeds) if self.options.tiny else training.seeds) + 1) for name, training in trainings.items()}
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            runs = {name: [pool.submit(self.train_or_fail, f"{name}-{seed}", trainings[name], seed) for seed in seeds] for name, seeds in names.items()}
            return {name: [run.result() for run in group] for name, group in runs.items()}

    def train_or_fail(self, name, training, seed):
        """What one training throws would be seen when all others have ended."""
        try:
            return self.train_one(name, training, seed)
        except Exception as error:  # pylint: disable=broad-except
            return self.fail(f"{name}: {error}")

    def train_one(self, name, training, seed):
        run, done, log = self.folder / name, self.folder / f"{name}.done", self.folder / f"{name}.log"
        config, settings = self.recipe / training.config, self.settings_of(training, seed)
        text = config.read_text(encoding="utf-8")
        if done.exists() and (run / "config.yaml").exists():
            if not trained_as(run, text, settings):
                self.fail(f"{self.shown(run)} was trained with another {training.config} or other settings; remove {self.shown(done)} and "
                          f"{self.shown(run)} to train it anew")
            return run
        words = [part for setting in settings for part in ("--set", setting)]
        resumes = (run / "training_state").exists()
        print(f"{clock()} {self.shown(run)}: {'goes on' if resumes else 'training'}, log in {self.shown(log)}\n", end="", flush=True)
        self.heed("train", config, *words, "--output", run, *(["--resume"] if resumes else []), log=log)
        write_whole(done, json.dumps({"config": text, "settings": settings, "commit": commit(), "machine": machine()}, indent=1) + "\n")
        print(f"{clock()} {self.shown(run)}: trained in {self.minutes(run):.1f} minutes\n", end="", flush=True)
        return run

    def settings_of(self, training, seed):
        return [*training.settings, *self.settings, f"training.seed={seed}", "training.threads=1"]

    def borrowed(self, name, training, run):
        """The bundles run-1, run-2, ... of runs, if another recipe has trained them just so, and this one has none of its own by this name; else
        None."""
        text = (self.recipe / training.config).read_text(encoding="utf-8")
        made = {seed: pathlib.Path("runs") / f"{run}-{seed}" for seed in range(1, training.seeds + 1)}
        there = all(trained_as(model, text, self.settings_of(training, seed)) for seed, model in made.items())
        return [*made.values()] if there and not (self.folder / f"{name}-1").exists() else None

    def info(self, model):
        return json.loads(self.heed("info", model, "--format", "json"))

    def minutes(self, model):
        return self.info(model)["training"]["seconds"] / 60

    def quantized(self, model):
        """The model in int8, beside it."""
        return self.made(f"{model.name}-int8", lambda folder: self.heed("quantize", model, "--output", folder), of=[model])

    # ---- answers and figures ----

    def translate(self, name, models, source, *options):
        """The file with the answers of one model, or of several as an ensemble."""
        members = [part for model in models for part in ("--model", model)]
        source = pathlib.Path(source)
        return self.made(f"answers/{name}", lambda file: self.heed("translate", *members, "--input", source, "--output", file, *options),
                         of=[*models, source, *options])

    def evaluate(self, hypotheses, references, metric, *options):
        """The metric with a 95 % interval over the lines: {"value", "low", "high"}."""
        words = [part for file in references for part in ("--references", file)]
        report = self.heed("evaluate", "--hypotheses", hypotheses, *words, "--metrics", metric, "--bootstrap", BOOTSTRAP, "--format", "json", *options)
        return {name.lower(): value for name, value in json.loads(report)["systems"][0].items()}[metric.lower()]

    def evaluate_links(self, links, gold, metrics):
        """Of word alignments, {metric: {"value", "low", "high"}}; gold: the files of sure and, if there are such, of possible links."""
        words = [word for flag, file in zip(["--sure", "--possible"], gold) for word in (flag, file)]
        report = self.heed("evaluate", "--alignments", links, *words, "--metrics", ",".join(metrics), "--bootstrap", BOOTSTRAP, "--format", "json")
        return json.loads(report)["systems"][0]

    @staticmethod
    def errors(right):
        """The field's WER of letters to sounds, of an accuracy: the share of lines of which no accepted answer is met."""
        return {"value": 100 - right["value"], "low": 100 - right["high"], "high": 100 - right["low"]}

    @staticmethod
    def of_rounds(times):
        """Of times that were measured in several rounds."""
        return {"value": statistics.median(times), "low": min(times), "high": max(times)}

    def per_second(self, name, source, of, *words):
        """Lines of the source a second of a whole `heed WORDS`, one thread: the median of three. Measured once, while `of` is the same."""
        def measure(file):
            with open(source, "rb") as text:
                lines = sum(1 for _ in text)
            times = []
            for _ in range(3):
                start = time.monotonic()
                self.heed(*words, "--output", "/dev/null", "--threads", 1)
                times.append(time.monotonic() - start)
            write_whole(file, f"{round(lines / statistics.median(times))}\n")

        return int(self.made(f"speed/{name}", measure, of=[*of, pathlib.Path(source), *words]).read_text(encoding="utf-8"))

    def row(self, system, metric, values, models=(), split="test", **more):
        """A line of the table: the mean of several seeds, each judged by itself, or one system. `more` goes into results.json as it is:
        published and published_by, goal, int8_bytes, per_second."""
        mean = statistics.mean(value["value"] for value in values)
        row = {"system": system, "metric": metric, "split": split, "seeds": len(values), "mean": round(mean, 2)}
        if len(values) > 1:
            half = STUDENT[len(values) - 1] * statistics.stdev(value["value"] for value in values) / len(values) ** 0.5
            row |= {"low": round(mean - half, 2), "high": round(mean + half, 2), "values": [round(value["value"], 2) for value in values]}
        else:
            row |= {"low": round(values[0]["low"], 2), "high": round(values[0]["high"], 2)}
        if models:
            row |= {"models": [model.name for model in models]}  # for scripts/release
            row |= {"minutes": round(statistics.mean(self.minutes(model) for model in models), 1), "parameters": self.info(models[0])["parameters"]}
        self.rows.append(row | {key: value for key, value in more.items() if value is not None})

    def served(self, model, source, *options):
        """What somebody who ships it wants to know: the size of the int8 bundle and its speed."""
        small = self.quantized(model)
        name = "".join(str(word) for word in [model.name, ".", pathlib.Path(source).name, *options])
        return {"int8_bytes": bytes_of(small), "per_second": self.per_second(name, source, [small], "translate", "--model", small, "--input", source, *options)}

    def picture(self, model, source, sentences="1"):
        """picture.svg: what the model attends to in a few lines of the source, by their numbers from 1."""
        def draw(file):
            attention = self.folder / "attention.jsonl"
            last = max(int(number) for number in sentences.replace("-", ",").split(","))
            with open(source, encoding="utf-8") as lines:
                (self.folder / "attention.source").write_text("".join(line for line, _ in zip(lines, range(last))), encoding="utf-8")
            self.heed("translate", "--model", model, "--input", self.folder / "attention.source", "--format", "jsonl", "--attention", "--output", attention)
            self.heed("view", "--input", attention, "--sentences", sentences, "--output", file)
        return self.made("picture.svg", draw, of=[model, pathlib.Path(source), sentences])

    def finish(self):
        """Prints the table and writes results.json."""
        trained = [json.loads(file.read_text(encoding="utf-8")) for file in self.folder.glob("*.done")]
        where = {key: ", ".join(sorted({notes[key] for notes in trained})) or now() for key, now in {"commit": commit, "machine": machine}.items()}
        results = {"recipe": self.name, **where, "date": datetime.date.today().isoformat(), "rows": self.rows}
        wrong = faults(results)
        if wrong:
            self.fail(f"no results: {wrong[0]}")
        file = self.folder / "results.json"
        text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
        write_whole(file, text)
        print(table(self.rows))
        print(f"run: {self.shown(file)}", flush=True)
        if self.options.publish:
            write_whole(self.recipe / "results.json", text)
            for name in ("picture.svg", "plot.svg"):
                if (self.folder / name).exists():
                    write_whole(self.recipe / name, (self.folder / name).read_text(encoding="utf-8"))
            self.program(PROJECT / "scripts/results", name="scripts/results")


def files_of(folder, source, target):
    """Settings that name train.SOURCE, train.TARGET, dev.SOURCE and dev.TARGET of a folder."""
    return tuple(f"data.{part}.{side}={folder}/{name}.{suffix}" for part, name in (("train", "train"), ("validation", "dev"))
                 for side, suffix in (("source", source), ("target", target)))


def bytes_of(bundle):
    return sum(file.stat().st_size for file in bundle.iterdir() if file.is_file())


def beside(file):
    """Where a file is written before it gets its name, with the same ending."""
    return file.with_name(f".new-{file.name}")


def write_whole(file, text):
    beside(file).write_text(text, encoding="utf-8")
    beside(file).rename(file)


def trained_as(run, config, settings):
    """Whether a run trained the bundle to its end with this text of a config and these settings."""
    done = run.with_name(run.name + ".done")
    if not done.exists() or not (run / "config.yaml").exists():
        return False
    notes = json.loads(done.read_text(encoding="utf-8"))
    return (without_comments(notes["config"]), notes["settings"]) == (without_comments(config), settings)


def without_comments(config):
    """The lines of a config that say something."""
    lines = (re.sub(r"(^|\s)#.*", "", line).rstrip() for line in config.splitlines())
    return [line for line in lines if line]
