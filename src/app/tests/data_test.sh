#!/usr/bin/env bash
# Where training text comes from, and what is made of it, as a user sees it: data_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

make_copy_task 300
once="--set training.epochs=1"
state=training_state/parameters.safetensors
train() { run train "$@"; }

# ---- a share is held out ----
sed '/validation:/d' config.yaml >alone.yaml
runs "train without a validation text" train alone.yaml --set training.epochs=3 --output alone
matches "a share is held out, and said" "^data.validation is not given: 6 of 300 training pairs are held out for it \(data.held_out\)" "$(<err)"
ok "the shorter training" train alone.yaml $once --output parts
runs "goes on" train alone.yaml --set training.epochs=3 --output parts --resume
same "to the same bytes" alone/$state parts/$state
runs "report finds the pairs again" report alone --output page.html
ok "and judges them" grep -q "6 sentences of the training pairs that were held out" page.html
paste train.source train.target | tac >turned.tsv
runs "the same pairs turned round" train alone.yaml --set "data.train={source: '', target: '', tsv: turned.tsv}" $once --output turned
equal "are held out" "$(grep -o '"validation":"[0-9a-f]*"' alone/training_state/position.json)" "$(grep -o '"validation":"[0-9a-f]*"' turned/training_state/position.json)"
fails "a share beside a validation text" 2 "data.held_out has no effect beside data.validation" train config.yaml --set data.held_out=0.1 --output never
head -n 1 train.source >one
fails "one pair is too few" 1 "1 training pair with text: too few to hold one out for validation; name data.validation" \
  train alone.yaml --set data.train.source=one --set data.train.target=one --output never

# ---- several corpora ----
letters 99 60 >small.source
paste small.source small.source | sed 's/^/id\t/' >small.tsv
sed 's/train: .*/train:\n    - {source: train.source, target: train.target}\n    - {tsv: small.tsv, columns: [2, 3]}/' config.yaml >several.yaml
cat train.source small.source >both
runs "train on two corpora" train several.yaml $once --output several
matches "filters are counted of each" "^small.tsv: 60 training pairs \(0 with an empty side and 0 longer than max_length left out\)" "$(<err)"
matches "and of all" "^360 training pairs" "$(<err)"
runs "train on both in one file" train config.yaml --set data.train.source=both --set data.train.target=both $once --output both.run
same "is the same training" several/$state both.run/$state
runs "info shows the run" info several
sed 's/train.target}/train.target, weight: 1}/; s/\[2, 3\]}/[2, 3], weight: 3}/' several.yaml >weighted.yaml
runs "train by weight" train weighted.yaml --set training.epochs=3 --output weighted
matches "what an epoch draws is said" "^small.tsv: an epoch draws 270 pairs, each of its 60 4.5 times" "$(<err)"
matches "of the other too" "^train.source and train.target: an epoch draws 90 pairs, each of its 300 0.3 times" "$(<err)"
ok "a shorter training by weight" train weighted.yaml $once --output half
runs "goes on" train weighted.yaml --set training.epochs=3 --output half --resume
same "to the same bytes" weighted/$state half/$state
ok "it is another training" bash -c '! cmp -s weighted/'$state' several/'$state
matches "the bundle has the list" "weight: 3" "$(<weighted/config.yaml)"
sed -i 's/weight: 3/weight: 2/' weighted.yaml
fails "other weights cannot go on" 2 "'data.train.weight: \[1, 2\]': they must be the same" train weighted.yaml --set training.epochs=4 --output half --resume
cp small.tsv saved.tsv
sed -i '60s/$/ a/' small.tsv
fails "an edited corpus, the last line of the second, is noticed" 1 "the training data changed since 'several' was saved \(still 360 pairs, but others\)" \
  train several.yaml --set training.epochs=4 --output several --resume
