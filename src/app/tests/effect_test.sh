#!/usr/bin/env bash
# Every flag and key does something, or is refused where nothing reads it: effect_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

make_copy_task 100
runs "train" train config.yaml --set training.epochs=4
runs "train another" train config.yaml --set training.epochs=4 --set training.seed=2 --output other
cp dev.source plain
printf '0-0\n' >links

# ---- flags that nothing reads ----
# idle WHAT PATTERN ARGUMENT... / FLAG...: with the flags behind the slash it is refused by the first of them; without, it runs.
idle() {
  local what=$1 pattern=$2 words=() flags=()
  shift 2
  while [[ $1 != / ]]; do words+=("$1"); shift; done
  shift
  flags=("$@")
  fails "$what" 2 "$1: has no effect .*$pattern" "${words[@]}" "${flags[@]}"
  runs "$what: and without" "${words[@]}"
}
texts="evaluate --hypotheses plain --references plain --metrics"
idle "--tokenize without bleu" "bleu" $texts chrf,ter / --tokenize none
runs "--tokenize with it" $texts chrf,bleu --tokenize none
idle "--lowercase with ter and rouge alone" "bleu, chrf, chrf\+\+, wer, per, cer, edit-distance, accuracy" $texts ter,rouge / --lowercase
runs "--lowercase with wer beside them" $texts ter,wer --lowercase
idle "--input-format without --hypotheses" "whose it is" evaluate --tsv <(paste plain plain) --metrics bleu / --input-format text
idle "--smooth without bleu" "bleu" $texts chrf / --smooth floor
idle "--effective-order without bleu" "bleu" $texts chrf / --effective-order
idle "--smooth-value with exp" "floor and add-k" $texts bleu / --smooth-value 1
idle "--effective-order of sentences" "beside --sentences" $texts bleu --sentences / --effective-order
for flag in case-sensitive normalized no-punct; do idle "--ter-$flag without ter" "ter" $texts bleu / --ter-$flag; done
idle "--ter-asian-support alone" "without --ter-normalized" $texts ter / --ter-asian-support
idle "--rouge-tokenize without rouge" "rouge, rouge1, rouge2, rougeL" $texts bleu / --rouge-tokenize rouge-score
idle "--rouge-stemmer without rouge" "rouge, rouge1, rouge2, rougeL" $texts bleu / --rouge-stemmer
idle "--compare of sentences" "beside --sentences" $texts bleu --sentences / --compare plain
idle "--bootstrap of sentences" "beside --sentences" $texts bleu --sentences / --bootstrap 40
idle "--randomization of one system" "without --compare" $texts bleu / --randomization 40
idle "--seed of nothing" "without --bootstrap" $texts bleu / --seed 2
links="evaluate --alignments links --sure links"
idle "--hypotheses beside --alignments" "bleu,aer" $links / --hypotheses plain
idle "--references beside --alignments" "bleu,aer" $links / --references plain
idle "--lowercase with aer" "bleu, chrf" $links / --lowercase
idle "--sentences with aer" "not of texts" $links / --sentences
fails "--compare with perplexity" 2 "\-\-compare: has no effect on perplexity, not of texts" evaluate --scores plain --compare plain
runs "--compare with aer" $links --compare links --randomization 40
idle "--scores with bleu" "\-\-metrics perplexity" $texts bleu / --scores plain
idle "--alignments with bleu" "\-\-metrics aer" $texts bleu / --alignments links
idle "--sure with bleu" "\-\-metrics aer" $texts bleu / --sure links
idle "--possible with bleu" "\-\-metrics aer" $texts bleu / --possible links
runs "all of them" $texts bleu,aer --alignments links --sure links --possible links
translate="translate --model model"
idle "--batch with --interactive" "one sentence at a time" $translate --interactive / --batch 4
idle "--threads with --interactive" "one sentence at a time" $translate --interactive / --threads 1
idle "--part with --interactive" "one sentence at a time" $translate --interactive / --part 1/2
idle "--continue with --interactive" "one sentence at a time" $translate --interactive / --continue
idle "--show-attention with --interactive" "always shows it" $translate --interactive / --show-attention
idle "--columns of text" "without --input-format tsv" $translate --input dev.source / --columns 1
idle "--replace-unknown without <unk>" "there is no <unk>" $translate --input dev.source --forbid-unknown / --replace-unknown
idle "--merge-subwords of text" "without --format jsonl" $translate --input dev.source / --merge-subwords
idle "--merge-subwords with --trace" "candidates are tokens" $translate --input dev.source --format jsonl --trace / --merge-subwords
idle "score --merge-subwords of text" "without --format jsonl" score --model model --source dev.source --target dev.target / --merge-subwords
for flag in "--model-weights 1" "--combine log-linear"; do
  idle "translate $flag of one model" "on one --model" $translate --input dev.source / $flag
  idle "score $flag of one model" "on one --model" score --model model --source dev.source --target dev.target / $flag
