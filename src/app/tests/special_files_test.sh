#!/usr/bin/env bash
# Pipes, devices, links and somebody's own files where a run or a bundle has its files: nothing hangs, nothing is read
# without end, nobody's file is lost. special_files_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

make_copy_task 60
small=(--set training.epochs=1 --set model.embedding=8 --set model.encoder.hidden=8 --set model.decoder.hidden=8 --set training.threads=1)
runs "train" train config.yaml "${small[@]}"
resume=(train config.yaml "${small[@]}" --resume --set training.epochs=2)

# ---- in the place of train.jsonl ----
for kind in "mkfifo" "mkdir" "ln -s /dev/full" "ln -s nowhere"; do
  rm -rf run
  cp -r model run
  rm run/train.jsonl
  $kind run/train.jsonl
  fails "$kind for train.jsonl" 1 "cannot write 'run/train.jsonl': it is no regular file" "${resume[@]}" --output run
done
absent "no file is made behind a link" run/nowhere
rm run/train.jsonl
runs "without it" "${resume[@]}" --output run
ok "it is begun" test -s run/train.jsonl

# ---- within bundles and states ----
for file in config.yaml checksums source.vocabulary parameters.safetensors; do
  for kind in "mkfifo" "ln -s /dev/zero"; do
    rm -rf run
    cp -r model run
    rm "run/$file"
    $kind "run/$file"
    fails "$kind for $file" 1 "run/$file': it is no regular file" translate --model run --input dev.source
  done
done
for file in checksums parameters.safetensors optimizer.safetensors position.json history.jsonl; do
  rm -rf run
  cp -r model run
  rm "run/training_state/$file"
  mkfifo "run/training_state/$file"
  fails "a pipe for training_state/$file" 1 "run/training_state/$file': it is no regular file" "${resume[@]}" --output run
done
truncate -s 2T large
rm -rf run
cp -r model run
mv large run/checksums
fails "checksums of two terabytes" 1 "run/checksums': it has [0-9]+ bytes, of 1048576 at most" translate --model run --input dev.source
rm -rf run
fails "a config without end" 2 "/dev/zero: too long for a configuration" train /dev/zero --output none
ok "a config from a pipe is read" bash -c "'$heed' train <(cat config.yaml) --set training.epochs=1 --output piped 2>piped.err"

# ---- bundles that are kept ----
kept=(train config.yaml "${small[@]}" --output kept --set training.keep_last=2)
runs "keep bundles" "${kept[@]}" --set training.epochs=3
updates=$(cd kept/checkpoints && echo *)
echo mine >kept/checkpoints/notes
cp -r kept/checkpoints/12 kept/checkpoints/100
runs "average the newest" average kept --last 2 --output mean
fails "what somebody put there is not of the run" 1 "kept: has 2 bundles of this run in checkpoints/, not 3" average kept --last 3 --output mean
runs "a run in its place that keeps none" train config.yaml "${small[@]}" --output kept --replace
equal "has none of the old ones" "100 notes" "$(cd kept/checkpoints && echo *)"
fails "nor averages them" 1 "kept: has 0 bundles of this run" average kept --last 1 --output mean
runs "keep again" "${kept[@]}" --replace --set training.epochs=3
equal "beside what is somebody's" "100 $updates notes" "$(cd kept/checkpoints && echo *)"

# ---- start_from is needed once ----
cat >domain.yaml <<'END'
data:
  train:      {source: train.source, target: train.target}
  validation: {source: dev.source, target: dev.target}
training: {start_from: general, batch_sentences: 16, epochs: 1, threads: 1}
output: domain
END
cp -r model general
runs "start from a bundle" train domain.yaml
rm -r general
runs "resume without it" train domain.yaml --resume --set training.epochs=2
matches "the shape is that of the run" "embedding: 8" "$(<domain/config.yaml)"
runs "also at another place" train domain.yaml --resume --set training.epochs=3 --output domain
fails "resume another model" 2 "embedding: 8.*embedding: 9" train domain.yaml --resume --set training.epochs=4 --set model.embedding=9
fails "without a run there is nothing to resume" 1 "none has no training_state" train domain.yaml --resume --output none
runs "start from a bundle of the run that is replaced" train domain.yaml --replace --set training.start_from=domain
runs "resume it" train domain.yaml --resume --set training.start_from=domain --set training.epochs=2
cp -r model newer
sed -i 's/^format_version: .*/format_version: 99/' newer/config.yaml
fails "a bundle of a newer version" 1 "newer/config.yaml' has format_version 99, made by a newer heed" train domain.yaml --set training.start_from=newer --output none

# ---- a limit on the size of files ----
run_limited() {
  (ulimit -f "$1" && shift && exec timeout 120 "$heed" "$@") >out 2>err </dev/null
  status=$?
}
rm -rf limited && mkdir limited && cd limited || exit 1
ln -s ../train.source ../train.target ../dev.source ../dev.target .
run_limited 4 train ../config.yaml "${small[@]}" --output run
complains "a run over the limit on file sizes" 1 "cannot save 'run'.*File too large"
run_limited 1 translate --model ../model --input ../train.source --output answers --attention --format jsonl
complains "answers over it" 1 "File too large"
run_limited 1 quantize ../model --output quantized
complains "a model over it" 1 "File too large"
absent "nothing is left" answers quantized
equal "no temporaries either" "" "$(find . -name '.heed-tmp*')"
cd .. || exit 1

# ---- a pipe that nobody reads ----
mkfifo unread
"$heed" evaluate --hypotheses dev.source --references dev.source --output unread >out 2>err </dev/null &
pid=$!
is_heed() { [[ $(readlink /proc/$pid/exe) == "$heed" ]]; }
is_gone() { kill -TERM $pid; ! kill -0 $pid; }
until_true 30 is_heed # until then it is a shell, with the traps of this one
ok "a command that waits for a reader ends by a signal" until_true 30 is_gone
{ kill -KILL $pid; wait $pid; } 2>/dev/null

# ---- shortlists, names of 0.1 ----
yes 'zzz' | head -n 60 >unknown.target
fails "a shortlist without a target word" 1 "'unknown.target' gives no target word to list" \
  shortlist --model model --source train.source --target unknown.target --output list
absent "is not written" list
run train config.yaml "${small[@]}" --output old --set training.decay=0.4
equal "a name of 0.1" 0 "$status"
equal "is told once" "warning: training.decay is now training.schedule.decay; the old name goes with the next version" "$(grep 'is now' err)"
printf '{"source":"a","source_tokens":["a"],"translations":[{"text":"b","tokens":["b"],"score":null,"log_probability":null,"attention":[[1]]}],"trace":[{"parent":-1,"token":"b","log_probability":null,"score":null,"state":"kept","attention":[1]}]}\n' >none.jsonl
for format in terminal html svg; do runs "numbers that are none, as $format" view --input none.jsonl --format $format; done

finish
