#!/usr/bin/env bash
# A corpus of a teacher's answers, as a user makes it: distill_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

make_copy_task 150
runs "train a teacher" train config.yaml --set training.epochs=4 --output teacher
runs "train another" train config.yaml --set training.epochs=4 --set training.seed=9 --output other
letters 99 60 >text.source
letters 98 60 | paste -d ' ' text.source - | cut -d ' ' -f 1-5 >text.target # near it, but another
paste text.source text.target >text.tsv
distill="distill --model teacher --source text.source --target text.target"

# ---- the best answer ----
runs "translate" translate --model teacher --input text.source
paste text.source out >wanted
runs "distill" $distill
cp out best.tsv
same "the lines have source and answer" wanted best.tsv
matches "the summary has pairs and time" "^60 pairs in 0:[0-9]+, [0-9]+ pairs/s: 60 with an answer of the teacher$" "$(<err)"
matches "the distance from the reference, and how it is measured" \
  "^[0-9]+ of 60 answers differ from the reference; mean sentence BLEU [0-9.]+  BLEU\|nrefs:1\|case:mixed\|eff:yes\|tok:none\|" "$(<err)"
runs "another metric" $distill --metric wer
same "the same lines" best.tsv out
matches "in the summary" "mean sentence WER [0-9.]+  WER.nrefs:1" "$(<err)"
runs "one at a time" $distill --batch 1 --threads 1
same "the same lines, one at a time" best.tsv out
runs "sources alone" distill --model teacher --source text.source
same "are enough" best.tsv out
equal "and nothing is told of references" 1 "$(wc -l <err)"
timeout 60 "$heed" distill --model teacher --source - <text.source >out 2>err
same "from standard input too" best.tsv out
runs "translate the other side" translate --model teacher --input text.target --output other.out
runs "columns" distill --model teacher --tsv text.tsv --columns 2,1
same "are those asked for" <(paste text.target other.out) out
gzip -c text.source >text.source.gz
for kind in gz zst; do
  runs "into .$kind" distill --model teacher --source text.source.gz --target text.target --output best.tsv.$kind
  sed "s/{source: train.source, target: train.target}/{tsv: best.tsv.$kind}/" config.yaml >student.yaml
  runs "train a student on .$kind" train student.yaml --set training.epochs=1 --output student --replace
  matches "which reads all pairs" "^60 training pairs" "$(<err)"
done
runs "an ensemble" distill --model teacher --model other --source text.source
cp out both.tsv
runs "translate with it" translate --model teacher --model other --input text.source
same "its answers" <(paste text.source out) both.tsv
for flag in "--model-weights 1,1000" "--combine log-linear"; do
  runs "an ensemble with $flag" distill --model teacher --model other --source text.source $flag
  cp out weighed.tsv
  ok "has other answers" bash -c "! cmp -s both.tsv weighed.tsv"
  runs "translate with it" translate --model teacher --model other --input text.source $flag
  same "its answers" <(paste text.source out) weighed.tsv
done
runs "quantize" quantize teacher --output small
runs "translate with int8" translate --model small --input text.source
paste text.source out >wanted
runs "an int8 bundle" distill --model small --source text.source
same "has its own answers" wanted out
runs "--precision int8" distill --model teacher --source text.source --precision int8
same "and so has --precision int8" wanted out

# ---- the closest to the reference ----
runs "the beam" translate --model teacher --input text.source --beam 8 --nbest 8 --format jsonl
cp out beam.jsonl
python3 - >wanted <<'END'
import json


def edits(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (x != y))
    return row[-1]


for line, reference in zip(open("beam.jsonl"), open("text.target")):
    line = json.loads(line)
    whole = [t["text"] for t in line["translations"] if not t.get("cut") and t["text"]]
    # The first of those that are equally close: the teacher likes it better.
    print(line["source"], min(whole, key=lambda text: edits(text.split(), reference.split())), sep="\t")
END
runs "--choose reference by WER" $distill --choose reference --metric wer --beam 8
same "takes the first of the closest in the beam" wanted out
matches "and tells how many are another than the best" "differ from the reference, [1-9][0-9]* are not the teacher's first; mean sentence WER" "$(<err)"
mean() { sed -n 's/.*mean sentence BLEU \([0-9.]*\) .*/\1/p' err; }
runs "the best of the beam" $distill --beam 8
first=$(mean)
runs "--choose reference by BLEU" $distill --beam 8 --choose reference
ok "is nearer to the reference: $(mean) and $first" awk -v a="$(mean)" -v b="$first" 'BEGIN { exit !(a > b) }'

