#!/usr/bin/env bash
# Models that write their target from the last token to the first: reversed_test.sh PATH_OF_HEED
# The same model, trained on targets that are turned round, says what each command must give.
source "$(dirname "$0")/check.sh"

turned() { awk '{ line = ""; for (i = NF; i > 0; --i) line = line (line == "" ? "" : " ") $i; print line }' "$@"; }
make_copy_task 80
sed -i '1,20s/$/ zz/' train.source train.target
sed -i 's/^/new /' dev.source dev.target # no vocabulary has it: it is copied
awk '{ for (i = 0; i < NF; ++i) printf "%s%d-%d", i ? " " : "", i, i; print "" }' train.source >train.links
awk '{ for (i = 0; i < NF; ++i) printf "%s%d-%d", i ? " " : "", i, NF - 1 - i; print "" }' train.source >turned.links
for part in train dev; do turned $part.target >$part.turned; done
options="--set model.output=pointer-generator --set training.guided_alignment=0.5 --set training.epochs=8 --set training.threads=1"
runs "train reversed" train config.yaml $options --set data.train.alignment=train.links --set data.target.reversed=true
runs "train on targets that are turned round" train config.yaml $options --set data.train.alignment=turned.links \
  --set data.train.target=train.turned --set data.validation.target=dev.turned --output other
matches "the bundle says so" "reversed: true" "$(<model/config.yaml)"
same "both have the same weights" model/parameters.safetensors other/parameters.safetensors
equal "and perplexities" "$(grep -o '"perplexity":[0-9.]*' other/train.jsonl)" "$(grep -o '"perplexity":[0-9.]*' model/train.jsonl)"
runs "info" info --model model
matches "says so" "target.*from the last to the first" "$(<out)"

# agree WHAT READING OTHER: JSON lines, of which the second are turned round
cat >agree.py <<'END'
import json, sys

def turn(rows, ends):
    return rows[:-1][::-1] + rows[-1:] if ends else rows[::-1]

def tokens_of(t):
    return t["tokens"] if "tokens" in t else t["target_tokens"]

def of_text(t):
    ends = tokens_of(t)[-1:] == ["</s>"]
    count = len(tokens_of(t)) - ends
    for key in ("text", "target"):
        if key in t: t[key] = " ".join(t[key].split(" ")[::-1])
    for key in ("tokens", "target_tokens", "attention", "log_probabilities", "token_log_probabilities"):
        if key in t: t[key] = turn(t[key], ends)
    for member in t.get("attention_members", []): member["attention"] = turn(member["attention"], ends)
    for name in t.get("measures", {}): t["measures"][name] = turn(t["measures"][name], ends)
    if "copied" in t: t["copied"] = sorted(count - 1 - place if place < count else place for place in t["copied"])
    return t

seen = dict(rows=0, copied=0)
for ours, theirs in zip(open(sys.argv[1]), open(sys.argv[2]), strict=True):
    ours, theirs = json.loads(ours), json.loads(theirs)
    pairs = list(zip(ours.get("translations") or [ours], theirs.get("translations") or [theirs], strict=True))
    for one, other in pairs:
        other.pop("ranges")
        text = one["text"] if "text" in one else one["target"]
        for token, r in zip(tokens_of(one), one.pop("ranges"), strict=True):
            assert (r is None) == (token == "</s>") and (r is None or text[r[0]:r[1]] == token), (token, r)
        assert one == of_text(other), (one, other)
        seen["rows"] += len(one.get("attention", []))
        seen["copied"] += len(one.get("copied", []))
