#!/usr/bin/env bash
# n-best lists rescored, alignments of two directions, figures of scores: rescore_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

make_copy_task 100
runs "train" train config.yaml --set training.epochs=6
runs "train another" train config.yaml --set training.epochs=6 --set training.seed=2 --output other
head -n 8 dev.source >source
head -n 8 dev.target >target

# ---- n-best lists of translate ----
runs "translate to an n-best list" translate --model model --input source --beam 4 --nbest 3 --output best
equal "has lines of Moses" 24 "$(grep -cE '^[0-7] \|\|\| [a-h ]* \|\|\| Heed0= -[0-9.]+ \|\|\| -[0-9.]+$' best)"
field() { awk -F ' [|][|][|] ' -v i="$1" '{ print $i }' "$2"; }
# feature NAME FILE: its values, rounded
feature() { sed -n "s/.* $1= \([-0-9.e]*\) .*/\1/p" "$2" | xargs printf '%.3f\n'; }

runs "rescore by the same model" rescore --model model --source source --nbest best
cp out same
equal "finds the same log-probabilities" "$(feature Heed0 same)" "$(feature Heed1 same)"
field 2 best >texts
awk -F ' [|][|][|] ' 'NR == FNR { line[NR] = $0; next } { print line[$1 + 1] }' source best >sources
runs "rescore by another and the other direction" rescore --model other --reverse-model other --source source --nbest best --weights 0,1,0,0
cp out sorted
runs "score" score --model other --source sources --target texts
paste -d ' ' <(field 1 best) <(xargs printf '%.3f\n' <out) | sort -k 1,1n -k 2,2gr | cut -d ' ' -f 2 >expected
equal "sorts by its score" "$(<expected)" "$(field 4 sorted | xargs printf '%.3f\n')"
runs "score the other way" score --model other --source texts --target sources
equal "has that of the other direction" "$(xargs printf '%.3f\n' <out | sort)" "$(feature Reverse0 sorted | sort)"
equal "counts words" "$(field 2 sorted | awk '{ print NF }')" "$(sed -n 's/.* Words0= \([0-9]*\) .*/\1/p' sorted)"
runs "rescore what is rescored" rescore --model model --source source --nbest sorted --weights 0,1,0,0,0
equal "keeps its features" "Heed0 Heed1 Reverse0 Words0 Heed2" "$(head -n 1 out | grep -o '[A-Za-z]*[0-9]=' | tr -d = | xargs)"
runs "rescore --best" rescore --model other --source source --nbest best --weights 0,1,0 --best
equal "writes the first of each" "$(awk -F ' [|][|][|] ' '!($1 in seen) { seen[$1]; print $2 }' sorted)" "$(<out)"

# ---- weights ----
# B misleads; the score of the model and of the words is the same for all.
printf 'a\nb\nc\n' >three
for i in 0 1 2; do printf '%s ||| x ||| A= 0 B= 3 ||| 1\n%s ||| %s ||| A= 1 B= 0 ||| 1\n' $i $i "$(sed -n "$((i + 1))p" three)"; done >misled
tune="rescore --model model --source three --nbest misled --tune three --metric accuracy --weights 1,1,0,0"
runs "tune" $tune --best
same "finds weights with which all are right" out three
matches "says so" "^tuned: [Aa]ccuracy 0.00 -> 100.00 with --weights=[-0-9.,e]+$" "$(<err)"
cp err first
runs "tune again" $tune --best
same "finds the same" err first
runs "rescore with these weights" rescore --model model --source three --nbest misled --best "$(grep -o '\-\-weights=.*' err)"
same "is right" out three
printf '0 ||| a ||| 1\n2 ||| c ||| 1\n' >gap
runs "a sentence without an entry" rescore --model model --source three --nbest gap --best
equal "has an empty line" "a::c:" "$(tr '\n' : <out)"

