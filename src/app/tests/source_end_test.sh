#!/usr/bin/env bash
# Sources that are read without </s>, by every command: source_end_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

# Each word has a feature, and one of the line.
tsv() { awk -v OFS='\t' '{ tags = ""; for (i = 1; i <= NF; ++i) tags = tags " " (i % 2 ? "odd" : "even"); print $0, $0, tags, "line" }'; }
make_copy_task 80
tsv <train.source >train.tsv
sed 's/^/new /' dev.source | tsv >dev.tsv # no vocabulary has it: it is copied
cut -f 1 dev.tsv >dev.source
cp dev.source dev.target
awk '{ for (i = 0; i < NF; ++i) printf "%s%d-%d", i ? " " : "", i, i; print "" }' train.source >train.links
sed -e 's/train: .*/train: {tsv: train.tsv, alignment: train.links}/' -e 's/validation: .*/validation: {tsv: dev.tsv}/' \
  -e 's/source: {tokenizer.*/source: {tokenizer: spaces, features: [{column: 3}, {column: 4, join: sum}], end: false}/' config.yaml >tagged.yaml
options="--set model.output=pointer-generator --set training.guided_alignment=0.5 --set training.epochs=4 --set training.threads=1"
runs "train" train tagged.yaml $options
matches "the bundle says so" "end: false" "$(<model/config.yaml)"
runs "info" info --model model
matches "says so" "source.*without </s>" "$(<out)"
matches "and as JSON" '"end":false' "$("$heed" info --model model --format json)"
runs "plain text" train config.yaml --set training.epochs=4 --set training.threads=1 --set data.source.end=false --output plain
runs "and another that reads it" train config.yaml --set training.epochs=4 --set training.threads=1 --output other

# ---- what commands read ----
# shape: of JSON lines, whether each source has its words alone, and each matrix a column for each of them.
cat >shape.py <<'PYTHON'
import json, sys

seen = set()
for line in map(json.loads, sys.stdin):
    words = line["source"].split(" ")
    assert line["source_tokens"] == words, line["source_tokens"]
    assert [r is not None for r in line["source_ranges"]] == [True] * len(words), line["source_ranges"]
    for answer in line.get("translations") or [line]:
        for rows in [answer["attention"], *answer.get("measures", {}).values()]:
            seen |= {len(row) == len(words) for row in rows}
        assert all(abs(sum(row) - 1) < 1e-3 for row in answer["attention"])
print(*seen)
PYTHON
shape() { equal "$1" True "$(python3 shape.py <out 2>&1)"; }
read_tsv="--input dev.tsv --input-format tsv"
runs "translate" translate --model model $read_tsv --format jsonl --attention --nbest 2 --beam 3 --coverage-penalty 0.2
shape "sees words alone"
cp out best
runs "in batches of one" translate --model model $read_tsv --format jsonl --attention --nbest 2 --beam 3 --coverage-penalty 0.2 --batch 1
same "answers alike" best out
runs "score" score --model model --tsv dev.tsv --columns 1,2,3,4 --format jsonl --attention
shape "scores words alone"
runs "score translations" score --model model --jsonl best --format jsonl
equal "they have the log-probabilities that were found" "$(grep -o '"log_probability":[-0-9.]*' best | cut -c 1-24 | sed -n '1~2p')" \
  "$(grep -o '"log_probability":[-0-9.]*' out | cut -c 1-24)"
runs "probe" probe --model model --tsv dev.tsv --columns 1,2,3,4 --sentences 3 --format jsonl
shape "and probes them"
runs "align" align --model model --tsv dev.tsv --columns 1,2,3,4
equal "a line of links for each pair" 12 "$(grep -c -E '^[0-9]+-[0-9]' out)"
runs "view" view --input best --format html --output page.html
runs "an n-best list" translate --model other --input dev.source --nbest 3 --beam 4
cp out nbest
runs "rescore" rescore --model plain --source dev.source --nbest nbest
runs "distill" distill --model plain --source dev.source --output distilled
for by in attention counts; do
  runs "a shortlist of $by" shortlist --model plain --source train.source --target train.target --by $by --best 5 --output list.$by
  runs "is used" translate --model plain --input dev.source --shortlist list.$by
done
printf '\na\n' >blank
runs "an empty source" translate --model plain --input blank --format jsonl --attention
matches "has an empty answer" '^{"source":"","source_tokens":\[\]' "$(head -n 1 out)"
matches "beside a source of one word" '"source_tokens":\["a"\]' "$(sed -n 2p out)"
runs "is scored" score --model plain --source blank --target blank --format jsonl
matches "as </s>" '"source_tokens":\["</s>"\]' "$(head -n 1 out)"
runs "unknown words are replaced by the last too" translate --model plain --input <(echo neu) --replace-unknown
runs "export" export --model plain --format onnx --output plain.onnx
matches "tells readers" '"version": 2' "$(<plain.onnx/heed.json)"
matches "of the end" '"end": false' "$(<plain.onnx/heed.json)"
runs "export of the other" export --model other --format onnx --output other.onnx
matches "which is read as ever" '"version": 1' "$(<other.onnx/heed.json)"

# ---- several models ----
runs "an ensemble of both" translate --model plain --model other --input dev.source --format jsonl --attention
shape "has the tokens of the first"
ok "of the other its own" grep -q '"attention_members":.*"source_tokens":\[[^]]*"</s>"\]' out
fails "their average" 1 "data.source.end is false and true" average plain other --output mean
fails "a teacher that reads the end" 2 "another end of the source" train config.yaml --output never --set data.source.end=false \
  --set training.distill.teacher=other --set training.distill.weight=0.5 --set training.epochs=1

# ---- training ----
fails "a run that goes on with an end" 2 "data.source.end: false" train config.yaml --set training.threads=1 --set training.epochs=5 --output plain --resume
fails "a start from a model without" 2 "data.source.end is false in plain" train config.yaml --output never \
  --set training.start_from.bundle=plain --set data.source.end=true
absent "writes nothing" never
runs "a start that says nothing" train config.yaml --output started --set training.start_from.bundle=plain --set training.epochs=1
matches "reads as the model did" "end: false" "$(<started/config.yaml)"
fails "an end of the target" 2 "unknown.*data.target.end" train config.yaml --output never --set data.target.end=false
runs "one vocabulary for both sides" train config.yaml --output joint --set data.joint_vocabulary=true --set model.tied=all \
  --set data.source.end=false --set training.epochs=1
finish