print(*(f"{key} {count > 0}" for key, count in seen.items()))
END
agree() { equal "$1" "rows True copied True" "$(python3 agree.py "$2" "$3" 2>&1)"; }
# both NAME WORD...: by the reversed model into NAME, by the other, with its targets, into NAME.other
both() {
  local name=$1
  shift
  runs "$name" "${@/MODEL/model}"
  cp out "$name"
  local words=("${@/MODEL/other}")
  runs "$name of the other" "${words[@]/dev.target/dev.turned}"
  cp out "$name.other"
}
json="--format jsonl --attention"
# digits FILE: the log-probabilities of its tokens, rounded
digits() { python3 -c 'import json, sys
for line in open(sys.argv[1]): print(*("%.3f" % (p + 0) for p in json.loads(line)["log_probabilities"]))' "$1"; }
both translate translate --model MODEL --input dev.source --nbest 2 --beam 4 --token-scores $json
agree "translations are turned round, with their attention" translate translate.other
both greedy translate --model MODEL --input dev.source --beam 1 --max-output 3 $json
agree "those that are cut too" greedy greedy.other
both text translate --model MODEL --input dev.source
equal "and text" "$(turned text.other)" "$(<text)"
both unknown translate --model MODEL --input dev.source --sample --seed 3 --replace-unknown
equal "and what is drawn" "$(turned unknown.other)" "$(<unknown)"
both scored score --model MODEL --source dev.source --target dev.target $json
agree "scores" scored scored.other
both ensemble score --model MODEL --model MODEL --source dev.source --target dev.target $json
agree "an ensemble's scores, step by step" ensemble ensemble.other
equal "are the model's" "$(digits scored)" "$(digits ensemble)"
both ensemble.best translate --model MODEL --model MODEL --input dev.source $json
agree "an ensemble's translations" ensemble.best ensemble.best.other
both probed probe --model MODEL --source dev.source --target dev.target --sentences 3 --format jsonl
agree "what is probed" probed probed.other
both plain score --model MODEL --source dev.source --target dev.target
same "log-probabilities" plain plain.other

# ---- several models ----
fails "an ensemble of both directions" 1 "write in one direction" translate --model model --model other --input dev.source
fails "their average" 1 "data.target.reversed is true and false" average model other --output mean

# ---- rescoring ----
runs "an n-best list of the other" translate --model model --input dev.source --nbest 3 --beam 4
cp out best
runs "rescore" rescore --model model --source dev.source --nbest best
equal "finds the same log-probabilities" "$(sed -n 's/.*Heed0= \([-0-9.]*\) .*/\1/p' out | xargs printf '%.3f\n')" \
  "$(sed -n 's/.*Heed1= \([-0-9.e]*\) .*/\1/p' out | xargs printf '%.3f\n')"

# ---- constraints ----
head -n 4 train.target >few
turned few >few.turned
runs "a closed set" translate --model model --input dev.source --allowed few --beam 4
cp out closed
runs "a closed set of the other" translate --model other --input dev.source --allowed few.turned --beam 4
equal "is kept to" "$(turned out)" "$(<closed)"
sed 's/.*/a/' dev.source >phrases
fails "--forbid" 1 "forbidden phrases: the model writes a text from its end" translate --model model --input dev.source --forbid phrases
fails "--alternatives" 2 "the model writes it from its end" translate --model model --input dev.source --alternatives --nbest 2
for flag in --prefix --constraints; do
  fails "$flag --strict" 1 "1: (prefix|must): the model writes a text from its end" translate --model model --input dev.source $flag phrases --strict
done

# ---- training ----
fails "a run that goes on in the other direction" 2 "data.target.reversed: true" train config.yaml $options \
  --set data.train.alignment=train.links --set training.epochs=9 --resume
fails "a start from the other direction" 2 "data.target.reversed is true in model" train config.yaml --output never \
  --set training.start_from.bundle=model --set data.target.reversed=false
absent "writes nothing" never
fails "a source that is reversed" 2 "unknown.*data.source.reversed" train config.yaml --output never --set data.source.reversed=true
pieces="--set data.target.tokenizer=sentencepiece --set data.target.vocabulary=24 --set data.target.sampling=0.2 --set training.epochs=1"
runs "sub-word sampling" train config.yaml $pieces --set data.target.reversed=true --output sampled
runs "a teacher" train config.yaml --output plain-teacher --set training.epochs=1
fails "a teacher of the other direction" 2 "writes its target in the other direction" train config.yaml --output never \
  --set data.target.reversed=true --set training.distill.teacher=plain-teacher --set training.distill.weight=0.5 --set training.epochs=1
fails "an ensemble of both directions" 2 "training.validation_ensemble: plain-teacher: .*must write in one direction" train config.yaml --output never \
  --set data.target.reversed=true --set training.validation_ensemble=plain-teacher --set training.epochs=1
runs "validation by an ensemble" train config.yaml --output together --set training.validation_ensemble=plain-teacher --set training.epochs=1
matches "says so" "validation: greedy with 1 other model" "$(<err)"
matches "and at the end" "the best by [^:]* with 1 other model: perplexity" "$(<err)"
runs "info tells it" info together
matches "beside the figures" "best in epoch 1 with 1 other model: perplexity" "$(<out)"
fails "an ensemble with its own output" 2 "validation_ensemble: '\./together' is the output" train config.yaml --output together --replace \
  --set training.validation_ensemble=./together
fails "an ensemble with a model that is not there" 2 "validation_ensemble: 'nowhere' is no model" train config.yaml --output never \
  --set training.validation_ensemble=nowhere
runs "a teacher in another's place" train config.yaml --output plain-teacher --replace --set training.epochs=1 --set training.seed=2
fails "to go on with other models" 1 "validation_ensemble are others than when 'together' was saved" train config.yaml --output together --resume \
  --set training.validation_ensemble=plain-teacher --set training.epochs=2
finish
