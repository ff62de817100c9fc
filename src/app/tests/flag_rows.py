"""The rows of options_test.py that are of flags: what each must change."""
import resource
import subprocess
import sys

from checks import check
from option_runs import Run, best, content, counts, drawn, file, first_character, folders, heed, lines_told, out, status, talks, told, weights


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
    """Sentences that are computed together need more memory than one alone, by so many KB."""

    def __init__(self, command, more=3000):
        self.command, self.more = command, more

    def check(self, what):
        peaks = []
        for batch in (1, 1000):
            code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); " \
                "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
            words = f"{self.command} --batch {batch}".split()
            peaks.append(int(subprocess.run([sys.executable, "-c", code, heed] + words, stdout=subprocess.PIPE, check=True).stdout))
        check(f"{what}: {peaks} KB", peaks[1] > peaks[0] + self.more)


TRANSLATE = "translate --model model --input dev --format jsonl"
SCORE = "score --model model --source dev --target other.dev"
DISTILL = "distill --model model --source dev --target other.dev"
RESCORE = "rescore --model model --source dev --nbest best"
RESCORE_JSON = "rescore --model model --nbest seen.jsonl --input-format jsonl"
ALIGN = "align --model model --source long --target long"
TOKENIZE = "tokenize --model model --input dev --ids"
SHORTLIST = "shortlist --model model --source dev --target dev --output list"
EXPORT = "export --model model --format onnx --output exported"
PROBE = "probe --model model --source dev --target other.dev --sentences 3"
PROBE_TSV = "probe --model model --tsv uneven.tsv"
SCORE_TSV = "score --model model --tsv uneven.tsv"
ALIGN_TSV = "align --model model --tsv long.tsv"
SHORTLIST_TSV = "shortlist --model model --tsv uneven.tsv --output list"
EVALUATE = "evaluate --hypotheses lower --references upper"
EVALUATE_MARKS = "evaluate --hypotheses marks --references other.marks --metrics ter,rouge"
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
    "bench train --profile": Flag(BENCH_TRAIN, "--profile", sees=first_character),
    **sizes(BENCH_TRANSLATE),
    "bench translate --profile": Flag(BENCH_TRANSLATE, "--profile", sees=first_character),
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
    "data check --set": Flag("data check config.yaml", "--set data.source.max_length=3"),
    "data check --output": Flag("data check config.yaml", "--output written", sees=file("written")),
    "data check --first": Flag("data check config.yaml --set data.source.max_length=3", "--first 1"),
    "data check --format": Flag("data check config.yaml", "--format json"),
    "data cache --set": "src/app/tests/cache_test.sh",
    "data cache --check": "src/app/tests/cache_test.sh",
    "data cache --replace": "src/app/tests/cache_test.sh",
    "train --set": Flag("train config.yaml --output run --replace", "--set training.seed=2", sees=weights),
    "train --output": Flag("train config.yaml --output elsewhere --replace", "train config.yaml --output run --replace", sees=folders),
    "train --show": Flag("train config.yaml --output run --replace", "--show 1", sees=drawn),
    "train --dry-run": Flag("train config.yaml --output run --replace", "--dry-run", sees=folders),
    "train --quiet": Flag("train config.yaml --output run --replace", "--quiet", sees=talks),
    "train --resume": Flag("train config.yaml --output history", "--resume", sees=status),
    "train --replace": Flag("train config.yaml --output twice", "--replace", sees=status),
    "translate --model": Flag(TRANSLATE, TRANSLATE.replace("--model model", "--model another")),
    "translate --model-weights": Flag(TRANSLATE + " --model another", "--model-weights 1,9"),
    "translate --combine": Flag(TRANSLATE + " --model another", "--combine log-linear"),
    "translate --input": Flag(TRANSLATE, TRANSLATE.replace("--input dev", "--input other.dev")),
    "translate --input-format": Flag(TRANSLATE.replace("--input dev", "--input uneven.tsv"), "--input-format tsv"),
    "translate --columns": Flag(TRANSLATE.replace("--input dev", "--input uneven.tsv --input-format tsv"), "--columns 2"),
    "translate --output": Flag(TRANSLATE, "--output written", sees=file("written")),
    "translate --beam": Flag(TRANSLATE + " --trace", "--beam 2"),
    "translate --nbest": Flag(TRANSLATE, "--nbest 2"),
    "translate --length-penalty": Flag(TRANSLATE, "--length-penalty 0"),
    "translate --normalize": Flag(TRANSLATE, "--normalize none"),
    "translate --word-reward": Flag(TRANSLATE, "--word-reward 2"),
    "translate --stop": Flag(TRANSLATE + " --trace", "--stop first"),
    "translate --forbid-unknown": Flag("translate --model unknown --input dev", "--forbid-unknown"),
    "translate --no-repeat-ngram": Flag(TRANSLATE + " --min-length 9", "--no-repeat-ngram 1"),
    "translate --repetition-penalty": Flag(TRANSLATE + " --min-length 9", "--repetition-penalty 5"),
    "translate --coverage-penalty": Flag(TRANSLATE, "--coverage-penalty 3"),
    "translate --coverage": Flag(TRANSLATE + " --coverage-penalty 3", "--coverage summary"),
    "translate --patience": Flag(TRANSLATE + " --stop all --trace", "--patience 3"),
    "translate --prune": Flag(TRANSLATE + " --trace", "--prune 0.001"),
    "translate --groups": Flag(TRANSLATE + " --beam 4 --nbest 4", "--groups 2"),
    "translate --diversity": Flag(TRANSLATE + " --beam 4 --nbest 4 --groups 2", "--diversity 0"),
    "translate --alternatives": Flag(TRANSLATE + " --nbest 4", "--alternatives"),
    "translate --sample": Flag(TRANSLATE, "--sample"),
    "translate --temperature": Flag(TRANSLATE + " --sample", "--temperature 3"),
    "translate --top-k": Flag(TRANSLATE + " --sample --temperature 3", "--top-k 1"),
    "translate --top-p": Flag(TRANSLATE + " --sample --temperature 3", "--top-p 0.1"),
    "translate --min-p": Flag(TRANSLATE + " --sample --temperature 3", "--min-p 1"),
    "translate --seed": Flag(TRANSLATE + " --sample", "--seed 2"),
    "translate --forbid": Flag(TRANSLATE, "--forbid words.forbidden"),
    "translate --allowed": Flag(TRANSLATE, "--allowed dev"),
    "translate --prefix": Flag(TRANSLATE, "--prefix other.dev"),
    "translate --constraints": Flag(TRANSLATE, "--constraints other.dev"),
    "translate --token-scores": Flag(TRANSLATE, "--token-scores"),
    "translate --min-length": Flag(TRANSLATE, "--min-length 9"),
    "translate --format": Flag("translate --model model --input dev", "--format jsonl"),
    "translate --part": Flag(TRANSLATE, "--part 1/2"),
    "translate --continue": Flag(TRANSLATE, "--continue", sees=status),
    "translate --progress": Flag("translate --model model --input dev", "--progress", sees=lines_told),
    "translate --attention-digits": Flag(TRANSLATE + " --attention", "--attention-digits 2"),
    "translate --attention-file": Flag(TRANSLATE, "--attention-file weights.npz", sees=file("weights.npz")),
    "translate --attention": Flag(TRANSLATE, "--attention"),
    "translate --merge-subwords": Flag(TRANSLATE.replace("--model model", "--model letters"), "--merge-subwords"),
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
    "distill --model": Flag(DISTILL, DISTILL.replace("--model model", "--model another")),
    "distill --model-weights": "src/app/tests/distill_test.sh",  # answers of an ensemble that are not cut
    "distill --combine": "src/app/tests/distill_test.sh",
    "distill --source": Flag(DISTILL, DISTILL.replace("--source dev", "--source other.dev")),
    "distill --target": Flag(DISTILL + " --choose reference", DISTILL.replace("other.dev", "dev") + " --choose reference"),
    "distill --tsv": Flag(DISTILL, "distill --model model --tsv train.tsv"),
    "distill --columns": Flag("distill --model model --tsv uneven.tsv", "--columns 2,1"),
    "distill --output": Flag(DISTILL, "--output written", sees=file("written")),
    "distill --beam": Flag(DISTILL + " --choose reference", "--beam 20"),
    "distill --length-penalty": Flag(DISTILL, "--length-penalty 3"),
    "distill --normalize": Flag(DISTILL, "--normalize gnmt --length-penalty 10"),
    "distill --word-reward": Flag(DISTILL, "--word-reward 5"),
    "distill --stop": Flag(DISTILL + " --length-penalty 3", "--stop first"),
    "distill --forbid-unknown": Flag(DISTILL.replace("model model", "model unknown"), "--forbid-unknown", sees=told),
    "distill --no-repeat-ngram": Flag(DISTILL, "--no-repeat-ngram 1", sees=told),
    "distill --repetition-penalty": Flag(DISTILL, "--repetition-penalty 9", sees=told),
    "distill --coverage-penalty": Flag(DISTILL, "--coverage-penalty 30", sees=told),
    "distill --coverage": Flag(DISTILL + " --coverage-penalty 30", "--coverage summary", sees=told),
    "distill --patience": Flag(DISTILL + " --stop all --choose reference", "--patience 20"),
    "distill --prune": Flag(DISTILL + " --choose reference", "--prune 0.1"),
    "distill --groups": Flag(DISTILL + " --choose reference --beam 6", "--groups 3"),
    "distill --diversity": Flag(DISTILL + " --choose reference --beam 6 --groups 3", "--diversity 30"),
    "distill --sample": Flag(DISTILL, "--sample", sees=told),
    "distill --temperature": Flag(DISTILL + " --sample", "--temperature 3", sees=told),
    "distill --top-k": Flag(DISTILL + " --sample --temperature 3", "--top-k 1", sees=told),
    "distill --top-p": Flag(DISTILL + " --sample --temperature 3", "--top-p 0.1", sees=told),
    "distill --min-p": Flag(DISTILL + " --sample --temperature 3", "--min-p 1", sees=told),
    "distill --seed": Flag(DISTILL + " --sample --temperature 3", "--seed 2", sees=told),
    "distill --forbid": Flag(DISTILL, "--forbid words.forbidden", sees=told),
    "distill --allowed": Flag(DISTILL, "--allowed dev", sees=told),
    "distill --min-length": Flag(DISTILL, "--min-length 5", sees=status),
    "distill --choose": Flag(DISTILL, "--choose reference"),
    "distill --metric": Flag(DISTILL + " --choose reference --beam 20", "--metric accuracy"),
    "distill --keep-original": Flag(DISTILL + " --max-output 3", "--keep-original"),
    "distill --batch": Memory("distill --model model --source longer --threads 1 --beam 1"),
    "distill --threads": Threads(DISTILL),
    "distill --max-length": Flag(DISTILL, "--max-length 3", sees=told),
    "distill --max-output": Flag(DISTILL, "--max-output 3", sees=told),
    "distill --precision": "src/app/tests/distill_test.sh",
    "distill --shortlist": Flag(DISTILL, "--shortlist few"),
    "score --model": Flag(SCORE, SCORE.replace("--model model", "--model another")),
    "score --model-weights": Flag(SCORE + " --model another", "--model-weights 1,9"),
    "score --combine": Flag(SCORE + " --model another", "--combine log-linear"),
    "score --source": Flag(SCORE, SCORE.replace("--source dev", "--source other.dev")),
    "score --target": Flag(SCORE, SCORE.replace("--target other.dev", "--target dev")),
    "score --tsv": Flag(SCORE, "score --model model --tsv dev.tsv"),
    "score --jsonl": Flag(SCORE, "score --model model --jsonl seen.jsonl"),
    "score --part": Flag(SCORE, "--part 1/2"),
    "score --continue": Flag(SCORE, "--continue", sees=status),
    "score --progress": Flag(SCORE, "--progress", sees=talks),
    "score --attention-digits": Flag(SCORE + " --format jsonl --attention", "--attention-digits 2"),
    "score --attention-file": Flag(SCORE, "--attention-file weights.npz", sees=file("weights.npz")),
    "score --columns": Flag(SCORE_TSV, "--columns 2,1"),
    "score --output": Flag(SCORE, "--output written", sees=file("written")),
    "score --format": Flag(SCORE, "--format jsonl"),
    "score --attention": Flag(SCORE + " --format jsonl", "--attention"),
    "score --merge-subwords": Flag(SCORE.replace("--model model", "--model letters") + " --format jsonl", "--merge-subwords"),
    "score --summary": Flag(SCORE, "--summary"),
    "score --batch": Memory("score --model model --source long --target long --threads 1"),
    "score --threads": Threads(SCORE),
    "score --precision": Flag(SCORE, "--precision int8"),
    "score --max-length": Flag(SCORE, "--max-length 1", sees=status),
    "probe --model": Flag(PROBE, PROBE.replace("--model model", "--model another")),
    "probe --source": Flag(PROBE, PROBE.replace("--source dev", "--source other.dev")),
    "probe --target": Flag(PROBE, PROBE.replace("--target other.dev", "--target dev")),
    "probe --tsv": Flag(PROBE, PROBE_TSV + " --sentences 2"),
    "probe --jsonl": Flag(PROBE, "probe --model model --jsonl seen.jsonl --sentences 3"),
    "probe --columns": Flag(PROBE_TSV, "--columns 2,1"),
    "probe --output": Flag(PROBE, "--output written", sees=file("written")),
    "probe --format": Flag(PROBE, "--format json", sees=first_character),
    "probe --erase": Flag(PROBE, "--erase unknown"),
    "probe --deletions": Flag(PROBE, "--deletions 2"),
    "probe --permutations": Flag(PROBE, "--permutations 2"),
    "probe --sentences": Flag(PROBE, PROBE.replace("--sentences 3", "--sentences 2")),
    "probe --seed": Flag(PROBE, "--seed 2"),
    "probe --progress": Flag(PROBE, "--progress", sees=talks),
    "probe --threads": Threads(PROBE.replace("--sentences 3", "--sentences 30")),
    "probe --max-length": Flag(PROBE, "--max-length 1", sees=status),
    "rescore --model": Flag(RESCORE, RESCORE.replace("--model model", "--model another")),
    "rescore --reverse-model": Flag(RESCORE, "--reverse-model another"),
    "rescore --source": Flag(RESCORE, RESCORE.replace("--source dev", "--source other.dev")),
    "rescore --nbest": Flag(RESCORE, RESCORE.replace("--nbest best", "--nbest other.best")),
    "rescore --input-format": Flag("rescore --model model --nbest seen.jsonl", "--input-format jsonl", sees=status),
    "rescore --format": Flag(RESCORE_JSON, "--format jsonl"),
    "rescore --progress": Flag(RESCORE, "--progress", sees=talks),
    "rescore --weights": Flag(RESCORE, "--weights 1,2,3"),
    "rescore --tune": Flag(RESCORE, "--tune dev", sees=told),
    "rescore --metric": Flag(RESCORE + " --tune dev", "--metric chrf", sees=told),
    "rescore --lowercase": Flag(RESCORE + " --tune upper.dev --metric chrf", "--lowercase", sees=told),
    "rescore --best": Flag(RESCORE, "--best"),
    "rescore --output": Flag(RESCORE, "--output written", sees=file("written")),
    "rescore --batch": Memory("rescore --model model --source long --nbest long.best --threads 1"),
    "rescore --threads": Threads(RESCORE),
    "rescore --precision": Flag(RESCORE, "--precision int8"),
    "rescore --max-length": Flag(RESCORE, "--max-length 1", sees=status),
    "align --model": Flag(ALIGN, ALIGN.replace("--model model", "--model another")),
    "align --model-weights": Flag(ALIGN + " --model another --format soft", "--model-weights 1,3"),
    "align --source": Flag(ALIGN, ALIGN.replace("--source long", "--source other.long")),
    "align --target": Flag(ALIGN, ALIGN.replace("--target long", "--target other.long")),
    "align --tsv": Flag(ALIGN, ALIGN_TSV),
    "align --jsonl": Flag(ALIGN, "align --model model --jsonl scored.jsonl"),
    "align --part": Flag(ALIGN, "--part 1/2"),
    "align --continue": Flag(ALIGN, "--continue", sees=status),
    "align --progress": Flag(ALIGN, "--progress", sees=talks),
    "align --columns": Flag(ALIGN_TSV, "--columns 2,1"),
    "align --output": Flag(ALIGN, "--output written", sees=file("written")),
    "align --reverse-model": Flag(ALIGN, "--reverse-model another"),
    "align --symmetrize": Flag(ALIGN + " --reverse-model another", "--symmetrize union"),
    "align --format": Flag(ALIGN, "--format soft"),
    "align --threshold": Flag(ALIGN, "--threshold 1"),
    "align --shift": Flag(ALIGN, "--shift 0.5"),
    "align --layer": Flag(ALIGN.replace("model model", "model heads") + " --format soft", "--layer 1"),
    "align --head": Flag(ALIGN.replace("model model", "model heads") + " --format soft", "--head 1"),
    "align --batch": Memory(ALIGN + " --threads 1"),
    "align --threads": Threads("align --model model --source dev --target dev"),
    "align --precision": Flag(ALIGN, "--precision int8"),
    "align --max-length": Flag(ALIGN, "--max-length 1", sees=status),
    "tokenize --model": Flag(TOKENIZE, TOKENIZE.replace("--model model", "--model unknown")),
    "tokenize --side": "src/app/tests/lines_test.sh",
    "tokenize --input": Flag(TOKENIZE, TOKENIZE.replace("--input dev", "--input other.dev")),
    "tokenize --output": Flag(TOKENIZE, "--output written", sees=file("written")),
    "tokenize --ids": Flag("tokenize --model model --input dev", "--ids"),
    "detokenize --model": Flag("detokenize --ids --model model --input numbers", "detokenize --ids --model unknown --input numbers", sees=status),
    "detokenize --side": "src/app/tests/lines_test.sh",
    "detokenize --input": Flag("detokenize --model model --input dev", "detokenize --model model --input other.dev"),
    "detokenize --output": Flag("detokenize --model model --input dev", "--output written", sees=file("written")),
    "detokenize --ids": Flag("detokenize --model model --input numbers", "--ids"),
    "evaluate --hypotheses": Flag(EVALUATE, EVALUATE.replace("lower", "upper")),
    "evaluate --references": Flag(EVALUATE, EVALUATE.replace("upper", "lower")),
    "evaluate --input-format": Flag(EVALUATE, "--input-format nbest", sees=status),
    "evaluate --tsv": Flag(EVALUATE, "evaluate --tsv uneven.tsv"),
    "evaluate --columns": Flag("evaluate --tsv uneven.tsv", "--columns 1,1"),
    "evaluate --metrics": Flag(EVALUATE, "--metrics wer"),
    "evaluate --alignments": Flag(LINKS, LINKS.replace("--alignments links", "--alignments sure")),
    "evaluate --sure": Flag(LINKS, LINKS.replace("--sure sure", "--sure links")),
    "evaluate --possible": Flag(LINKS, "--possible links"),
    "evaluate --tokenize": Flag(EVALUATE, "--tokenize none"),
    "evaluate --lowercase": Flag(EVALUATE, "--lowercase"),
    "evaluate --smooth": Flag(EVALUATE, "--smooth add-k"),
    "evaluate --smooth-value": Flag(EVALUATE + " --smooth add-k", "--smooth-value 3"),
    "evaluate --effective-order": Flag(EVALUATE, "--effective-order"),
    "evaluate --ter-case-sensitive": Flag(EVALUATE_MARKS, "--ter-case-sensitive"),
    "evaluate --ter-normalized": Flag(EVALUATE_MARKS, "--ter-normalized"),
    "evaluate --ter-no-punct": Flag(EVALUATE_MARKS, "--ter-no-punct"),
    "evaluate --ter-asian-support": Flag(EVALUATE_MARKS + " --ter-normalized", "--ter-asian-support"),
    "evaluate --rouge-tokenize": Flag(EVALUATE_MARKS, "--rouge-tokenize rouge-score"),
    "evaluate --rouge-stemmer": Flag(EVALUATE_MARKS, "--rouge-stemmer"),
    "evaluate --scores": Flag("evaluate --scores scored.jsonl", "evaluate --scores seen.jsonl"),
    "evaluate --sentences": Flag(EVALUATE, "--sentences"),
    "evaluate --compare": Flag(EVALUATE, "--compare upper"),
    "evaluate --bootstrap": Flag(EVALUATE, "--bootstrap 40"),
    "evaluate --randomization": Flag(EVALUATE + " --compare upper", "--randomization 40"),
    "evaluate --seed": Flag(EVALUATE + " --bootstrap 40", "--seed 2"),
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
    "report --model": Flag(REPORT, "report --model another --sentences 4"),
    "report --ensemble": Flag("report history another --sentences 4", "--ensemble"),
    "report --precision": Flag(REPORT, "--precision int8"),
    "report --output": Flag(REPORT, "--output written", sees=file("written")),
    "report --source": Flag(REPORT + " --source dev --references dev", REPORT + " --source other.dev --references dev"),
    "report --references": Flag(REPORT + " --source dev --references dev", REPORT + " --source dev --references other.dev"),
    "report --tsv": Flag(REPORT, "--tsv uneven.tsv"),
    "report --columns": Flag(REPORT + " --tsv uneven.tsv", "--columns 2,1"),
    "report --sentences": Flag(REPORT, "report history --sentences 3"),
    "report --beam": Flag("report history --source long --references other.long", "--beam 1"),
    "report --batch": Memory("report history --source longer --references longer --threads 1 --beam 1", more=1000),
    "report --threads": Threads("report history"),
    "info --model": Flag("info model", "info --model unknown"),
    "info --output": Flag("info model", "--output written", sees=file("written")),
    "completion --output": Flag("completion bash", "--output written", sees=file("written")),
    "list --output": Flag("list metrics", "--output written", sees=file("written")),
    "info --format": Flag("info model", "--format json"),
    "info --verify": Flag("info model", "--verify"),
    "average --model": Flag("average model another --output elsewhere.mean", "average --model model kept --output elsewhere.mean",
                            sees=content("elsewhere.mean/parameters.safetensors")),
    "average --last": Flag("average kept --output elsewhere.mean --last 3", "average kept --output newest --last 2",
                           sees=file("newest/parameters.safetensors")),
    "average --output": Flag("average model another --output elsewhere.mean", "average model another --output mean",
                             sees=file("mean/parameters.safetensors")),
    "quantize --model": Flag("quantize model --output elsewhere.small", "quantize --model another --output elsewhere.small",
                             sees=content("elsewhere.small/parameters.safetensors")),
    "quantize --output": Flag("quantize model --output elsewhere.small", "quantize model --output small",
                              sees=file("small/parameters.safetensors")),
    "quantize --precision": Flag("quantize model --output half", "--precision bfloat16", sees=content("half/parameters.safetensors")),
    "quantize --about": Flag("quantize model --output half", "--about licence=CC0-1.0", sees=content("half/config.yaml")),
    "export --model": Flag(EXPORT, EXPORT.replace("--model model", "--model another"), sees=content("exported/encoder.onnx")),
    "export --format": Flag(EXPORT, EXPORT.replace("onnx", "tensorflow"), sees=status),
    "export --output": Flag(EXPORT, EXPORT.replace("exported", "elsewhere.onnx"), sees=file("elsewhere.onnx/encoder.onnx")),
    "export --program": Flag(EXPORT.replace("onnx --output exported", "page --output page.html"), "--program config.yaml", sees=lambda run: run.err),
    "shortlist --model": Flag(SHORTLIST, SHORTLIST.replace("--model model", "--model another"), sees=file("list")),
    "shortlist --source": Flag(SHORTLIST, SHORTLIST.replace("--source dev", "--source other.dev"), sees=file("list")),
    "shortlist --target": Flag(SHORTLIST, SHORTLIST.replace("--target dev", "--target other.dev"), sees=file("list")),
    "shortlist --tsv": Flag(SHORTLIST, SHORTLIST_TSV, sees=file("list")),
    "shortlist --jsonl": Flag(SHORTLIST, "shortlist --model model --jsonl seen.jsonl --output list", sees=file("list")),
    "shortlist --columns": Flag(SHORTLIST_TSV, "--columns 2,1", sees=file("list")),
    "shortlist --output": Flag(SHORTLIST.replace("--output list", "--output elsewhere.list"), SHORTLIST, sees=file("list")),
    "shortlist --by": Flag(SHORTLIST, "--by counts", sees=file("list")),
    "shortlist --best": Flag(SHORTLIST, "--best 2", sees=file("list")),
    "shortlist --frequent": Flag(SHORTLIST, "--frequent 1", sees=file("list")),
    "shortlist --batch": Memory("shortlist --model model --source long --target long --output list --threads 1"),
    **{f"serve --{flag}": "src/app/tests/serve_life_test.py" for flag in """model models precision host port admin tls-certificate tls-key keys cors access-log
       threads batch batch-wait queue max-sentences max-length max-beam max-body connections timeout idle-timeout grace""".split()},
    **{f"serve --{flag}": "src/app/tests/serve_learn_test.py" for flag in ("learn", "held-out", "forget", "learn-rate", "projects")},
    "shortlist --precision": "src/app/tests/effect_test.sh",
    "shortlist --threads": Threads(SHORTLIST),
    "shortlist --max-length": Flag(SHORTLIST, "--max-length 1", sees=status),
}