mv saved.tsv small.tsv
sed 's/weight: 1/weight: 0/' weighted.yaml >uneven.yaml
fails "a weight for some" 2 "train.source and train.target has no weight, but others have" train uneven.yaml --output never
fails "a weight of one corpus" 2 "data.train.weight has no effect with one corpus" train config.yaml --set data.train.weight=2 --output never
fails "a key of one of several" 2 "'data.train' is a list of 2: give all of it" train several.yaml --set data.train.source=x --output never
runs "all of it can be given" train several.yaml --set "data.train={source: both, target: both}" $once --output given
same "in the place of the list" given/$state both.run/$state
sed 's/\[2, 3\]/[2, 5]/' several.yaml >bad.yaml
fails "a column that is not there" 1 "small.tsv:1: 3 columns, but column 5 is asked for" train bad.yaml --output never
sed 's/columns: \[2, 3\]/columns: [0, 3]/' several.yaml >bad.yaml
fails "columns from 1" 2 "bad.yaml:4: data.train.columns: '0' is not right; expected: a list of whole numbers, 1 to 1000, 2 or more" train bad.yaml --output never
sed 's/tsv: small.tsv, //' several.yaml >bad.yaml
fails "columns of nothing" 2 "data.train.columns has no effect without data.train.tsv" train bad.yaml --output never

# ---- filters ----
{ cat train.source; head -n 50 train.source; echo a; echo "a b c d e f g h"; } >filtered.source
{ cat train.source; head -n 50 train.source; echo "a b"; echo a; } >filtered.target
filtered="--set data.train.source=filtered.source --set data.train.target=filtered.target"
runs "train with filters" train config.yaml $filtered --set "data.filter={min_length: 2, max_ratio: 2, duplicates: drop}" $once --output filtered
matches "they are counted" "^2[0-9]* training pairs \(0 with an empty side, 0 longer than max_length, 2 shorter than filter.min_length, 0 beyond filter.max_ratio and [0-9]+ with the tokens of an earlier one left out\)" "$(<err)"

# ---- two sides in one file, wherever pairs are read ----
paste dev.source dev.target train.target 2>/dev/null | head -n 12 | sed 's/^/id\t/' >dev.tsv
runs "a model" train config.yaml
for command in score align "shortlist --output list"; do
  runs "$command of two files" $command --model model --source dev.source --target dev.target
  cp out two.out
  [[ ! -e list ]] || mv list two.out
  runs "$command of columns" $command --model model --tsv dev.tsv --columns 2,3
  [[ ! -e list ]] || mv list out
  same "$command: the same" two.out out
  fails "$command without a column" 1 "dev.tsv:1: 4 columns, but column 9 is asked for" $command --model model --tsv dev.tsv --columns 2,9
  fails "$command of nothing" 2 "\-\-source is required: --source and --target, or --tsv" $command --model model
  fails "$command of both" 2 "\-\-source: has no effect beside --tsv" $command --model model --tsv dev.tsv --source dev.source
  fails "$command with columns of nothing" 2 "\-\-columns: has no effect without --tsv" $command --model model --source dev.source --target dev.target --columns 1,2
  fails "$command with one column" 2 "\-\-columns: two are expected" $command --model model --tsv dev.tsv --columns 1
