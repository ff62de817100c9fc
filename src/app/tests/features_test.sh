#!/usr/bin/env bash
# Source features, as a user sees them: features_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

# A letter comes out as it went in, or as a capital: the feature of each word says which. A line has one of two kinds.
pairs() {
  letters "$1" "$2" | awk -v OFS='\t' '{
    target = tags = ""
    for (i = 1; i <= NF; ++i) {
      tag = (NR * 7 + i * 3 + length($0)) % 2 ? "up" : "low"
      tags = tags (i > 1 ? " " : "") tag
      target = target (i > 1 ? " " : "") (tag == "up" ? toupper($i) : $i)
    }
    print $0, target, tags, NR % 2 ? "even" : "odd"
  }'
}
pairs 4711 200 >train.tsv
pairs 815 12 >dev.tsv
awk -F '\t' -v OFS='\t' '{ print $4, $3, $2, $1 }' dev.tsv >turned.tsv
cat >config.yaml <<END
data:
  train: {tsv: train.tsv}
  validation: {tsv: turned.tsv, columns: [4, 3, 2, 1]}
  source:
    tokenizer: spaces
    features:
      - {name: case, column: 3, embedding: 4}
      - {name: kind, column: 4, join: sum}
  target: {tokenizer: spaces}
model:
  embedding: 8
  encoder:   {layers: 1, hidden: 16}
  decoder:   {layers: 1, hidden: 16}
  attention: {kind: luong-general}
  dropout: {source: 0.1, source_words: 0.05}
training: {learning_rate: 0.01, batch_sentences: 16, epochs: 3, threads: 2, seed: $((1 + seed_offset))}
output: model
END
train() { run train "$@"; }
state=training_state/parameters.safetensors

# ---- training ----
runs "train with features" train config.yaml
matches "their values are said" "^feature 'case': 2 values" "$(<err)"
matches "the last line says how they are read" 'translate --model model --input FILE --input-format tsv' "$(tail -n 1 err)"
ok "their vocabularies are in the bundle" grep -qx up model/source.features.case.vocabulary
matches "info tells the features" "^feature     kind, 2 values, embedding 8, sum" "$("$heed" info model)"
runs "info as JSON" info model --format json
ok "tells them too" grep -q '"features":\[{"name":"case","values":2,"embedding":4,"join":"concatenate"}' out
runs "all files have checksums" info model --verify
runs "a part of it" train config.yaml --set training.epochs=1 --output part
runs "goes on" train config.yaml --output part --resume
same "to the same bytes" model/$state part/$state
sed '1s/even\|odd/both/' train.tsv >other.tsv
cp train.tsv saved.tsv
cp other.tsv train.tsv
fails "another value is other data" 1 "the training data changed" train config.yaml --set training.epochs=4 --output part --resume
mv saved.tsv train.tsv
runs "a rehearsal" train config.yaml --dry-run --output never
ok "names the table" grep -q "source.features.case " <(cat out err)
runs "data check" data check config.yaml
runs "a share is held out" train <(sed '/validation:/d' config.yaml) --set training.epochs=1 --output alone
runs "report on it" report alone --output page.html
runs "minimum risk" train config.yaml --set training.epochs=1 --set training.risk.weight=0.5 --set training.risk.candidates=2 --output risky
runs "a student of it, by another word for a width" train config.yaml --set training.epochs=1 --set training.distill.teacher=model --set training.distill.weight=0.5 \
  --set training.start_from=model --output student \
  --set "data.source.features=[{name: case, column: 3, embedding: 4}, {name: kind, column: 4, join: sum, embedding: 8}]"
runs "it starts from that model" train <(sed '/features:/,/kind/d' config.yaml) --set training.start_from=model --set training.epochs=1 --output started
ok "with its features" cmp model/source.features.kind.vocabulary started/source.features.kind.vocabulary
fails "but not with others" 2 "data.source.features are others than in model" train config.yaml --set "data.source.features=[{column: 3}]" \
  --set "data.validation.columns=[4, 3, 2]" --set training.start_from=model --output never

# ---- translation ----
runs "translate columns" translate --model model --input dev.tsv --input-format tsv --format jsonl
cp out columns.out
runs "columns in another order" translate --model model --input turned.tsv --input-format tsv --columns 4,2,1 --format jsonl
same "the same" columns.out out
awk -F '\t' -v OFS='\t' '{ print $4, $3, $2, $1 }' train.tsv >turned.train
runs "train on columns in another order" train config.yaml --set "data.train={tsv: turned.train, columns: [4, 3, 2, 1]}" \
  --set training.epochs=1 --output backwards