# ---- what has no answer ----
runs "cut answers" $distill --max-output 3
cut=$((60 - $(wc -l <out)))
ok "some are left out" [ "$cut" -gt 0 ]
matches "and told" "^$cut left out: $cut with an answer that was cut at the length limit \(3; --max-output\)$" "$(<err)"
cp out whole.tsv
runs "--keep-original" $distill --max-output 3 --keep-original
equal "keeps all pairs" 60 "$(wc -l <out)"
same "those cut have their own target" <(cat text.tsv whole.tsv | sort -u) <(sort -u out text.tsv)
matches "which is told" "^$cut with their own target \(--keep-original\): " "$(<err)"
{ cat text.source; printf '%s\n' '' 'a b' $'a\tb c' "$(seq 30 | xargs)"; } >odd.source
{ cat text.target; printf '%s\n' 'a' ' ' $'d\tb' 'b'; } >odd.target
runs "empty sides, long sources, tabs" distill --model teacher --source odd.source --target odd.target --max-length 20
equal "one line more" 61 "$(wc -l <out)"
matches "a tab is a space" $'^a b c\t[a-h ]+$' "$(tail -n 1 out)"
matches "they are told" "^3 left out: 2 with an empty side, 1 with a side of more than 20 tokens \(--max-length\)$" "$(<err)"
matches "and so is the tab" "^1 side had a tab or a line end, which is a space now$" "$(<err)"
equal "of unknown words nothing is said" 0 "$(grep -c '<unk>' err)"
runs "train a teacher that knows one word of its target" train config.yaml --set training.epochs=2 --set data.target.vocabulary=4 --output ignorant
runs "distill it" distill --model ignorant --source text.source --target text.target
matches "its unknown words are warned of" "warning: $(grep -c '<unk>' out) of 60 answers have <unk>, .*data.target.tokenizer: sentencepiece" "$(tail -n 1 err)"
echo old >kept.tsv
fails "no answer at all" 1 "no pair has an answer of the teacher: .*60 with an answer that was cut" $distill --max-output 1 --output kept.tsv
equal "what stood there stays" old "$(<kept.tsv)"

# ---- killed ----
for _ in {1..80}; do cat text.source; done >long.source
"$heed" distill --model teacher --source long.source --beam 30 --batch 4 --output kept.tsv 2>err &
until_true 20 grep -q "of 4,800 pairs" err
kill -9 $!
wait $! 2>/dev/null
matches "progress is told" "^[0-9]+ of 4,800 pairs  [0-9]+ %  [0-9]+ pairs/s  [0-9:]+ left$" "$(<err)"
equal "a killed one leaves what stood there" old "$(<kept.tsv)"
runs "the next one" $distill --output next.tsv
equal "takes away what it was writing" "" "$(find . -name '.heed-tmp*')"

# ---- what is refused ----
fails "another number of lines" 1 "text.source has 60 lines but odd.target has 64" distill --model teacher --source text.source --target odd.target
printf 'a\n\xff\n' >bad.source
fails "what is no text" 1 "bad.source:2: invalid UTF-8" distill --model teacher --source bad.source --output never
: >nothing
fails "an empty file" 1 "nothing is empty" distill --model teacher --source nothing
fails "no corpus" 2 "\-\-source is required" distill --model teacher
fails "the corpus as output" 2 "'text.tsv' is read" distill --model teacher --tsv text.tsv --output text.tsv
echo words >list
fails "the shortlist as output" 2 "\-\-output: './list' is 'list', which is read" $distill --shortlist list --output ./list
fails "--choose reference without one" 2 "\-\-choose reference: needs --target" distill --model teacher --source text.source --choose reference
fails "--choose reference of one" 2 "\-\-choose reference: has no effect with --beam 1" $distill --choose reference --beam 1
for flag in "--metric wer" --keep-original; do
  fails "$flag without references" 2 "${flag% *}: has no effect without --target" distill --model teacher --source text.source $flag
done
fails "--columns without --tsv" 2 "\-\-columns: has no effect without --tsv" distill --model teacher --source text.source --columns 2,1
fails "a metric of alignments" 2 "aer" $distill --metric aer
absent "nothing was written" never
finish