done
runs "evaluate two references" evaluate --hypotheses dev.source --references dev.target --references <(cut -f 4 dev.tsv) --metrics bleu,wer
cp out two.out
runs "evaluate columns" evaluate --tsv dev.tsv --columns 2,3,4 --metrics bleu,wer
same "the same" two.out out
fails "evaluate without a column" 1 "dev.tsv:1: 4 columns, but column 9 is asked for" evaluate --tsv dev.tsv --columns 2,9
fails "evaluate both" 2 "\-\-references: has no effect beside --tsv" evaluate --tsv dev.tsv --references dev.source
runs "evaluate a file by columns" evaluate --hypotheses dev.source --tsv dev.tsv --columns 3,4 --metrics bleu,wer
same "the same" two.out out
fails "evaluate a file by unsaid columns" 2 "\-\-columns: which columns of --tsv are references has to be said" evaluate --hypotheses dev.source --tsv dev.tsv
sed '1,6s/\t[^\t]*$//' dev.tsv >ragged.tsv
cut -f 4 dev.tsv | sed '1,6s/.*//' >ragged.target
runs "evaluate references that some lines lack" evaluate --tsv ragged.tsv --columns 2,3,4
cp out two.out
runs "as if they were empty" evaluate --hypotheses dev.source --tsv <(paste dev.target ragged.target) --columns 1,2
same "the same" two.out out
runs "an empty line of a file is a reference" evaluate --hypotheses dev.source --references dev.target ragged.target
matches "which each line has" "nrefs:2" "$(<out)"
matches "unlike a column" "nrefs:var" "$(<two.out)"
fails "but not the first" 1 "ragged.tsv:1: 3 columns, but column 4 is asked for" evaluate --tsv ragged.tsv --columns 2,4
fails "of other lengths" 1 "dev.tsv has 12 lines but train.source has more: line 13" evaluate --hypotheses train.source --tsv dev.tsv --columns 3
: >empty
fails "evaluate nothing" 1 "empty is empty" evaluate --tsv empty
runs "report on columns" report model --tsv dev.tsv --columns 2,3 --output page.html
ok "says so" grep -q "sentences of dev.tsv" page.html

# ---- compressed, in and out ----
runs "score as it is" score --model model --source dev.source --target dev.target --output plain.out
for kind in gz zst; do
  runs "score into .$kind" score --model model --source dev.source --target dev.target --output scores.$kind
  [[ $kind == gz ]] && { gzip -dc scores.gz >unpacked; same "gzip reads it" plain.out unpacked; }
  ok "it is compressed" bash -c "! cmp -s plain.out scores.$kind"
  cp scores.$kind before
  runs "again" score --model model --source dev.source --target dev.target --output scores.$kind
  same "the same bytes" before scores.$kind
done
runs "translate" translate --model model --input dev.source --output plain.out
for kind in gz zst; do
  runs "translate into .$kind" translate --model model --input dev.source --output dev.$kind
  runs "what is compressed is evaluated" evaluate --hypotheses dev.$kind --references plain.out --metrics accuracy
  matches "and is the same" "accuracy +100" "$(<out)"
  cp dev.$kind nameless
  timeout 60 "$heed" evaluate --hypotheses - --references plain.out --metrics accuracy <nameless >out 2>err
  matches "from standard input too" "accuracy +100" "$(<out)"
  timeout 60 "$heed" evaluate --hypotheses /dev/stdin --references plain.out --metrics accuracy < <(cat nameless) >out 2>err
  matches "and from a pipe" "accuracy +100" "$(<out)"
done
head -c 40 dev.gz >cut
fails "what is cut off" 1 "'cut': the gzip file is cut off" evaluate --hypotheses cut --references plain.out
gzip -c train.source >packed
runs "train on a file whose name does not say it" train config.yaml --set data.train.source=packed $once --output packed.run
runs "train on the plain one" train config.yaml $once --output plain.run
same "the same training" packed.run/$state plain.run/$state