done
idle "--length-penalty that nothing reads" "know no penalty" $translate --input dev.source --normalize average / --length-penalty 0.5
idle "--temperature without --sample" "without --sample" $translate --input dev.source / --temperature 2
idle "--seed without --sample" "without --sample" $translate --input dev.source / --seed 2
idle "--top-k without --sample" "without --sample" $translate --input dev.source / --top-k 2
idle "--top-p without --sample" "without --sample" $translate --input dev.source / --top-p 0.5
idle "--min-p without --sample" "without --sample" $translate --input dev.source / --min-p 0.5
idle "--beam with --sample" "which draws" $translate --input dev.source --sample / --beam 3
idle "--alternatives with --sample" "which draws" $translate --input dev.source --sample / --alternatives
idle "--groups with --alternatives" "without a beam" $translate --input dev.source --alternatives / --groups 5
idle "--patience with --beam 1" "larger --beam" $translate --input dev.source --beam 1 / --patience 2
idle "--prune with --beam 1" "larger --beam" $translate --input dev.source --beam 1 / --prune 2
idle "--coverage-penalty with --beam 1" "larger --beam" $translate --input dev.source --beam 1 / --coverage-penalty 2
idle "--coverage without its penalty" "without --coverage-penalty" $translate --input dev.source / --coverage summary
idle "--diversity without --groups" "without --groups" $translate --input dev.source / --diversity 2
idle "--length-penalty with --beam 1" "larger --beam" $translate --input dev.source --beam 1 / --length-penalty 0.5
probe="probe --model model --source dev.source --target dev.target --sentences 2"
idle "--columns without --tsv" "without --tsv" $probe / --columns 1,2
echo '{"source": "a", "target": "b"}' >pair.jsonl
idle "--columns beside --jsonl" "has both sides" probe --model model --jsonl pair.jsonl / --columns 1,2
align="align --model model --source dev.source --target dev.target"
idle "--symmetrize of one direction" "other direction" $align / --symmetrize union
idle "--symmetrize with soft weights" "mean of both" $align --reverse-model other --format soft / --symmetrize union
idle "--layer of one" "one layer" $align / --layer 1
idle "--head of one" "one head" $align / --head 1
score="score --model model --source dev.source --target dev.target --summary"
idle "--format with --summary" "figures" $score / --format jsonl
idle "--attention with --summary" "figures" $score / --attention
runs "translate to an n-best list" translate --model model --input dev.source --beam 3 --nbest 3 --output best
rescore="rescore --model model --source dev.source --nbest best"
idle "--metric without --tune" "without --tune" $rescore / --metric chrf
idle "--lowercase without --tune" "without --tune" $rescore / --lowercase
runs "translate to JSON lines" translate --model model --input dev.source --beam 3 --nbest 3 --format jsonl --output best.jsonl
idle "--source beside JSON lines" "whose lines have the sources" rescore --model model --nbest best.jsonl --input-format jsonl / --source dev.source
fails "--format jsonl of lines of Moses" 2 "needs --input-format jsonl" $rescore --format jsonl
idle "--lowercase with ter" "on ter" $rescore --tune dev.target --metric ter / --lowercase
list="shortlist --model model --source dev.source --target dev.target --output list"
for flag in "--batch 2" "--threads 1" "--precision int8" "--max-length 50"; do
  idle "$flag with --by counts" "\-\-by attention" $list --by counts / $flag
  runs "$flag by attention" $list $flag
done
idle "--vocabulary with --no-updates" "updates" bench attention --attention luong-dot --source-lengths 3 --hidden 8 --batch 2 --target-length 2 \
  --repetitions 1 --no-updates / --vocabulary 9
