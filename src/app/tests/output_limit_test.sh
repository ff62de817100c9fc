#!/usr/bin/env bash
# Answers that are much longer than their sources, and what the length limit does to them: output_limit_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

# Each digit is spelt with twelve tokens: what 2 x (source tokens + 1) + 20 allows would cut a number of three.
spell() {
  awk '{
    line = ""
    for (i = 1; i <= length($0); ++i)
      for (n = 10; n < 22; ++n) line = line (line == "" ? "" : " ") substr("abcd", substr($0, i, 1) + 1, 1) n
    print line
  }'
}
digits() { tr -d ' ' | tr 'abcdefgh' '01230123' | cut -c 1-3; }
letters 77 200 | digits >train.source
letters 78 20 | digits >dev.source
for set in train dev; do spell <$set.source >$set.target; done
cat >config.yaml <<'END'
data:
  train:      {source: train.source, target: train.target}
  validation: {source: dev.source, target: dev.target}
  source: {tokenizer: characters, vocabulary: 0}
  target: {tokenizer: spaces, vocabulary: 0}
model:
  embedding: 16
  encoder:   {layers: 1, hidden: 32}
  decoder:   {layers: 1, hidden: 32, input_feeding: true}
  attention: {kind: bahdanau}
  dropout: 0
training: {learning_rate: 0.01, batch_sentences: 16, epochs: 10, threads: 2, decay: 1, best_by: perplexity}
output: model
END
cuts() { grep -c '"cut":true' "$1"; }
limit_of() { sed -n 's/.*max_output: //p' "$1/config.yaml" | tr -d '"'; }

runs "train" train config.yaml
matches "the limit comes from the training pairs and is kept in the bundle" '^x[0-9.]+\+[0-9]+$' "$(limit_of model)"
cp dev.source input
runs "translate" translate --model model --input input --format jsonl
equal "no answer is cut" 0 "$(cuts out)"
equal "and none is warned of" "" "$(<err)"
matches "answers are as long as those of the training" '"tokens":\[("[abcd][0-9]+",){24,36}"</s>"\]' "$(<out)"
runs "quantize" quantize model --output small
equal "a quantized model has the limit" "$(limit_of model)" "$(limit_of small)"

runs "--max-output N" translate --model model --input input --format jsonl --max-output 7 --beam 1
equal "N: every answer is cut" 20 "$(cuts out)"
equal "N: to so many tokens" 20 "$(grep -cE '"tokens":\[("[abcd][0-9]+",){6}"[abcd][0-9]+"\]' out)"
equal "N: one warning counts them" "heed: warning: 20 of 20 answers were cut at the length limit (7; --max-output)" "$(<err)"
runs "--max-output xR" translate --model model --input input --format jsonl --max-output x2 --beam 1
equal "xR: to so many for each source token" 20 "$(cuts out)"
matches "xR: the warning names it" "20 of 20 answers .*\(x2; --max-output\)" "$(<err)"
runs "as text too" translate --model model --input input --max-output 1 --beam 1
equal "the warning" "heed: warning: 20 of 20 answers were cut at the length limit (1; --max-output)" "$(<err)"
for wrong in 0 x x0 -1 2x x1e9; do
  fails "--max-output $wrong" 2 "--max-output: '$wrong' is no limit" translate --model model --input input "--max-output=$wrong"
done

runs "a beam" translate --model model --input input --format jsonl --max-output 7
matches "cuts as greedy search does, rather than say something shorter" "20 of 20 answers were cut" "$(<err)"

# A limit of one's own, in the config; and what bundles had before they kept one.
runs "report says it" report model --output page.html --beam 1
equal "report: nothing is cut" "" "$(grep cut err)"
rm model/checksums  # which would see what follows
sed -i "s/max_output: .*/max_output: 9/" model/config.yaml
runs "report of a model with a short limit" report model --output page.html --beam 1
matches "report: the warning" "model: 20 of 20 answers were cut at the length limit \(9\)" "$(<err)"
matches "report: the page" "20 of 20 answers were cut at the length limit" "$(<page.html)"
cp -r model wide
sed -i "s/max_output: .*/max_output: x3+1/" wide/config.yaml
runs "average" average model wide --output mean
equal "an average has the widest limit" "x3+9" "$(limit_of mean)"
sed -i "/max_output: /d" model/config.yaml
runs "a bundle without a limit" translate --model model --input input --format jsonl --beam 1
matches "has 2 x source tokens + 20" "[0-9]+ of 20 answers .*\(x2\+20; --max-output\)" "$(<err)"
runs "a limit of the training" train config.yaml --set data.max_output=5 --set training.epochs=1 --output short
matches "validation counts what it cuts" "20 of 20 validation answers were cut at the length limit \(5; data.max_output\)" "$(<err)"
fails "a wrong one" 2 "data.max_output" train config.yaml --set data.max_output=five --output never
runs "may change on --resume" train config.yaml --set training.epochs=2 --output short --resume
finish
