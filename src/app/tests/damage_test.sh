#!/usr/bin/env bash
# A byte that changed on the disk, a state that no training wrote, data that are others now: all are refused, with the
# file's name. damage_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

# flip FILE OFFSET
flip() {
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  printf "\\x$(printf %02x $((byte ^ 1 << RANDOM % 8)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# notices DIRECTORY FILE TIMES ARGUMENT...: the command refuses each flipped byte of the file with its name, or that of
# the checksums.
notices() {
  local directory=$1 file=$2 times=$3 size wrong= i at
  shift 3
  size=$(stat -c %s "$directory/$file")
  cp "$directory/$file" whole
  for ((i = 0; i < times; ++i)); do
    at=$(((RANDOM << 15 | RANDOM) % size))
    flip "$directory/$file" $at
    run "$@"
    [[ $status == 1 && ! -s out && $(tail -n 1 err) == heed:*"$(basename "$file")"* ]] || wrong+=" $at:$status"
    cp whole "$directory/$file"
  done
  equal "each flipped byte of $directory/$file is noticed" "" "$wrong"
}

RANDOM=14 # the same bytes at each run
make_copy_task 100
runs "train" train config.yaml --set training.epochs=1
runs "quantize" quantize model --output small
runs "shortlist" shortlist --model model --source train.source --target train.target --output list
runs "translate" translate --model model --input dev.source
cp out plain

for bundle in model small; do
  for file in config.yaml parameters.safetensors source.vocabulary target.vocabulary checksums; do
    notices $bundle $file 6 translate --model $bundle --input dev.source
  done
done
mkdir lists && cp list lists
notices lists list 12 translate --model model --input dev.source --shortlist lists/list
resume="train config.yaml --set training.epochs=2 --resume"
for file in parameters.safetensors optimizer.safetensors position.json history.jsonl checksums; do
  notices model training_state/$file 4 $resume
done
notices model config.yaml 4 $resume
notices model training_state/history.jsonl 4 report model --output report.html
notices model training_state/optimizer.safetensors 4 info model --verify
runs "info --verify" info model --verify
equal "says what was compared" "model: 4 files are as they were written model/training_state: 4 files are as they were written" "$(xargs <out)"
if command -v xxhsum >/dev/null; then
  for folder in model small model/training_state; do
    ok "a tool that everybody has says the same of $folder" bash -c "cd $folder && xxhsum -c checksums"
  done
  equal "and of shortlists" "$(head -n 1 list | cut -d ' ' -f 3)" "$(tail -n +2 list | xxhsum -H2 | cut -d ' ' -f 1)"
else
  echo "skipped: comparison with xxhsum: it is not installed"
fi
cp -r model edited
sed -i 's/^output: .*/output: elsewhere/' edited/config.yaml
fails "a config that was edited" 1 "edited/config.yaml: damaged: its checksum is not the one in edited/checksums \(if you changed it yourself, remove that file" translate --model edited
rm edited/checksums
runs "without the checksums, as in bundles of version 0.1, it is read" translate --model edited --input dev.source
same "and translates" plain out
sed '1s/.*/heed-shortlist 1/' list >list.edited
runs "so is a shortlist" translate --model model --input dev.source --shortlist list.edited

# ---- states that no training wrote ----
cp -r model odd
rm odd/training_state/checksums
cp odd/training_state/position.json whole
for wrong in batch:-1 batch:2147483648 batch:1e300 batch:7000 epoch:-2147483648 epoch:1e300 learning_rate:1e30 learning_rate:-5 updates:-1 \
  updates:1e300 seconds:-3 plateau_best:-1 plateau_bad:1.5 epoch_tokens:null epoch_loss:true; do
  sed "s/^ \"${wrong%:*}\": .*/ \"${wrong%:*}\": ${wrong#*:},/" whole >odd/training_state/position.json
  fails "resume with $wrong" 1 "position.json: damaged: .*${wrong%%[_:]*}" $resume --output odd
  [[ $wrong == *1e300 ]] && fails "info with $wrong" 1 "position.json: damaged: .*${wrong%%[_:]*}" info odd
done
sed 's/^ "seconds": .*/ "seconds": "long",/' whole >odd/training_state/position.json
fails "info with a string" 1 "position.json: damaged: 'seconds' is of type string; expected a number" info odd
brackets() { head -c 300000 /dev/zero | tr '\0' "$1"; }
{ printf '{"epoch": ' && brackets '[' && brackets ']' && echo '}'; } >odd/training_state/position.json
fails "resume with deep brackets" 1 "position.json: damaged: .*nested more than 16 deep" $resume --output odd
fails "info with deep brackets" 1 "position.json: damaged: .*nested more than 16 deep" info odd
fails "train where they stand" 2 "holds a run \(whose training_state is damaged\)" train config.yaml --output odd
cp whole odd/training_state/position.json
for file in parameters optimizer; do
  file=odd/training_state/$file.safetensors
  cp $file whole
  printf '\x00\x00\xc0\x7f' | dd of=$file bs=1 seek=$(($(stat -c %s $file) - 400)) conv=notrunc status=none
  fails "resume with a number that is none" 1 "$file: array '.*' holds a number that is not finite" $resume --output odd
  cp whole $file
done

# ---- other data ----
head -n 60 train.source >few.source
cp train.source all.source
cp few.source train.source
cp train.target all.target
head -n 60 all.target >train.target
fails "resume with fewer pairs" 1 "\-\-resume: the training data changed since 'model' was saved \(100 pairs then, 60 now\)" $resume
tac all.source >train.source
tac all.target >train.target
fails "resume with others" 1 "the training data changed since 'model' was saved \(still 100 pairs, but others\)" $resume
cp all.source train.source
cp all.target train.target
sed -i '3s/.*/a b c/' dev.target
fails "resume with other validation data" 1 "the validation data changed" $resume
cp dev.source dev.target
runs "resume with the same" $resume

finish
