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
# Where one of several references is empty, there is one fewer: no answer is right by being empty.
sed 's/ x / /' misled >nothing
printf '\n\n\n' >empty
runs "tune with references that some lacks" rescore --model model --source three --nbest nothing --tune three empty --metric accuracy --weights 1,1,0,0 --best
matches "an empty one is none" "^tuned: [Aa]ccuracy 0.00 -> 100.00 with" "$(<err)"
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

# ---- JSON lines ----
how="--model other --reverse-model other --weights 0,1,0.5,0"
runs "rescore lines of Moses" rescore $how --source source --nbest best
cp out ranked
runs "translate to JSON lines" translate --model model --input source --beam 4 --nbest 3 --format jsonl --attention --trace --output best.jsonl
json="--nbest best.jsonl --input-format jsonl"
runs "rescore JSON lines" rescore $how $json
close "is the same, with more digits" ranked out 2e-6
cp out ranked
sed 's/"text"/"te\\u0078t"/g; s/"translations"/"\\u0074ranslations"/' best.jsonl >escaped.jsonl
runs "rescore JSON lines whose keys are spelled with escapes" rescore $how --nbest escaped.jsonl --input-format jsonl
same "is the same" ranked out
runs "rescore JSON lines --best" rescore $how $json --best
equal "writes the first of each" "$(awk -F ' [|][|][|] ' '!($1 in seen) { seen[$1]; print $2 }' ranked)" "$(<out)"
runs "rescore JSON lines --format jsonl" rescore $how $json --format jsonl
cp out ranked.jsonl
ok "writes the lines in another order" python3 - <<'END'
import json
moses = [[field.strip() for field in line.split("|||")] for line in open("ranked")]
before, after = ([json.loads(line) for line in open(name)] for name in ("best.jsonl", "ranked.jsonl"))
assert len(before) == len(after) == 8
moved = 0
for i, (old, new) in enumerate(zip(before, after)):
    assert list(old) == list(new)
    was, now = old.pop("translations"), new.pop("translations")
    assert old == new
    expected = [entry for entry in moses if entry[0] == str(i)]
    assert [entry[1] for entry in expected] == [each["text"] for each in now]
    for each, entry in zip(now, expected):
        features, score = each.pop("features"), each.pop("score")
        assert list(features) == ["Heed0", "Heed1", "Reverse0", "Words0"], features
        assert abs(score - features["Heed1"] - 0.5 * features["Reverse0"]) < 1e-9 and abs(score - float(entry[3])) < 1e-5
        assert features["Heed0"] == each["log_probability"] and features["Words0"] == len(each["text"].split())
    for each in was:
        del each["score"]
    moved += was != now
    assert sorted(was, key=json.dumps) == sorted(now, key=json.dumps)
assert moved
END
runs "rescore JSON lines --format jsonl --best" rescore $how $json --format jsonl --best
ok "has the first of each alone" python3 - <<'END'
import json
for every, best in zip(map(json.loads, open("ranked.jsonl")), map(json.loads, open("out"))):
    assert best.pop("translations") == every.pop("translations")[:1] and best == every
END
"$heed" translate --model model --input source --beam 4 --nbest 3 --format jsonl --attention --trace |
  "$heed" rescore $how --nbest - --input-format jsonl --format jsonl >out 2>err
same "from a pipe it is the same" ranked.jsonl out
runs "rescore what is rescored" rescore --model model --nbest ranked.jsonl --input-format jsonl --format jsonl
equal "keeps its features" "Heed0 Heed1 Reverse0 Words0 Heed2" "$(head -n 1 out | grep -o '"features":{[^}]*}' | head -n 1 | grep -o '[A-Za-z]*[0-9]"' | tr -d '"' | xargs)"
runs "view shows it" view --input ranked.jsonl
while read -r letter; do
  printf '{"source": "%s", "translations": [{"text": "x", "features": {"A": 0, "B": 3}}, {"features": {"A": 1, "B": 0}, "text": "%s"}]}\n' "$letter" "$letter"
done <three >misled.jsonl
misled="--model model --nbest misled.jsonl --input-format jsonl"
runs "tune with JSON lines" rescore $misled --tune three --metric accuracy --weights 1,1,0,0 --best
same "finds weights with which all are right" out three
same "which are the same" err first
fails "references of other lines" 1 "misled.jsonl" rescore $misled --tune source
printf '{"source": "a\\u0000", "translations": [], "error": "a NUL byte"}\n' >odd.jsonl
cat odd.jsonl misled.jsonl odd.jsonl >gap.jsonl
runs "lines that were no text" rescore --model model --nbest gap.jsonl --input-format jsonl --best
equal "have an empty line" "5:" "$(wc -l <out):$(sed -n '1p;5p' out | tr -d '\n')"
runs "and in JSON" rescore --model model --nbest gap.jsonl --input-format jsonl --format jsonl
same "stay as they are" odd.jsonl <(sed -n 5p out)