runs "translate them as they are" translate --model backwards --input turned.tsv --input-format tsv --format jsonl
cp out backwards.out
runs "columns by their numbers" translate --model backwards --input dev.tsv --input-format tsv --columns 1,3,4 --format jsonl
same "the same" backwards.out out
fails "a column twice" 2 "\-\-columns: column 3 cannot be 'case' too" translate --model model --input dev.tsv --input-format tsv --columns 3
awk -F '\t' '{ printf "{\"source\": \"%s\", \"features\": {\"kind\": \"%s\", \"case\": \"%s\"}}\n", $1, $4, $3 }' dev.tsv >dev.jsonl
runs "translate JSON lines" translate --model model --input dev.jsonl --input-format jsonl --format jsonl
same "the same" columns.out out
runs "each alone" translate --model model --input dev.jsonl --input-format jsonl --format jsonl --batch 1 --threads 1
same "the same" columns.out out
runs "an ensemble of twins" translate --model model --model part --input dev.jsonl --input-format jsonl
runs "other values" translate --model model --input-format jsonl --format jsonl --input <(sed 's/up/low/g' dev.jsonl)
ok "give another answer" bash -c "! cmp -s columns.out out"
echo '{"source": "a b", "features": {"case": ["up", "new"], "kind": "odd"}}' >one
runs "a list, and a new value" translate --model model --input one --input-format jsonl
equal "no warning" "" "$(<err)"
fails "text has no features" 2 "the model reads features \(case, kind\), which lines of text do not have: give --input-format jsonl" translate --model model --input dev.tsv
fails "nor has what is typed" 2 "reads features \(case, kind\), which cannot be typed" translate --model model --interactive
fails "the wrong number of columns" 2 "\-\-columns: 2 are not right; expected: that of the source, and then of case, kind" translate --model model --input dev.tsv --input-format tsv --columns 1,2
bad() { # WHAT PATTERN LINE
  echo "$3" >one
  fails "$1" 1 "one:1: $2" translate --model model --input one --input-format jsonl --strict
}
bad "a feature is missing" "features: 'kind' is missing" '{"source": "a", "features": {"case": "up"}}'
bad "one too many of an empty source" "features: the model has no 'tag'" '{"source": " ", "features": {"tag": "x"}}'
bad "one too many" "features: the model has no 'tag'; it reads case, kind" '{"source": "a", "features": {"case": "up", "kind": "odd", "tag": "x"}}'
bad "another number of values" "feature 'case' has 3 values, but the source has 2 words" '{"source": "a b", "features": {"case": "up up up", "kind": "odd"}}'
bad "no text" "features: 'case' is neither a text nor a list of texts" '{"source": "a", "features": {"case": 1, "kind": "odd"}}'
bad "an empty value in a list" "features: 'case' is a list, of which '' is no value" '{"source": "a b", "features": {"case": ["", "up"], "kind": "odd"}}'
bad "two values in one" "features: 'case' is a list, of which 'up low' is no value" '{"source": "a b", "features": {"case": ["up low"], "kind": "odd"}}'
bad "an unknown key" "unknown key 'bean'; expected: source, features" '{"source": "a", "bean": 2}'
bad "no source" "'source' is missing, or no text" '{"features": {}}'
bad "no JSON" "no JSON object; expected" 'a b'
bad "a NUL byte" "a NUL byte in 'source'" '{"source": "a\u0000", "features": {"case": "up", "kind": "odd"}}'
{ echo '{"source": "a"}'; head -n 1 dev.jsonl; echo '{"source": " "}'; } >some
runs "without --strict" translate --model model --input some --input-format jsonl --format jsonl
matches "a line that cannot be read is a warning" "some:1: features: 'case' is missing; its answer is empty" "$(<err)"
equal "the others are translated" "$(head -n 1 columns.out)" "$(sed -n 2p out)"

# ---- what is made of answers ----
equal "an answer has its features" "$(awk -F '\t' '{ printf "{\"case\":\"%s\",\"kind\":\"%s\"}\n", $3, $4 }' dev.tsv)" \
  "$(sed 's/.*"features":\({[^}]*}\).*/\1/' columns.out)"
paste <(cut -f 1 dev.tsv) <(sed 's/.*"text":"\([^"]*\)".*/\1/' columns.out) <(cut -f 3,4 dev.tsv) >answered.tsv
runs "score answers in columns" score --model model --tsv answered.tsv
cp out answered.scores
runs "score them as they were written" score --model model --jsonl columns.out
same "the same" answered.scores out
rescore="rescore --nbest columns.out --input-format jsonl --weights 0,1,0"
runs "rescore them" $rescore --model model
same "the same" answered.scores <(sed 's/.* //' out)
runs "train with one of the features" train config.yaml --set "data.source.features=[{name: case, column: 3}]" \
  --set "data.validation.columns=[4, 3, 2]" --set training.epochs=1 --output single