# ---- data check ----
printf '%s\n' 'a b' '' 'a b' 'c' $'d e\r' 'a b c d e f' 'g h a b c d e f g h' 'b a' >checked.source
printf '%s\n' 'b a' 'x' 'b a' 'd' 'd e' 'a' 'g' 'b a' >checked.target
check="data check config.yaml --set data.train.source=checked.source --set data.train.target=checked.target"
row() { awk -v name="$1" 'index($0, name) == 1 { print $NF; exit }' out; }
runs "data check" $check --set data.source.max_length=9 --set "data.filter={min_length: 2, max_ratio: 3}"
equal "lines" 8 "$(row "lines")"
equal "trained on" 4 "$(row "trained on")"
equal "empty" 1 "$(row "with an empty side")"
equal "too long" 1 "$(row "longer than max_length")"
equal "too short" 2 "$(row "shorter than filter.min_length")"
equal "duplicates" 1 "$(row "with the tokens of an earlier one")"
equal "the same on both sides" 2 "$(row "with the same text on both sides")"
equal "CRLF" 1 "$(row "with a byte-order mark or a CRLF end")"
matches "a line of a kind is named" "^  checked.source:3: 2 and 2 tokens" "$(<out)"
matches "it has the words of the training's log" "^4 training pairs \(1 with an empty side, 1 longer than max_length, 2 shorter than filter.min_length and 0 beyond filter.max_ratio left out\)" "$(<out)"
matches "lengths of the source" "^source: [0-9]+ tokens in the vocabulary; 2.0 in a sentence, 2 in 95 % of them at most, 2 in the longest; 0.00 % unknown" "$(<out)"
words=$(grep '^4 training pairs' out)
runs "as JSON" $check --set data.source.max_length=9 --set "data.filter={min_length: 2, max_ratio: 3}" --format json
equal "the same counts" "['checked.source and checked.target'] [8] {'trained on': 4, 'with an empty side': 1} [] 2.0" "$(python3 -c '
import json
check = json.load(open("out"))
kinds = {kind["name"]: sum(kind["counts"]) for kind in check["kinds"]}
print(check["corpora"], check["lines"], {name: kinds[name] for name in ("trained on", "with an empty side")}, check["faults"],
      check["source"]["mean"])')"
runs "train says the same" train config.yaml --set data.train.source=checked.source --set data.train.target=checked.target \
  --set data.source.max_length=9 --set "data.filter={min_length: 2, max_ratio: 3}" $once --output checked
ok "in the same words" grep -qF "$words" err
printf 'a \xff\nb\nc\n' >checked.source
printf 'x\ny\nz\n' >checked.target
run $check
complains "data that cannot be trained on" 1 "nothing can be trained: 1 line with an error"
cp out told
run $check --format json
complains "and as JSON" 1 "nothing can be trained: 1 line with an error"
matches "which has it among the faults" '"faults":\["1 line with an error' "$(<out)"
cp told out
matches "the line is named" "^  checked.source:1: invalid UTF-8 at byte 3" "$(<out)"
printf 'x\n' >checked.target
run $check
complains "files of other lengths" 1 "nothing can be trained: 2 lines"
matches "are told" "checked.source:2: checked.source has 3 lines but checked.target has 1" "$(<out)"
run data check several.yaml
equal "of several corpora each has a column" "60 360" "$(awk '/^trained on/ { print $4, $5 }' out)"
keys() { python3 -c 'import json; check = json.load(open("out")); print(check["lines"], check["validation_pairs"], *check, *check["source"])'; }
keys="corpora lines kinds said source target validation_pairs faults vocabulary mean percentile_95 most unknown validation_unknown"
run data check alone.yaml --format json --set data.train.source=one --set data.train.target=one
complains "too few to hold one out" 1 "nothing can be trained: 1 training pair with text: too few to hold one out"
equal "are counted, with all keys" "[1] 0 $keys" "$(keys)"
sed 's/source: {tokenizer: spaces, vocabulary: 0}/source: {tokenizer: spaces, model: nothing}/' config.yaml >lost.yaml
run data check lost.yaml --format json
complains "a vocabulary that is not there" 1 "nothing can be trained: .*nothing"
equal "has all keys too" "[300] 0 $keys" "$(keys)"
run data check config.yaml --set model.tied=all --set model.decoder.hidden=16 --set data.target.vocabulary=5
complains "what a training refuses is refused" 1 "model.tied 'all' needs one vocabulary for both sides"
runs "a share that is held out" data check alone.yaml
equal "is counted" "9 291" "$(row "held out for validation") $(row "trained on")"
fails "no file" 2 "data.train is missing" data check <(echo "output: x")
fails "a file that is not there" 1 "nowhere.*No such file" data check config.yaml --set data.train.source=nowhere

finish