fails "a key of attention that its kind does not read" 2 "model.attention.heads has no effect on 'luong-general': multi-head reads it" \
  train config.yaml --set model.attention.heads=2 --output never
fails "a default that is overruled, where it is given" 2 "training.batch_sentences has no effect" \
  train config.yaml --set training.batch_tokens=99 --output never

runs "shortlist --precision" $list --precision int8 --best 8
cp list exact
runs "and without" $list --best 8
ok "are not the same in all lists" bash -c '! cmp -s list exact'

# ---- models that do not go together, although their arrays do ----
for setting in model.decoder.bridge=zero model.encoder.residual=true model.attention.entry=first-layer; do
  both="--set training.epochs=1 --set model.encoder.layers=2 --set model.decoder.layers=2 --set model.decoder.bridge=last --set model.attention.entry=all-layers"
  [[ -e base ]] || runs "train a base" train config.yaml $both --output base
  runs "train one with $setting" train config.yaml $both --set $setting --output variant
  fails "an average with it" 1 "different models: ${setting%=*} is .* and ${setting#*=}" average base variant --output mean
  rm -rf variant
done
runs "an average over another dropout" train config.yaml --set training.epochs=1 --set model.dropout=0.3 --output variant
runs "is none of another model" average model variant --output mean

# ---- flags, and what they do (options_test.py has all of them) ----
# differs WHAT FILE FILE
differs() { ok "$1" bash -c '! cmp -s "$1" "$2"' differs "$2" "$3"; }
scores() { runs "$1" translate --model model --input dev.source --format jsonl "${@:2}"; }
scores "translate" --beam 4
cp out usual
scores "translate --length-penalty" --beam 4 --length-penalty 0
differs "has other scores" usual out
printf 'a b zebra\n' >strange
runs "translate what is unknown" translate --model model --input strange
cp out usual
runs "translate --replace-unknown, where the model writes none" translate --model model --input dev.source --replace-unknown
runs "translate --max-length" translate --model model --input dev.source --max-length 2 --output cut
matches "which cuts" "the first 2 are translated" "$(<err)"
# A model that writes <unk>: half of its letters are rare.
awk '{ gsub(/[e-h]/, "&" NR); print }' train.source | tr 0-9 k-t >rare.source
sed 's/: train\./: rare./; s/target: train.target/target: rare.source/; s/tokenizer: spaces/tokenizer: words/g' config.yaml >rare.yaml
runs "train on rare words" train rare.yaml --set data.source.min_count=2 --set data.target.min_count=2 --set training.epochs=4 --output rare
awk '{ gsub(/[e-h]/, "zebra"); print }' dev.source >zebras
runs "translate with <unk>" translate --model rare --input zebras
matches "which is written" "<unk>" "$(<out)"
runs "translate --replace-unknown" translate --model rare --input zebras --replace-unknown
matches "puts the source word" "zebra" "$(<out)"
# A text does not tell what was unknown, the tokens of a JSON line do: the answer has the probability that it was given.
probabilities() { grep -o '"log_probability":[-.0-9e]*' out | awk -F : '{ printf "%.3f\n", $2 }'; }
runs "translate with <unk> as JSON lines" translate --model rare --input zebras --format jsonl --nbest 2 --output answers
grep -v '"cut":true' answers >whole
cp whole out; probabilities >wanted
runs "rescore reads the tokens" rescore --model rare --nbest whole --input-format jsonl --weights 1,0,0 --format jsonl
equal "and finds their probabilities" "$(sort wanted)" \
  "$(grep -o '"Heed1":[-.0-9e]*' out | awk -F : '{ printf "%.3f\n", $2 }' | sort)"