runs "score by a model that reads one of them" score --model single --jsonl columns.out
cp out single.scores
runs "rescore by it" $rescore --model single
same "the same" single.scores <(sed 's/.* //' out)
runs "translate an empty line" translate --model model --input <(echo '{"source": ""}') --input-format jsonl --format jsonl --output empty.out
runs "which has no features: score it" score --model model --jsonl empty.out
runs "and rescore it" ${rescore/columns/empty} --model model
sed '2s/"features":{[^}]*},//' columns.out >bare.out
fails "an answer without features" 1 "bare.out:2: features: 'case' is missing" ${rescore/columns/bare} --model model
fails "translations have none" 1 "'model' reads source features, which translations do not have" $rescore --reverse-model model
echo '0 ||| a ||| -1' >list
fails "nor have lines of Moses" 1 "which lines of Moses do not have: give --input-format jsonl" rescore --model model --source one --nbest list
fails "report on an ensemble of other features, before it reads or translates" 1 \
  "the models of an ensemble must read the same features, but one reads \(case, kind\) and another \(case\)" \
  report model single --ensemble --tsv missing.tsv --output never.html

# ---- all else that reads a source ----
runs "score columns" score --model model --tsv dev.tsv --format jsonl
cp out scored.out
runs "probe columns" probe --model model --tsv dev.tsv --sentences 3
runs "probe with <unk> and the features of what it replaces" probe --model model --tsv dev.tsv --sentences 3 --erase unknown
runs "score columns in another order" score --model model --tsv turned.tsv --columns 4,3,2,1 --format jsonl
same "the same" scored.out out
awk -F '\t' '{ printf "{\"source\": \"%s\", \"target\": \"%s\", \"features\": {\"kind\": \"%s\", \"case\": \"%s\"}}\n", $1, $2, $4, $3 }' dev.tsv >pairs.jsonl
runs "score JSON lines" score --model model --jsonl pairs.jsonl --format jsonl
same "the same" scored.out out
echo '{"source": "a", "target": "b", "features": {"kind": "odd"}}' >one
fails "a pair without a feature" 1 "one:1: features: 'case' is missing" score --model model --jsonl one
runs "shortlist of JSON lines" shortlist --model model --jsonl pairs.jsonl --output list
runs "of which counting reads no features" shortlist --model model --jsonl one --by counts --output list
runs "align" align --model model --tsv dev.tsv
runs "shortlist" shortlist --model model --tsv dev.tsv --output list
runs "a corpus of its answers" distill --model model --tsv turned.tsv --columns 4,3,2,1 --output distilled.tsv
same "has the features" <(cut -f 1,3,4 dev.tsv) <(cut -f 1,3,4 distilled.tsv)
fails "not of plain text" 2 "\-\-source: the model reads features \(case, kind\), which .*: give --tsv" distill --model model --source dev.jsonl --output never
runs "report" report model --tsv dev.tsv --output page.html
cut -f 1 dev.tsv >source
for command in score align "shortlist --output list" "report model --output page.html"; do
  files="--model model --source source --target source"
  [[ $command != report* ]] || files="--source source --references source"
  fails "$command of two files" 2 "source and source are two files; the features \(case, kind\) are columns of one" $command $files
done
fails "score with too few columns" 2 "\-\-columns: 3 numbers are not right; two are expected, of source and target, or 4 with the features \(case, kind\)" \
  score --model model --tsv dev.tsv --columns 1,2,3
sed '3s/\tup\|\tlow/\tup up up up up up up/' dev.tsv >long.tsv
fails "another number of values" 1 "long.tsv:3: column 3 has [0-9]+ values, but the source has [0-9]+ words" score --model model --tsv long.tsv
fails "in training too" 1 "long.tsv:3: column 3 has" train config.yaml --set data.train.tsv=long.tsv --output never
run data check config.yaml --set data.train.tsv=long.tsv
matches "data check counts it" "^with another number of feature values than of words +an error +1" "$(<out)"
fails "a missing column" 1 "source:1: 1 column, but column 4 is asked for" train config.yaml --set data.train.tsv=source --output never

# ---- what is made of a model ----
runs "quantize" quantize model --output small
runs "its answers" translate --model small --input dev.jsonl --input-format jsonl
runs "in bfloat16" translate --model model --precision bfloat16 --input dev.jsonl --input-format jsonl
runs "average" average model part --output mean
runs "the mean of the same is the same" translate --model mean --input dev.jsonl --input-format jsonl --format jsonl
same "the same" columns.out out
cp -r model broken
sed -i 's/^up$/us/' broken/source.features.case.vocabulary
fails "a damaged vocabulary" 1 "source.features.case.vocabulary" translate --model broken --input dev.jsonl --input-format jsonl
rm model/source.features.case.vocabulary
fails "a lost one" 1 "source.features.case.vocabulary" translate --model model --input dev.jsonl --input-format jsonl

finish
