#!/usr/bin/env bash
# What a training tells before, while and after it runs: telling_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

make_copy_task
cat >more.target <<'END'
a b
END

# ---- a rehearsal ----
listed() { find . -type f ! -name out ! -name err ! -name ok.out -exec cksum {} + | sort -k 3; }
before=$(listed)
runs "--dry-run" train config.yaml --dry-run
equal "writes nothing" "$before" "$(listed)"
absent "and makes no folder" model
matches "parameters by module" "^  encoder.0.forward +[0-9,]+ +[0-9.]+ %  input 16 x 64, " "$(<out)"
sum=$(awk '/^parameters/ { on = 1; next } /^$/ { on = 0 } on && $1 != "total" { gsub(",", "", $2); sum += $2 } END { print sum }' out)
equal "which add up to the total" "$sum" "$(awk '/^  total/ { gsub(",", "", $2); print $2 }' out)"
matches "a table of the data" "^  train +400 +400 +[0-9,]+ +[0-9.]+ +6 +6 +[0-9,]+ " "$(<out)"
matches "with the validation text" "^  validation +12 +12 +" "$(<out)"
equal "tokens are counted" "$(wc -w <train.source)" "$(awk '/^  train/ { gsub(",", "", $4); print $4 }' out)"
matches "memory" "^  activations +[0-9.]+ MB  of the largest batch: 16 sentences, [0-9,]+ source and [0-9,]+ target tokens" "$(<out)"
matches "its peak" "^  peak +[0-9.]+ MB  of this process" "$(<out)"
matches "time" "^  an epoch +[0-9.]+ s of 25 updates; with validation [0-9.]+ s$" "$(<out)"
matches "of the whole" "^  the whole +[0-9.]+ s at most: 6 epochs and 6 validations to come$" "$(<out)"
runs "of two corpora" train config.yaml --dry-run --set "data.train=[{source: train.source, target: train.target}, {source: dev.source, target: dev.target}]"
matches "a row for each" "^  train.source and train.target +400 +400 " "$(<out)"
matches "both" "^  dev.source and dev.target +12 +12 " "$(<out)"
runs "with a limit of time" train config.yaml --dry-run --set training.max_minutes=0.0001
matches "it says what ends the training" "training.max_minutes ends it$" "$(<out)"
runs "into a pipe" train config.yaml --dry-run --quiet
equal "quiet but for the report" "" "$(<err)"
matches "which comes" "^parameters" "$(<out)"
for fault in "data.train.source=more.target" "data.validation.source=missing" "model.attention.heads=3 --set model.attention.kind=multi-head"; do
  run train config.yaml --set $fault
  expected="$status $(tail -n 1 err)"
  # shellcheck disable=SC2086
  run train config.yaml --dry-run --set $fault
  equal "the fault of a training: $fault" "$expected" "$status $(tail -n 1 err)"
  equal "and no report" "" "$(<out)"
done
runs "train" train config.yaml --set training.epochs=2
matches "it has as many parameters" "^$sum parameters, " "$(<err)"
before=$(listed)
fails "an output that holds a run" 2 "output: 'model' holds a run .*--resume goes on with it" train config.yaml --dry-run
runs "that is to be replaced" train config.yaml --dry-run --replace
matches "has all epochs to come" "6 epochs and 6 validations to come" "$(<out)"
runs "that is to go on" train config.yaml --dry-run --resume
matches "has the others to come" "4 epochs and 4 validations to come" "$(<out)"
run train config.yaml --dry-run --resume --set training.epochs=2
equal "nothing to do is said" "0 nothing to do: training.epochs: all 2 are done" "$status $(<out)"
fails "another model under a run" 2 "was trained with 'model.embedding: 16'" train config.yaml --dry-run --resume --set model.embedding=8
equal "the run is as it was" "$before" "$(listed)"
fails "--show shows nothing there" 2 "\-\-show" train config.yaml --dry-run --show 1

# ---- quiet, and the end ----
runs "train" train config.yaml --set training.epochs=2 --output usual
matches "progress" "^epoch 1/2  100 %  update 25  loss [0-9.]+  [0-9]+ words/s  [0-9]+ MB  0:[0-9]+ left  lr 0.01$" "$(<err)"
matches "what there was" "^training.epochs: all 2 are done: 50 updates, 2 epochs, 0:[0-9]+, [0-9]+ words/s, [0-9]+ MB at most$" "$(tail -n 3 err)"
matches "the model" "^done: usual holds the model of epoch [12], the best by accuracy: perplexity [0-9.]+, BLEU " "$(tail -n 2 err)"
matches "and what to do with it" "^translate with .heed translate --model usual --input FILE.$" "$(tail -n 1 err)"
runs "--quiet" train config.yaml --set training.epochs=2 --output quiet --quiet
equal "says nothing" "" "$(<err)$(<out)"
same "and trains the same" usual/parameters.safetensors quiet/parameters.safetensors
runs "--quiet, nothing to do" train config.yaml --set training.epochs=2 --output quiet --quiet --resume
equal "says nothing" "" "$(<err)$(<out)"
runs "--quiet with something to warn of" train config.yaml --set training.epochs=1 --output blind --quiet --set data.source.max_length=3
matches "warns" "^warning: [0-9]+ of 400 training pairs are longer" "$(<err)"
equal "and no more" 0 "$(grep -vc '^warning: ' err)"
fails "--quiet with an error" 1 "missing" train config.yaml --quiet --set data.train.source=missing --output never
fails "--show is not quiet" 2 "\-\-show" train config.yaml --quiet --show 1
runs "train with spikes" train config.yaml --output spikes --set training.spike_factor=1 --set training.epochs=6
matches "skipped updates are counted" "^training.epochs.*, [0-9]+ updates skipped$" "$(<err)"
equal "as the warnings say" "$(grep -c ': skipped (' err)" "$(grep -o '[0-9]* updates skipped$' err | cut -d ' ' -f 1)"
matches "train.jsonl has the memory" '"event":"progress".*"memory":[0-9]{6,}' "$(<usual/train.jsonl)"

# ---- time left, with validations ----
cat train.source train.source train.source train.source >dev.source
cp dev.source dev.target
runs "train with much to validate" train config.yaml --set training.epochs=2 --set training.validate_every=5updates --set training.metrics=perplexity \
  --set training.best_by=perplexity --output slow
END=$(grep '"event":"progress"' slow/train.jsonl | tail -n 1)
matches "at the end a validation is left" '"seconds_left":0\.[0-9]*[1-9]' "$END"

finish
