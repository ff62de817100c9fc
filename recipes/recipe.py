"""What the `run` scripts of recipes have in common: data, trainings side by side, answers, figures, a table and results.json.

A `run` says what is trained and judged; here is how. Each step leaves a file in the recipe's folder, and a step whose file is
there is not done again: what was interrupted goes on where it stopped. Each training has one thread, so that its weights are the
same however many run at once.
"""
import argparse
import concurrent.futures
import dataclasses
import datetime
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import time

PROJECT = pathlib.Path(__file__).resolve().parent.parent
# Student's t of 95 %, by degrees of freedom: intervals of the mean of a few seeds.
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}
BOOTSTRAP = 1000


@dataclasses.dataclass
class Training:
    """A config and the seeds that it is trained from; `settings` are KEY=VALUE beside it."""
    config: str
    seeds: int = 3
    settings: tuple = ()


def arguments_of(description):
    parser = argparse.ArgumentParser(prog="run", description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="the same steps with small models on little data, to see that all of it works: minutes")
    parser.add_argument("--from", dest="origin", metavar="FILE|FOLDER", help="the data that you have, for fetch")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="trainings at once, of one thread each (%(default)s)")
    parser.add_argument("--background", action="store_true", help="go on without the terminal, with a log")
    parser.add_argument("--publish", action="store_true", help="also write the figures into the project: results.json beside this script, and docs/results.md")
    parser.add_argument("--heed", type=pathlib.Path, default=PROJECT / "build/release/heed", help="the program (%(default)s)")
    options = parser.parse_args()
    if options.jobs < 1:
        parser.error("--jobs: at least 1")
    if options.publish and options.tiny:
        parser.error("--publish: what --tiny makes is no result")
    options.heed = options.heed.resolve()
    if not os.access(options.heed, os.X_OK):
        parser.error(f"{options.heed} is missing: build it first (README.md), or name another: --heed")
    return options