sed -n 1~2p wanted >best
runs "score reads the tokens" score --model rare --jsonl whole --format jsonl
equal "and so does score" "$(<best)" "$(probabilities)"
matches "whose lines have them" '"target_tokens":\[[^]]*"<unk>"' "$(<out)"
cp out scored
runs "score reads its own lines" score --model rare --jsonl scored --format jsonl
equal "and finds the same" "$(<scored)" "$(<out)"
sed 's/"tokens":\[[^]]*\],//g; s/"target_tokens":\[[^]]*\],//g' whole >without
runs "score of the text alone" score --model rare --jsonl without --format jsonl
ok "has other probabilities" [ "$(<best)" != "$(probabilities)" ]
printf 'zebra\tquagga\n' >words
runs "translate --dictionary" translate --model rare --input zebras --replace-unknown --dictionary words
matches "puts its translation" "quagga" "$(<out)"
printf 'A cat, of (mine).\n' >upper
printf 'a cat , of ( mine ) .\n' >lower
value() { "$heed" evaluate --hypotheses lower --references upper --metrics "$@" --format json | grep -o "\"${1%%,*}\":[0-9.]*" | cut -d : -f 2; }
ok "evaluate --tokenize" [ "$(value bleu)" != "$(value bleu --tokenize none)" ]
ok "evaluate --smooth" [ "$(value bleu)" != "$(value bleu --smooth add-k)" ]
ok "evaluate --smooth-value" [ "$(value bleu --smooth add-k)" != "$(value bleu --smooth add-k --smooth-value 2)" ]
printf 'one two\n' >upper; printf 'one two\n' >lower
ok "evaluate --effective-order" [ "$(value bleu)" != "$(value bleu --effective-order)" ]
echo "l'été cats 犬猫 run, X" >upper; echo "l' t cat 犬 猫 run x" >lower
for flag in "rouge1 --rouge-tokenize rouge-score" "rouge1 --rouge-stemmer" "ter --ter-case-sensitive" "ter --ter-normalized" "ter --ter-no-punct" "ter --ter-normalized --ter-asian-support"; do
  read -r metric flags <<<"$flag"
  fewer=
  [[ $flags != *asian* ]] || fewer=--ter-normalized
  ok "evaluate $flags" [ "$(value $metric $fewer)" != "$(value $metric $flags)" ]
done
printf 'A cat, of (mine).\n' >upper; printf 'a cat , of ( mine ) .\n' >lower
for metric in bleu chrf chrf++ wer per cer edit-distance accuracy token-accuracy; do
  cp lower spaced; sed 's/a cat/A cat/' lower >upper
  ok "evaluate --lowercase with $metric" [ "$(value $metric)" != "$(value $metric --lowercase)" ]
done

# ---- keys, and how much they do (options_test.py has all of them) ----
state() { grep -m 1 "\"$1\":" "$2/training_state/position.json" | grep -o '[-0-9.e]*,\?$' | tr -d ,; }
rate() { # of a training in which nothing gets better: its last learning rate
  rm -rf still
  run train config.yaml --set training.epochs=3 --set training.optimizer=sgd --set training.learning_rate=1e-12 --set training.schedule=plateau --set training.minimum_rate=0 --set training.decay_patience=0 "$@" --output still
  state learning_rate still
}
equal "decay and decay_patience" "2.5e-13 3e-13 1e-12 2.5e-14 5e-13" \
  "$(rate) $(rate --set training.minimum_rate=3e-13) $(rate --set training.decay=1 --set training.minimum_rate=1e-6 --set training.decay_patience=1) $(rate --set training.decay=0.025 --set training.decay_patience=1) $(rate --set training.decay_patience=1)"
for side in source target; do
  runs "train with a large SentencePiece vocabulary of the $side" train config.yaml --set training.epochs=1 --output pieces \
    --set data.$side.tokenizer=sentencepiece --set data.$side.vocabulary=400
  matches "says that the text has no more" "data.$side.vocabulary: 400 asked for; the text has no more than [0-9]+$" "$(<err)"
  rm -rf pieces
done
runs "train with max_minutes" train config.yaml --set training.epochs=100000 --set training.max_minutes=0.003 --output short
ok "ends early" [ "$(state epoch short)" -lt 5000 ]
# All of the time has passed at the first update, on any machine.
runs "train with a rate that falls with time" train config.yaml --set training.max_minutes=0.0000001 \
  --set training.decay_after_minutes=0.00000001 --set training.final_rate=0.5 --output falling
equal "which falls" 0.005 "$(grep -o '"learning_rate":[0-9.e-]*' falling/training_state/history.jsonl | cut -d : -f 2 | sort -u | xargs)"
sed '1s/.*/z z z/' dev.target >odd.target
sed 's/target: dev.target/target: odd.target/' config.yaml >odd.yaml
runs "train with validation_sentences" train odd.yaml --set training.epochs=6 --set training.validation_sentences=1 --output odd
equal "validates that many" "" "$(grep '^epoch .*perplexity' err | grep -v 'accuracy 0.0 %')"

finish