# ---- more than is scored together ----
# often FILE: 110 times
often() { for ((i = 0; i < 110; i++)); do cat "$1"; done; }
often best.jsonl >many.jsonl
often ranked.jsonl >expected
runs "rescore 2,640 translations" rescore $how --nbest many.jsonl --input-format jsonl --format jsonl
same "each is scored as by itself" expected out
# numbered FILE: as often, of 8 sentences each time, with the numbers going on, but no sentence 3
numbered() {
  often "$1" | awk -F ' [|][|][|] ' '$1 < last { first += 8 } { last = $1 } $1 != 3 { sub(/^[0-9]+/, first + $1); print }'
}
often source >sources
runs "rescore lines of Moses" rescore $how --source source --nbest best
numbered out >expected
numbered best >many
equal "there are 2,310" 2310 "$(wc -l <many)"
many="rescore $how --source sources --nbest many"
runs "many of them" $many
same "each is scored as by itself" expected out
runs "the best of each" $many --best
awk -F ' [|][|][|] ' 'NR == FNR { if (!($1 in best)) best[$1] = $2; next } { print best[FNR - 1] }' expected sources >texts
same "an empty line where there is none" texts out

# ---- what is wrong with JSON lines ----
# wrong_json WHAT PATTERN LINE...
wrong_json() {
  printf '%s\n' "${@:3}" >bad
  fails "$1" 1 "$2" rescore --model model --nbest bad --input-format jsonl --max-length 4 --output never
  absent "and writes nothing" never
}
line='{"source": "a", "translations": [{"text": "a", "score": 1}, {"text": "b", "score": 1}]}'
wrong_json "no JSON" "bad:2: no JSON object; expected a line of" "$line" "0 ||| a ||| 1"
wrong_json "no source" "bad:1: 'source' is missing" '{"translations": [{"text": "a", "score": 1}]}'
wrong_json "no translations" "bad:1: 'translations' is missing" '{"source": "a"}'
wrong_json "other features" "bad:2: other features than those of the first line" "$line" '{"source": "a", "translations": [{"text": "a", "log_probability": 1}]}'
wrong_json "a sentence that is too long" "bad:3: .* 5 tokens" "$line" "$line" "${line/: \"a\"/: \"a b c d e\"}"
wrong_json "a translation that is" "bad:2: .* 5 tokens" "$line" "${line/\"b\"/\"a b c d e\"}"
: >bad
fails "no line" 1 "bad is empty" rescore --model model --nbest bad --input-format jsonl
fails "no source" 2 "\-\-source is required, but for --input-format jsonl" rescore --model model --nbest best

printf '%s\n' '{"source": "a b", "translations": [{"text": "a", "features": {"A": 1, "B": 2}}, {"text": "b", "features": {"B": 1, "A": 3}}]}' >orders
runs "features in another order" rescore --model model --input-format jsonl --nbest orders --weights 1,0,0,0
equal "are found by their names" "b 3" "$(head -n 1 out | sed 's/.*||| \(.\) ||| A= \([0-9]*\).*/\1 \2/')"
sed 's/, "B": 2//' orders >fewer
fails "a feature that one lacks" 1 "fewer:1: other features" rescore --model model --input-format jsonl --nbest fewer
for name in '' 'A b' 'A=' '|' 'A\\n'; do
  sed "s/\"A\": 3/\"$name\": 3/" orders >odd
  fails "a feature of the name '$name'" 1 "odd:1: a feature's name is empty, or has a blank" rescore --model model --input-format jsonl --nbest odd
done
sed 's/"A": 3/"A": 1.7e308/' orders >huge
fails "a score that no number holds" 1 "huge:1: the score by these weights is no finite number" rescore --model model --input-format jsonl --nbest huge --weights 10,1,1,1
sed 's/.*/x y z/' source >foreign
runs "rescore what the model does not know" rescore --model model --source foreign --nbest best
matches "warns with its name" "warning: .* source tokens are unknown to 'model': is the input" "$(<err)"
runs "align by such a model in the other direction" align --model model --reverse-model other --source source --target foreign
matches "warns of it" "warning: .* source tokens are unknown to 'other': is the input" "$(<err)"

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