# ---- what is wrong ----
# wrong WHAT STATUS PATTERN LINE...
wrong() {
  printf '%s\n' "${@:4}" >bad
  fails "$1" "$2" "$3" rescore --model model --source three --nbest bad --output never
  absent "and writes nothing" never
}
wrong "no n-best line" 1 "bad:2: no line of an n-best list" "0 ||| a ||| 1" "a b"
wrong "no number" 1 "bad:1: 'x' is no number of a sentence" "x ||| a ||| 1"
wrong "no score" 1 "bad:1: '1,5' is no score" "0 ||| a ||| A= 1 ||| 1,5"
wrong "a value that is none" 1 "bad:1: 'nan' is no value of a feature" "0 ||| a ||| A= nan ||| 1"
wrong "a value without name" 1 "bad:1: the feature value '3' has no name" "0 ||| a ||| 3 ||| 1"
wrong "other features" 1 "bad:2: other features than those of the first line" "0 ||| a ||| A= 1 ||| 1" "0 ||| a ||| B= 1 ||| 1"
wrong "a sentence too many" 1 "bad:1: sentence 3 of 3" "3 ||| a ||| 1"
wrong "sentences out of order" 1 "bad:2: sentence 0 after a later one" "1 ||| a ||| 1" "0 ||| a ||| 1"
wrong "an empty list" 1 "bad:1: no line of an n-best list" ""
fails "weights of other features" 2 "\-\-weights: 2 given for 4 features: A, B of the list" rescore --model model --source three --nbest misled --weights 1,2
fails "no model" 2 "\-\-model is required" rescore --source three --nbest misled
fails "references of other lines" 1 "source" rescore --model model --source three --nbest misled --tune source
fails "an unknown metric" 2 "unknown 'blue'" rescore --model model --source three --nbest misled --tune three --metric blue

# ---- align, in two directions ----
align="align --source source --target target"
runs "align" $align --model model
cp out forward
runs "align the other way" align --source target --target source --model other
sed 's/\([0-9]*\)-\([0-9]*\)/\2-\1/g' out >backward
# joined PROGRAM: of the links of each line, those that are in both (n == 2) or in either
joined() {
  paste forward backward | awk -F '\t' -v least="$1" '{
    split("", n); split($1 " " $2, links, " "); line = ""
    for (k in links) n[links[k]]++
    for (i = 0; i < 99; i++) for (j = 0; j < 99; j++) if (n[i "-" j] >= least) line = line (line == "" ? "" : " ") i "-" j
    print line }'
}
runs "align --symmetrize intersection" $align --model model --reverse-model other --symmetrize intersection
equal "is what both have" "$(joined 2)" "$(<out)"
runs "align --symmetrize union" $align --model model --reverse-model other --symmetrize union
equal "is what either has" "$(joined 1)" "$(<out)"
runs "align --reverse-model" $align --model model --reverse-model other --format jsonl
cp out lines
runs "align --symmetrize grow-diag-final-and" $align --model model --reverse-model other --symmetrize grow-diag-final-and
equal "is the usual, in JSON lines too" "$(<out)" "$(python3 -c 'import json
for line in open("lines"): print(*("%d-%d" % tuple(link) for link in json.loads(line)["links"]))')"
runs "align --format soft" $align --model model --format soft --threshold 0.25
cp out soft
equal "has no weight below the threshold" "" "$(grep -oE ':[0-9.]+' soft | awk -F : '$2 < 0.25')"
runs "align --threshold 1" $align --model model --threshold 1
equal "leaves out what is less" "" "$(tr -d '\n' <out)"
fails "a layer that is not there" 2 "one layer" $align --model model --layer 2
fails "a model that does not attend, the other way" 1 "nowhere" $align --model model --reverse-model nowhere

# ---- align, with several models of one direction ----
weights() { runs "align with $1" $align $1 --format jsonl; }
weights "--model model" && cp out one
weights "--model other" && cp out another
weights "--model model --model other --model-weights 3,1" && cp out both
ok "weights are the mean" python3 - <<'END'
import json
rows = [[json.loads(line)["weights"] for line in open(name)] for name in ("one", "another", "both")]
for one, another, both in zip(*rows):
    for a, b, c in zip(sum(one, []), sum(another, []), sum(both, [])):
        assert abs(0.75 * a + 0.25 * b - c) < 2e-4, (a, b, c)
END
weights "--model model --reverse-model other --reverse-model other" && cp out twice
weights "--model model --reverse-model other"
same "a model twice is that model" out twice
fails "--combine, which needs probabilities" 2 "\-\-combine" $align --model model --model other --combine mean
fails "--model-weights of one model" 2 "\-\-model-weights: has no effect on one --model" $align --model model --model-weights 1

# ---- score --summary ----
runs "score" score --model model --source source --target target
cp out scores
runs "score --summary" score --model model --source source --target target --summary
ok "is what the scores say" python3 - <<'END'
import json, math
scores = [float(line) for line in open("scores")]
words = sum(len(line.split()) + 1 for line in open("target"))
said = json.load(open("out"))
assert (said["pairs"], said["tokens"], said["words"]) == (8, words, words), said
near = lambda a, b: math.isclose(a, b, rel_tol=1e-5)
assert near(said["log_probability"], sum(scores)) and near(said["mean_log_probability"], sum(scores) / 8), said
assert near(said["perplexity_per_token"], math.exp(-sum(scores) / words)), said
assert near(said["perplexity_per_word"], math.exp(-sum(scores) / words)), said
END

finish