class Recipe:
    """One run of a recipe, in runs/NAME below the folder that it is called from, its data in runs/data/DATA.

    tiny: settings of --tiny; tiny_lines: the lines of each file that it takes; tiny_seeds: the trainings of each config.
    """

    def __init__(self, description, name, data, tiny=(), tiny_lines=400, tiny_seeds=2):
        self.options = arguments_of(description)
        self.name, self.data, self.tiny_lines, self.tiny_seeds = name, pathlib.Path("runs/data") / data, tiny_lines, tiny_seeds
        self.recipe = PROJECT / "recipes" / name
        self.settings = [*tiny] if self.options.tiny else []
        self.folder = pathlib.Path("runs") / (name + "-tiny" if self.options.tiny else name)
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.options.background:
            self.go_to_background()
        self.rows, self.children, self.failure = [], set(), None
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        signal.signal(signal.SIGHUP, self.stop)
        self.fetch()
        if self.options.tiny:
            self.take_little()

    def go_to_background(self):
        log = self.folder / "log"
        words = [word for word in sys.argv if word != "--background"]
        with open(log, "ab") as file:
            process = subprocess.Popen([sys.executable, *words], stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True)
        print(f"run: process {process.pid} goes on; see {log}; kill {process.pid} stops it, and the same command goes on from there")
        sys.exit(0)

    def fetch(self):
        if self.options.origin is None and (self.data / "SHA256SUMS").exists():
            return
        origin = ["--from", self.options.origin] if self.options.origin else []
        if subprocess.run([self.recipe / "fetch", *origin, self.data]).returncode != 0:
            sys.exit(1)

    def take_little(self):
        """The run goes on in a folder of its own, where the same paths lead to the first lines of each file."""
        little = self.folder / self.data
        little.mkdir(parents=True, exist_ok=True)
        for file in self.data.iterdir():
            if not (little / file.name).exists():
                shutil.copyfile(file, little / file.name)
                self.shorten(little / file.name)
        os.chdir(self.folder)
        self.folder = pathlib.Path(".")

    def shorten(self, file):
        """With --tiny only the first lines of a file are kept."""
        if self.options.tiny:
            with open(file, encoding="utf-8") as text:
                lines = [line for line, _ in zip(text, range(self.tiny_lines))]
            file.write_text("".join(lines), encoding="utf-8")

    def stop(self, number, _):
        for child in list(self.children):
            child.send_signal(signal.SIGTERM)
        for child in list(self.children):
            child.wait()
        print(f"run: stopped; the same command goes on from here", file=sys.stderr, flush=True)
        os._exit(128 + number)

    def fail(self, message):
        """Ends the run, from whatever thread: the other trainings keep their state."""
        print(f"run: {message}", file=sys.stderr, flush=True)
        for child in list(self.children):
            child.send_signal(signal.SIGTERM)
        for child in list(self.children):
            child.wait()
        os._exit(1)

    def heed(self, *words, log=None):
        """Runs a command; its standard output."""
        with open(log, "ab") if log else open(os.devnull, "wb") as file:
            process = subprocess.Popen([str(self.options.heed), *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=file if log else subprocess.PIPE, start_new_session=True)
            self.children.add(process)
            output, errors = process.communicate()
            self.children.discard(process)
        if process.returncode != 0:
            last = (pathlib.Path(log).read_bytes() if log else errors).decode(errors="replace").strip().splitlines()
            self.fail(f"heed {words[0]} failed: {last[-1] if last else process.returncode}" + (f" ({log})" if log else ""))
        return output.decode()

    def made(self, file, make):
        """The file, which `make` writes where it is not there yet."""
        if not (self.folder / file).exists():
            (self.folder / file).parent.mkdir(parents=True, exist_ok=True)
            make(self.folder / file)
        return self.folder / file

    # ---- trainings ----

    def train(self, **trainings):
        """Trains all of them, as many at once as --jobs says; the bundles of each name, by seed."""
        names = {name: range(1, (min(training.seeds, self.tiny_seeds) if self.options.tiny else training.seeds) + 1) for name, training in trainings.items()}
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            runs = {name: [pool.submit(self.train_one, f"{name}-{seed}", trainings[name], seed) for seed in seeds] for name, seeds in names.items()}
            return {name: [run.result() for run in group] for name, group in runs.items()}

    def train_one(self, name, training, seed):
        run, done, log = self.folder / name, self.folder / f"{name}.done", self.folder / f"{name}.log"
        config = self.recipe / training.config
        settings = [*training.settings, *self.settings, f"training.seed={seed}", "training.threads=1"]
        command = json.dumps([config.read_text(encoding="utf-8"), settings])
        if done.exists():
            if done.read_text(encoding="utf-8") != command:
                self.fail(f"{run} was trained with another {training.config} or other settings; remove {done} and {run} to train it anew")
            return run
        words = [part for setting in settings for part in ("--set", setting)]
        print(f"{clock()} {run}: training, log in {log}\n", end="", flush=True)
        self.heed("train", config, *words, "--output", run, *(["--resume"] if (run / "training_state").exists() else []), log=log)
        done.write_text(command, encoding="utf-8")
        print(f"{clock()} {run}: trained in {self.minutes(run):.1f} minutes\n", end="", flush=True)
        return run

    def info(self, model):
        return json.loads(self.heed("info", model, "--format", "json"))

    def minutes(self, model):
        return self.info(model)["training"]["seconds"] / 60

    def quantized(self, model):
        """The model in int8, beside it."""
        return self.made(f"{model.name}-int8", lambda folder: self.heed("quantize", model, "--output", folder))

    # ---- answers and figures ----

    def translate(self, name, models, source, *options):
        """The file with the answers of one model, or of several as an ensemble."""
        members = [part for model in models for part in ("--model", model)]
        return self.made(f"answers/{name}", lambda file: self.heed("translate", *members, "--input", source, "--output", file, *options))

    def evaluate(self, hypotheses, references, metric, *options):
        """The metric with a 95 % interval over the lines: {"value", "low", "high"}."""
        words = [part for file in references for part in ("--references", file)]
        report = self.heed("evaluate", "--hypotheses", hypotheses, *words, "--metrics", metric, "--bootstrap", BOOTSTRAP, "--format", "json", *options)
        return json.loads(report)["systems"][0][metric.lower()]

    @staticmethod
    def errors(right):
        """The field's WER of letters to sounds, of an accuracy: the share of lines of which no accepted answer is met."""
        return {"value": 100 - right["value"], "low": 100 - right["high"], "high": 100 - right["low"]}

    def per_second(self, model, source, *options):
        """Lines a second of whole processes, one thread: the median of three."""
        lines = sum(1 for _ in open(source, encoding="utf-8"))
        times = []
        for _ in range(3):
            start = time.monotonic()
            self.heed("translate", "--model", model, "--input", source, "--output", "/dev/null", "--threads", 1, *options)
            times.append(time.monotonic() - start)
        return round(lines / statistics.median(times))

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
            row |= {"minutes": round(statistics.mean(self.minutes(model) for model in models), 1), "parameters": self.info(models[0])["parameters"]}
        self.rows.append(row | {key: value for key, value in more.items() if value is not None})

    def served(self, model, source, *options):
        """What somebody who ships it wants to know: the size of the int8 bundle and its speed."""
        small = self.quantized(model)
        size = sum(file.stat().st_size for file in small.iterdir() if file.is_file())
        return {"int8_bytes": size, "per_second": self.per_second(small, source, *options)}

    def picture(self, model, source, sentences="1"):
        """picture.svg: what the model attends to in a few lines of the source, by their numbers from 1."""
        def draw(file):
            attention = self.folder / "attention.jsonl"
            last = max(int(number) for number in sentences.replace("-", ",").split(","))
            with open(source, encoding="utf-8") as lines:
                (self.folder / "attention.source").write_text("".join(line for line, _ in zip(lines, range(last))), encoding="utf-8")
            self.heed("translate", "--model", model, "--input", self.folder / "attention.source", "--format", "jsonl", "--attention", "--output", attention)
            self.heed("view", "--input", attention, "--sentences", sentences, "--output", file)
        return self.made("picture.svg", draw)

    def finish(self):
        """Prints the table and writes results.json."""
        results = {"recipe": self.name, "commit": commit(), "machine": machine(), "date": datetime.date.today().isoformat(), "rows": self.rows}
        text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
        file = self.folder / "results.json"
        file.write_text(text, encoding="utf-8")
        print(table(self.rows))
        print(f"run: {file.resolve()}")
        if self.options.publish:
            for name in ["results.json", "picture.svg"]:
                shutil.copyfile(self.folder / name, self.recipe / name)
            subprocess.run([PROJECT / "scripts/results"], check=True)


def table(rows):
    lines = ["| system | metric | part | seeds | result | 95 % interval | goal | published |", "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        published = f"{row['published']} ({row['published_by']})" if "published" in row else ""
        lines.append(f"| {row['system']} | {row['metric']} | {row['split']} | {row['seeds']} | {row['mean']:.2f} | {row['low']:.2f} to {row['high']:.2f} "
                     f"| {row.get('goal', '')} | {published} |")
    return "\n".join(lines)


def clock():
    return time.strftime("%H:%M:%S")


def commit():
    """The project's, with a + where files differ from it."""
    done = subprocess.run(["git", "-C", PROJECT, "describe", "--always", "--dirty=+", "--exclude=*"], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def machine():
    """The processor in words, and what of it Heed uses."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        lines = file.read().splitlines()
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), os.uname().machine)
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    sets = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    return f"{name}, {os.cpu_count()} cores" + (f", {sets[-1]}" if sets else "")
