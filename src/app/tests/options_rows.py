"""The rows of options_test.py: what every key of a config and every flag of a command must change."""

import json
import os
import re
import resource
import subprocess
import sys

from checks import check

heed = os.path.realpath(sys.argv[1])


# ---- what is looked at ----


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Run:
    """A command that has ended. Its words are split at spaces."""

    def __init__(self, words, stdin=b"", limits=()):
        def confine():
            for what, limit in limits:
                resource.setrlimit(what, (limit, limit))

        process = subprocess.Popen(
            [heed] + words.split(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=confine
        )
        self.out, self.err = process.communicate(stdin, timeout=120)
        self.status = process.returncode


def out(run):
    """Of a command that must work: what it writes."""
    check_works(run)
    return run.out


def drawn(run):
    """What a training draws among what it says."""
    check_works(run)
    return [line for line in run.err.decode().splitlines() if re.search("[░▒▓█]", line)]


def status(run):
    return run.status


def check_works(run):
    if run.status != 0:
        check("the command works", (run.status, run.err[-300:]), 0)


def file(name):
    """A file that a command writes, which goes away again."""

    def look(run):
        check_works(run)
        content = read(name) if os.path.exists(name) else None
        if content is not None:
            os.remove(name)
        return content

    return look


def counts(run):
    """Of a line of `heed bench` what is no time, rate, or memory of the whole process."""
    check_works(run)

    def without_times(value):
        if isinstance(value, list):
            return [without_times(each) for each in value]
        if isinstance(value, dict):
            return {key: without_times(each) for key, each in value.items() if not re.search(TIMES, key)}
        return value

    return without_times(json.loads(run.out))


TIMES = "second|gflops|share|growth|peak_memory"


# Of a training, whose folder is `run`.


def weights(run):
    check_works(run)
    return read("run/training_state/parameters.safetensors")


def best(run):
    check_works(run)
    return read("run/parameters.safetensors")


def validations(run):
    """What the history has of them: numbers, translations, attention."""
    check_works(run)
    events = [json.loads(line) for line in read("run/training_state/history.jsonl").splitlines()]
    return [{name: event[name] for name in event if "second" not in name} for event in events if event["kind"] == "validation"]


def saves(run):
    """The updates whose state was saved."""
    check_works(run)
    events = [json.loads(line) for line in read("run/train.jsonl").splitlines()]
    return [event.get("update") for event in events if event.get("event") == "saved"]


def tested(run):
    check_works(run)
    return read("run/test.json") if os.path.exists("run/test.json") else None


def rates(run):
    check_works(run)
    return re.findall(rb'"learning_rate":[^,}]*', read("run/training_state/history.jsonl") + read("run/training_state/position.json"))


def end(run):
    check_works(run)
    return run.err.splitlines()[-1]


def folders(run):
    check_works(run)
    return sorted(os.listdir("run")) if os.path.isdir("run") else None


# ---- rows ----


class Key:
    """A value of a key, with others beside it."""

    def __init__(self, value, beside="", sees=weights, config="config.yaml", without=None):
        self.value, self.beside, self.sees, self.config, self.without = value, beside, sees, config, without


STILL = "training.optimizer=sgd training.learning_rate=1e-12 training.schedule.minimum=0 training.epochs=3"

KEYS = {
    "format_version": "src/app/tests/commands_test.sh",  # a bundle's, not a training's
    "data.train.source": Key("other.source"),
    "data.train.target": Key("other.target"),
    "data.train.tsv": Key("train.tsv", config="nothing.yaml", sees=status),
    "data.validation.source": Key("other.dev", sees=validations),
    "data.validation.target": Key("other.dev", sees=validations),
    "data.validation.tsv": Key("dev.tsv", config="unvalidated.yaml", sees=status),
    "data.test.source": Key("other.dev", "data.test.source=dev data.test.target=dev", sees=tested),
    "data.test.target": Key("other.dev", "data.test.source=dev data.test.target=dev", sees=tested),
    "data.test.tsv": Key("dev.tsv", sees=tested),
    "data.source.tokenizer": Key("characters"),
    "data.source.vocabulary": Key("7"),
    "data.source.min_count": Key("2"),
    "data.source.lowercase": Key("true"),
    "data.source.max_length": Key("3"),
    "data.target.tokenizer": Key("characters"),
    "data.target.vocabulary": Key("7"),
    "data.target.min_count": Key("2"),
    "data.target.lowercase": Key("true"),
    "data.target.max_length": Key("3"),
    "data.max_output": Key("1", sees=validations),
    "model.embedding": Key("9"),
    "model.encoder.cell": Key("gru"),
    "model.encoder.layers": Key("2"),
    "model.encoder.hidden": Key("10"),
    "model.encoder.bidirectional": Key("false"),
    "model.encoder.residual": Key("true", "model.encoder.layers=2"),
    "model.encoder.pyramid": Key("1", "model.encoder.layers=2"),
    "model.decoder.cell": Key("gru"),
    "model.decoder.layers": Key("2"),
    "model.decoder.hidden": Key("9"),
    "model.decoder.residual": Key("true", "model.decoder.layers=2"),
    "model.decoder.bridge": Key("zero"),
    "model.decoder.input_feeding": Key("false"),
    "model.decoder.deep_output": Key("true"),
    "model.attention.kind": Key("bahdanau"),
    "model.attention.entry": Key("conditional"),
    "model.attention.layers": Key("each", "model.decoder.layers=2"),
    "model.attention.source": Key("all", "model.encoder.layers=2"),
    "model.attention.normalizer": Key("sparsemax"),
    "model.attention.temperature": Key("3"),
    "model.attention.scale": Key("none"),
    "model.attention.hops": Key("2"),
    "model.attention.combine": Key("gate", "model.attention.kind=bahdanau+luong-general"),
    "model.attention.heads": Key("2", "model.attention.kind=multi-head"),
    "model.attention.score": Key("bahdanau", "model.attention.kind=multi-head"),
    "model.attention.window": Key("1", "model.attention.kind=luong-local-m"),
    "model.attention.chunk": Key("2", "model.attention.kind=monotonic-chunkwise"),
    "model.attention.filters": Key("3", "model.attention.kind=location-sensitive"),
    "model.attention.filter_width": Key("3", "model.attention.kind=location-sensitive"),
    "model.attention.positions": Key("3", "model.attention.kind=luong-location"),
    "model.attention.noise": Key("0", "model.attention.kind=monotonic-soft"),
    "model.attention.hard": Key("true", "model.attention.kind=monotonic-soft", sees=validations),
    "model.copy": Key("pointer-generator"),
    "model.output": Key("pointer-generator"),
    "model.source_embedding": Key("9"),
    "model.target_embedding": Key("9"),
    "model.tied": Key("target"),
    "model.dropout.source": Key("0.5"),
    "model.dropout.target": Key("0.5"),
    "model.dropout.encoder": Key("0.5", "model.encoder.layers=2"),
    "model.dropout.memory": Key("0.5"),
    "model.dropout.decoder": Key("0.5", "model.decoder.layers=2"),
    "model.dropout.output": Key("0.5"),
    "model.dropout.attention": Key("0.5"),
    "model.dropout.recurrent": Key("0.5"),
    "model.dropout.source_words": Key("0.5"),
    "model.dropout.target_words": Key("0.5"),
    "training.optimizer.kind": Key("sgd"),
    "training.optimizer.betas": Key("[0.8,0.99]"),
    "training.optimizer.epsilon": Key("0.01"),
    "training.optimizer.momentum": Key("0.5", "training.optimizer=momentum"),
    "training.optimizer.rho": Key("0.5", "training.optimizer=rmsprop"),
    "training.optimizer.initial_accumulator": Key("0.1", "training.optimizer=adagrad"),
    "training.optimizer.weight_decay": Key("0.1"),
    "training.learning_rate": Key("0.02"),
    "training.batch_sentences": Key("4"),
    "training.batch_tokens": Key("20", config="tokens.yaml"),
    "training.accumulate": Key("2"),
    "training.epochs": Key("1"),
    "training.max_minutes": Key("0.0000001"),  # passed at the first update, on any machine
    "training.clip_norm": Key("0.01"),
    "training.clip_value": Key("0.001", "training.clip_norm=0"),
    "training.label_smoothing": Key("0.2"),
    "training.coverage_loss": Key("1"),
    "training.schedule.kind": Key("inverse-sqrt", sees=rates),
    "training.schedule.warmup_updates": Key("3", sees=rates),
    "training.schedule.total_updates": Key("3", "training.schedule=linear", sees=rates),
    "training.schedule.decay": Key("0.1", STILL, sees=rates),
    "training.schedule.patience": Key("0", STILL, sees=rates),
    "training.schedule.threshold": Key("0.4", "training.epochs=6 training.schedule.patience=0", sees=rates),
    "training.schedule.metric": Key("bleu", "training.epochs=9 training.schedule.patience=0 training.schedule.threshold=0.1", sees=rates),
    "training.schedule.back_to_best": Key("true", "training.learning_rate=1 training.epochs=5 training.schedule.patience=0"),
    "training.schedule.minimum": Key("7e-13", STILL, sees=rates),
    "training.schedule.start": Key("1epoch", "training.schedule=halve", sees=rates),
    "training.schedule.every": Key("2updates", "training.schedule=exponential", sees=rates),
    "training.decay_after_epochs": Key("1", sees=rates),
    "training.decay_after_minutes": Key("0.00000001", "training.max_minutes=0.0000001", sees=rates),
    "training.final_rate": Key("0.5", "training.decay_after_epochs=1", sees=rates),
    "training.early_stop": Key("1", STILL, sees=validations),
    "training.metrics": Key("[perplexity,chrf,per]", sees=validations),
    "training.best_by": Key("perplexity", "training.epochs=3", sees=end),
    "training.seed": Key("2"),
    "training.precision": Key("bfloat16"),
    "training.threads": Key("2"),
    "training.validate_every": Key("2updates", sees=validations),
    "training.checkpoint_every": Key("2updates", sees=saves),
    "training.start_from": Key("another"),
    "training.start_vocabulary": Key("new", "training.start_from=another data.train.source=other.source"),
    "training.max_skipped": Key("3", "training.spike_factor=0.5 training.epochs=40"),
    "training.spike_factor": Key("0.9", "training.epochs=40"),
    "training.keep_last": Key("2", sees=folders),
    "training.keep_best": Key("2", sees=folders),
    "training.average_decay": Key("0.5", sees=best),
    "training.validation_sentences": Key("1", sees=validations),
    "training.validation_beam": Key("3", sees=validations),
    "training.validation_tokenize": Key("13a", "training.metrics=bleu", sees=validations, config="stops.yaml"),
    "training.validation_samples": Key("1", sees=validations),
    "training.tensorboard": Key("true", sees=folders),
    "output": Key("run", sees=folders, without="elsewhere"),
}


class Flag:
    """A command, and the words that are added to it: or, where they begin with the command's name, stand in its place."""

    def __init__(self, usual, added, sees=out, stdin=b""):
        self.usual, self.sees, self.stdin = usual, sees, stdin
        self.changed = added if added.split()[0] == usual.split()[0] else usual + " " + added


class Threads:
    """In little address space with large stacks a command has room for one thread, not for twelve."""

    def __init__(self, command):
        self.command = command

    def check(self, what):
        limits = [(resource.RLIMIT_STACK, 256 << 20), (resource.RLIMIT_AS, 1500 << 20)]
        statuses = [Run(f"{self.command} --threads {threads}", limits=limits).status for threads in (1, 12)]
        check(what, statuses, [0, 1])


class Memory:
    """Sentences that are computed together need more memory than one alone."""

    def __init__(self, command):
        self.command = command

    def check(self, what):
        peaks = []
        for batch in (1, 1000):
            code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); " \
                "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
            words = f"{self.command} --batch {batch}".split()
            peaks.append(int(subprocess.run([sys.executable, "-c", code, heed] + words, stdout=subprocess.PIPE, check=True).stdout))
        check(f"{what}: {peaks} KB", peaks[1] > peaks[0] + 3000)


