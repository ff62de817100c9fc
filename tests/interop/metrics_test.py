"""The figures of the field's own programs, to the last digit that is printed: metrics_test.py PATH_OF_HEED

sacreBLEU, jiwer and rouge_score judge noised lines of this project's documents and lines in other scripts, and so does
`heed evaluate`. Exit status 77, with a reason, where they are not installed.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "src/app/tests"))
from checks import check, finish  # noqa: E402

try:
    import jiwer
    from rouge_score.rouge_scorer import RougeScorer
    from sacrebleu.metrics import BLEU, CHRF, TER
    from sacrebleu.significance import PairedTest
except ImportError as missing:
    print(f"skipped: the programs to compare with: {missing}")
    sys.exit(77)

heed = str(pathlib.Path(sys.argv[1]).resolve())

HARD = ["我们在2008年北京奥运会上, 见到了(Tom)。", "これは「テスト」です・見た（Tom）。", "هذا كتاب، أليس كذلك؟", "यह 2.5% है।", "ΟΙ ΑΝΘΡΩΠΟΙ ΤΗΣ ΠΟΛΗΣ",
        "İstanbul'da Ⅳ. Cadde", "a\u00a0b\u2009c d", "tab\there", "U.S. 1,000.50 and .5 or 3.", "&quot;He&amp;she&quot; &lt;said&gt;", "It's Tom's dog's.",
        "“quotes” ‘and’ „others“ – — …", "👩\u200d👩\u200d👧 soft\u00adhyphen", "<skipped> x-1 5-6", "", "a ", "cats running quickly generalizations", "x"]


def documents():
    lines = [line.strip() for path in sorted(ROOT.glob("docs/*.md")) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line][:80]


def noised(line, dice):
    words = line.split(" ")
    out = []
    for word in words:
        draw = dice.random()
        if draw < 0.08:
            continue
        out += [word.upper() if draw > 0.95 else word] * (2 if 0.08 < draw < 0.12 else 1)
    if dice.random() < 0.3 and len(out) > 3:
        at = dice.randrange(len(out))
        out = out[at:] + out[:at]
    return "" if dice.random() < 0.02 else " ".join(out)


def write(name, lines):
    pathlib.Path(name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def evaluate(*words):
    done = subprocess.run([heed, "evaluate", *words, "--format", "json"], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def printed(value):
    return f"{value:.2f}"


def same(what, ours, theirs):
    check(f"{what}: {ours} beside {theirs}", (printed(ours), abs(ours - theirs) < 1e-9), (printed(theirs), True))


def check_signature(what, ours, metric):
    theirs = metric.get_signature().format()
    check(f"{what}: signature", ours.partition("|")[2].rpartition("|")[0], theirs.rpartition("|")[0])


def check_sacrebleu(hypotheses, references, files):
    some = ["--hypotheses", "hypotheses", "--references", *files]
    for lowercase in (False, True):
        flags = ["--lowercase"] if lowercase else []
        for tokenize in ("13a", "none", "char", "intl", "zh"):
            theirs = BLEU(tokenize=tokenize, lowercase=lowercase)
            value = theirs.corpus_score(hypotheses, references).score
            ours = evaluate(*some, "--metrics", "BLEU", "--tokenize", tokenize, *flags)
            same(f"BLEU {tokenize} {flags}", ours["bleu"], value)
            check_signature(f"BLEU {tokenize}", ours["signatures"]["bleu"], theirs)
        ours = evaluate(*some, "--metrics", "chrF", "chrF++", *flags)
        for name, words in (("chrf", 0), ("chrf++", 2)):
            theirs = CHRF(word_order=words, lowercase=lowercase)
            same(f"{name} {flags}", ours[name], theirs.corpus_score(hypotheses, references).score)
            check_signature(name, ours["signatures"][name], theirs)
    for smooth in (["exp"], ["floor"], ["floor", 0.02], ["add-k"], ["add-k", 3], ["none"]):
        theirs = BLEU(smooth_method=smooth[0], smooth_value=smooth[1] if len(smooth) > 1 else None, effective_order=True)
        value = theirs.corpus_score(hypotheses, references).score
        flags = ["--smooth", smooth[0]] + (["--smooth-value", str(smooth[1])] if len(smooth) > 1 else [])
        ours = evaluate(*some, "--metrics", "bleu", "--effective-order", *flags)
        same(f"BLEU {smooth}", ours["bleu"], value)
        check_signature(f"BLEU {smooth}", ours["signatures"]["bleu"], theirs)


def check_ter(hypotheses, references, files):
    options = {"case_sensitive": "--ter-case-sensitive", "normalized": "--ter-normalized", "no_punct": "--ter-no-punct",
               "asian_support": "--ter-asian-support"}
    for chosen in ([], ["case_sensitive"], ["normalized"], ["no_punct"], ["normalized", "asian_support"],
                   ["no_punct", "asian_support"], ["normalized", "no_punct", "asian_support", "case_sensitive"]):
        theirs = TER(**{name: True for name in chosen})
        value = theirs.corpus_score(hypotheses, references).score
        ours = evaluate("--hypotheses", "hypotheses", "--references", *files, "--metrics", "ter", *[options[name] for name in chosen])
        same(f"TER {chosen}", ours["ter"], value)
        check_signature(f"TER {chosen}", ours["signatures"]["ter"], theirs)


def check_sentences(hypotheses, references, files):
    done = subprocess.run([heed, "evaluate", "--hypotheses", "hypotheses", "--references", *files, "--metrics", "bleu,chrf,ter", "--sentences",
                           "--format", "json"], stdout=subprocess.PIPE, check=True)
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    check("a row for each sentence", len(rows), len(hypotheses))
    for name, metric in (("bleu", BLEU(effective_order=True)), ("chrf", CHRF()), ("ter", TER())):
        wrong = [i for i, row in enumerate(rows)
                 if abs(row[name] - metric.sentence_score(hypotheses[i], [lines[i] for lines in references]).score) > 1e-9]
        check(f"{name} of each sentence", wrong, [])


def check_jiwer(hypotheses, reference):
    pairs = [(h, r) for h, r in zip(hypotheses, reference) if r.strip()]  # jiwer refuses an empty reference
    write("some.hypotheses", [h for h, _ in pairs])
    write("some.references", [r for _, r in pairs])
    ours = evaluate("--hypotheses", "some.hypotheses", "--references", "some.references", "--metrics", "wer,cer")
    same("WER", ours["wer"], 100 * jiwer.wer([r for _, r in pairs], [h for h, _ in pairs]))
    same("CER", ours["cer"], 100 * jiwer.cer([r for _, r in pairs], [h for h, _ in pairs]))


def check_rouge(hypotheses, references, files):
    names = ("rouge1", "rouge2", "rougeL")
    for stem in (False, True):
        scorer = RougeScorer(list(names), use_stemmer=stem)
        scores = [scorer.score_multi([lines[i] for lines in references], hypothesis) for i, hypothesis in enumerate(hypotheses)]
        ours = evaluate("--hypotheses", "hypotheses", "--references", *files, "--metrics", *names, "--rouge-tokenize", "rouge-score",
                        *(["--rouge-stemmer"] if stem else []))
        for name in names:
            same(f"{name} {'with' if stem else 'without'} stems", ours[name], 100 * sum(score[name].fmeasure for score in scores) / len(scores))


def check_tests_of_significance(hypotheses, references):
    """The random numbers are others, so within what a thousand samples leave to chance."""
    dice = random.Random(7)
    worse = [noised(line, dice) if dice.random() < 0.2 else line for line in hypotheses]
    write("worse", worse)
    for other, flags, kind, count in (("worse", ["--bootstrap", "1000"], "bs", 1000), ("worse", ["--randomization", "1000"], "ar", 1000)):
        systems = [("hypotheses", hypotheses), (other, worse)]
        test = PairedTest(systems, {"BLEU": BLEU(), "chrF2": CHRF()}, references, test_type=kind, n_samples=count)
        _, theirs = test()
        ours = evaluate("--hypotheses", "hypotheses", "--references", "reference", "--metrics", "bleu,chrf", "--compare", other, *flags)
        for name, their_name in (("bleu", "BLEU"), ("chrf", "chrF2")):
            mine, their = ours["systems"][1][name], theirs[their_name][1]
            same(f"{kind}: {name}", mine["value"], their.score)
            check(f"{kind}: p of {name}, {mine['p']} beside {their.p_value}", abs(mine["p"] - their.p_value) < 0.08)
            if kind == "bs":
                check(f"mean of {name}", abs(mine["mean"] - their.mean) < 0.3)
                check(f"interval of {name}", abs((mine["high"] - mine["low"]) / 2 / their.ci - 1) < 0.15)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    dice = random.Random(1)
    reference = HARD + documents()
    hypotheses = [noised(line, dice) for line in reference]
    second = [noised(line, dice) if dice.random() < 0.9 else "" for line in reference]
    write("hypotheses", hypotheses)
    write("reference", reference)
    write("second", second)
    for references, files in (([reference], ["reference"]), ([reference, second], ["reference", "second"])):
        check_sacrebleu(hypotheses, references, files)
        check_ter(hypotheses, references, files)
        check_sentences(hypotheses, references, files)
        check_rouge(hypotheses, references, files)
    check_jiwer(hypotheses, reference)
    check_tests_of_significance(hypotheses, [reference])
    os.chdir("/")
sys.exit(finish())