TRANSLATE = "translate --model model --input dev --format jsonl"
SCORE = "score --model model --source dev --target other.dev"
ALIGN = "align --model model --source long --target long"
SHORTLIST = "shortlist --model model --source dev --target dev --output list"
EVALUATE = "evaluate --hypotheses lower --references upper"
LINKS = "evaluate --metrics aer --alignments links --sure sure"
VIEW = "view --input seen.jsonl"
SVG = VIEW + " --format svg"
PAIRS = "view --input scored.jsonl --format svg"
REPORT = "report history --sentences 4"

SMALL = " --hidden 16 --embedding 8 --layers 1 --vocabulary 50 --source-length 5 --target-length 4"
BENCH_TRAIN = "bench train --updates 2 --batch 4 --threads 1" + SMALL
BENCH_TRANSLATE = "bench translate --sentences 4 --batch 2" + SMALL
BENCH_ATTENTION = "bench attention --attention bahdanau --source-lengths 3 --hidden 8 --batch 2 --target-length 3 --vocabulary 20" \
    " --repetitions 1"


def sizes(usual):
    """The flags of a model, of a command whose own value of each is another."""
    command = " ".join(usual.split()[:2])
    of = {name: value for name, value in zip(usual.split(), usual.split()[1:]) if name.startswith("--")}
    changed = {"--vocabulary": "60", "--embedding": "9", "--hidden": "18", "--layers": "2", "--batch": "3", "--source-length": "6",
               "--target-length": "5", "--attention": "bahdanau", "--cell": "gru", "--precision": "bfloat16", "--threads": "2"}
    rows = {}
    for flag, value in changed.items():
        words = usual.replace(f"{flag} {of[flag]}", f"{flag} {value}") if flag in of else f"{usual} {flag} {value}"
        rows[f"{command} {flag}"] = Flag(usual, words, sees=counts)
    return rows


FLAGS = {
    **sizes(BENCH_TRAIN),
    "bench train --accumulate": Flag(BENCH_TRAIN.replace("--batch 4", "--batch 512"), "--accumulate 64", sees=counts),
    "bench train --updates": Flag(BENCH_TRAIN, BENCH_TRAIN.replace("--updates 2", "--updates 3"), sees=counts),
    **sizes(BENCH_TRANSLATE),
    "bench translate --beam": Flag(BENCH_TRANSLATE, "--beam 3", sees=counts),
    "bench translate --sentences": Flag(BENCH_TRANSLATE, BENCH_TRANSLATE.replace("--sentences 4", "--sentences 5"), sees=counts),
    "bench attention --attention": Flag(BENCH_ATTENTION, BENCH_ATTENTION.replace("bahdanau", "luong-dot"), sees=counts),
    "bench attention --source-lengths": Flag(BENCH_ATTENTION, BENCH_ATTENTION.replace("--source-lengths 3", "--source-lengths 4"), sees=counts),
    "bench attention --hidden": Flag(BENCH_ATTENTION, BENCH_ATTENTION.replace("--hidden 8", "--hidden 10"), sees=counts),
    "bench attention --batch": Flag(BENCH_ATTENTION, BENCH_ATTENTION.replace("--batch 2", "--batch 3"), sees=counts),
    "bench attention --target-length": Flag(BENCH_ATTENTION, BENCH_ATTENTION.replace("--target-length 3", "--target-length 4"), sees=counts),
    "bench attention --vocabulary": Flag(BENCH_ATTENTION, BENCH_ATTENTION.replace("--vocabulary 20", "--vocabulary 21"), sees=counts),
    "bench attention --repetitions": Flag(BENCH_ATTENTION, BENCH_ATTENTION.replace("--repetitions 1", "--repetitions 2"), sees=counts),
    "bench attention --no-updates": Flag(BENCH_ATTENTION, BENCH_ATTENTION.replace("--vocabulary 20", "--no-updates"), sees=counts),
    "train --set": Flag("train config.yaml --output run --replace", "--set training.seed=2", sees=weights),
    "train --output": Flag("train config.yaml --output elsewhere --replace", "train config.yaml --output run --replace", sees=folders),
    "train --show": Flag("train config.yaml --output run --replace", "--show 1", sees=drawn),
    "train --resume": Flag("train config.yaml --output history", "--resume", sees=status),
    "train --replace": Flag("train config.yaml --output twice", "--replace", sees=status),
    "translate --model": Flag(TRANSLATE, TRANSLATE.replace("--model model", "--model another")),
    "translate --input": Flag(TRANSLATE, TRANSLATE.replace("--input dev", "--input other.dev")),
    "translate --output": Flag(TRANSLATE, "--output written", sees=file("written")),
    "translate --beam": Flag(TRANSLATE + " --trace", "--beam 2"),
    "translate --nbest": Flag(TRANSLATE, "--nbest 2"),
    "translate --length-penalty": Flag(TRANSLATE, "--length-penalty 0"),
    "translate --format": Flag("translate --model model --input dev", "--format jsonl"),
    "translate --attention": Flag(TRANSLATE, "--attention"),
    "translate --show-attention": Flag("translate --model model --input dev", "--show-attention"),
    "translate --trace": Flag(TRANSLATE, "--trace"),
    "translate --interactive": Flag("translate --model model", "--interactive", stdin=b"a b\n"),
    "translate --strict": Flag("translate --model model", "--strict", sees=status, stdin=b"a \xff\n"),
    "translate --batch": "src/app/tests/streams_test.sh",  # answers come line by line
    "translate --threads": Threads("translate --model model --input dev"),
    "translate --max-length": Flag(TRANSLATE, "--max-length 1"),
    "translate --max-output": Flag(TRANSLATE, "--max-output 1"),
    "translate --precision": Flag(TRANSLATE, "--precision int8"),
    "translate --shortlist": Flag(TRANSLATE, "--shortlist few"),
    "translate --replace-unknown": Flag("translate --model unknown --input dev", "--replace-unknown"),
    "translate --dictionary": Flag("translate --model unknown --input dev --replace-unknown", "--dictionary words"),
    "score --model": Flag(SCORE, SCORE.replace("--model model", "--model another")),
    "score --source": Flag(SCORE, SCORE.replace("--source dev", "--source other.dev")),
    "score --target": Flag(SCORE, SCORE.replace("--target other.dev", "--target dev")),
    "score --output": Flag(SCORE, "--output written", sees=file("written")),
    "score --format": Flag(SCORE, "--format jsonl"),
    "score --attention": Flag(SCORE + " --format jsonl", "--attention"),
    "score --batch": Memory("score --model model --source long --target long --threads 1"),
    "score --threads": Threads(SCORE),
    "score --precision": Flag(SCORE, "--precision int8"),
    "score --max-length": Flag(SCORE, "--max-length 1", sees=status),
    "align --model": Flag(ALIGN, ALIGN.replace("--model model", "--model another")),
    "align --source": Flag(ALIGN, ALIGN.replace("--source long", "--source other.long")),
    "align --target": Flag(ALIGN, ALIGN.replace("--target long", "--target other.long")),
    "align --output": Flag(ALIGN, "--output written", sees=file("written")),
    "align --batch": Memory(ALIGN + " --threads 1"),
    "align --threads": Threads("align --model model --source dev --target dev"),
    "align --precision": Flag(ALIGN, "--precision int8"),
    "align --max-length": Flag(ALIGN, "--max-length 1", sees=status),
    "evaluate --hypotheses": Flag(EVALUATE, EVALUATE.replace("lower", "upper")),
    "evaluate --references": Flag(EVALUATE, EVALUATE.replace("upper", "lower")),
    "evaluate --metrics": Flag(EVALUATE, "--metrics wer"),
    "evaluate --alignments": Flag(LINKS, LINKS.replace("--alignments links", "--alignments sure")),
    "evaluate --sure": Flag(LINKS, LINKS.replace("--sure sure", "--sure links")),
    "evaluate --possible": Flag(LINKS, "--possible links"),
    "evaluate --tokenize": Flag(EVALUATE, "--tokenize none"),
    "evaluate --lowercase": Flag(EVALUATE, "--lowercase"),
    "evaluate --format": Flag(EVALUATE, "--format json"),
    "evaluate --output": Flag(EVALUATE, "--output written", sees=file("written")),
    "view --input": Flag(VIEW, "view --input pieces.jsonl"),
    "view --format": Flag(VIEW, "--format svg"),
    "view --output": Flag(VIEW, "--output written", sees=file("written")),
    "view --sentences": Flag(VIEW, "--sentences 2"),
    "view --compare": Flag(VIEW + " --format html", "--compare other.jsonl"),
    "view --sure": Flag(PAIRS, "--sure gold"),
    "view --possible": Flag(PAIRS + " --sure gold", "--possible more.gold"),
    "view --references": Flag(VIEW, "--references dev"),
    "view --translation": Flag(VIEW, "--translation 2"),
    "view --layer": Flag(VIEW, "--layer 2"),
    "view --head": Flag(VIEW + " --layer 1", "--head 2"),
    "view --words": Flag("view --input pieces.jsonl --format svg --pieces", "view --input pieces.jsonl --format svg --words"),
    "view --pieces": Flag("view --input pieces.jsonl --format terminal", "--pieces"),
    "view --title": Flag(SVG, "--title here"),
    "view --columns": Flag(SVG + " --sentences 1-2", "--columns 1"),
    "view --numbers": Flag(SVG, "--numbers"),
    "view --dark": Flag(SVG, "--dark"),
    "view --resolution": Flag(VIEW + " --format png", "--resolution 1"),
    "view --width": Flag(VIEW + " --sentences 1-4", "--width 12"),
    "view --colour": Flag(VIEW, "--colour always"),
    "view --ascii": Flag(VIEW, "--ascii"),
    "report --output": Flag(REPORT, "--output written", sees=file("written")),
    "report --source": Flag(REPORT + " --source dev --references dev", REPORT + " --source other.dev --references dev"),
    "report --references": Flag(REPORT + " --source dev --references dev", REPORT + " --source dev --references other.dev"),
    "report --sentences": Flag(REPORT, "report history --sentences 3"),
    "report --beam": Flag("report history --source long --references other.long", "--beam 1"),
    "report --batch": Memory("report history --source long --references long --threads 1 --beam 1"),
    "report --threads": Threads("report history"),
    "info --format": Flag("info model", "--format json"),
    "info --verify": Flag("info model", "--verify"),
    "average --last": Flag("average kept --output elsewhere.mean --last 1", "average kept --output newest --last 2",
                           sees=file("newest/parameters.safetensors")),
    "average --output": Flag("average model another --output elsewhere.mean", "average model another --output mean",
                             sees=file("mean/parameters.safetensors")),
    "quantize --output": Flag("quantize model --output elsewhere.small", "quantize model --output small",
                              sees=file("small/parameters.safetensors")),
    "shortlist --model": Flag(SHORTLIST, SHORTLIST.replace("--model model", "--model another"), sees=file("list")),
    "shortlist --source": Flag(SHORTLIST, SHORTLIST.replace("--source dev", "--source other.dev"), sees=file("list")),
    "shortlist --target": Flag(SHORTLIST, SHORTLIST.replace("--target dev", "--target other.dev"), sees=file("list")),
    "shortlist --output": Flag(SHORTLIST.replace("--output list", "--output elsewhere.list"), SHORTLIST, sees=file("list")),
    "shortlist --by": Flag(SHORTLIST, "--by counts", sees=file("list")),
    "shortlist --best": Flag(SHORTLIST, "--best 2", sees=file("list")),
    "shortlist --frequent": Flag(SHORTLIST, "--frequent 1", sees=file("list")),
    "shortlist --batch": Memory("shortlist --model model --source long --target long --output list --threads 1"),
    "shortlist --threads": Threads(SHORTLIST),
    "shortlist --max-length": Flag(SHORTLIST, "--max-length 1", sees=status),
}
