#!/usr/bin/env bash
# What stands where a command writes: it is refused before the work, or replaced whole, and nothing that others made is
# lost. outputs_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

# sum DIRECTORY: of all that is in it.
sum() { (cd "$1" && find . -type f | sort | xargs sha256sum | sha256sum); }

# start ARGUMENT...: a training in the background, from its first update on.
start() {
  rm -f err
  "$heed" train "$@" >out 2>err </dev/null &
  pid=$!
  until_true 60 grep -q '^epoch [0-9]*/' err
}
stop() {
  kill -"$1" "$pid"
  { wait "$pid"; } 2>/dev/null
  status=$?
}
skip() { echo "skipped: $1: $2"; }

make_copy_task
runs "train" train config.yaml --set training.epochs=1
runs "quantize" quantize model --output small

# ---- quantize and average ----
before=$(sum model)
ln -s model link
for output in model model/ ./model link; do
  fails "quantize in place: $output" 2 "\-\-output: '.*'( is 'model', which)? is read" quantize model --output $output
done
fails "average in place" 2 "\-\-output: 'model' is read; name another directory" average small model --output model
runs "another run" train config.yaml --set training.epochs=1 --output other
other=$(sum other)
fails "quantize over a training" 2 "\-\-output: 'other' holds a training" quantize model --output other
fails "average over a training" 2 "\-\-output: 'other' holds a training" average model model --output other
mkdir thesis
cp model/parameters.safetensors thesis
echo words >thesis/thesis.tex
fails "quantize over a folder with parameters of others" 1 "'thesis' exists and is not a model" quantize model --output thesis
cp config.yaml thesis/config.yaml
fails "and with a config.yaml of others" 1 "'thesis' exists and is not a model" average model model --output thesis
equal "which stays" "config.yaml parameters.safetensors thesis.tex" "$(ls thesis | xargs)"
equal "nothing was changed" "$before $other" "$(sum model) $(sum other)"
echo notes >small/notes
mkdir small/logs && echo log >small/logs/a
chmod 750 small
runs "average over a plain bundle" average model model --output small
same "replaces it" model/parameters.safetensors small/parameters.safetensors
equal "and keeps what people put there" "notes log 750" "$(cat small/notes) $(cat small/logs/a) $(stat -c %a small)"
runs "quantize into an empty folder" quantize model --output "$(mkdir empty && echo empty)"
absent "nothing is left beside them" .heed-*

# ---- what a command reads ----
echo words >list
for flag in --shortlist "--replace-unknown --dictionary"; do
  fails "translate over what ${flag##* } names" 2 "\-\-output: 'list' is read; name another file" translate --model model $flag list --output list
done
cp dev.source typed
"$heed" translate --model model --output typed <typed >out 2>err
status=$?
complains "translate over standard input" 2 "\-\-output: 'typed' is standard input, which is read"
fails "report over a validation text" 2 "\-\-output: 'dev.target' is read" report model --output dev.target
ln -s model/config.yaml behind
fails "a part of a model behind a link" 2 "\-\-output: 'behind' is a part of the model" translate --model model --input dev.source --output behind
equal "all of which stay" "words $(cat train.source dev.source | cksum) $before" "$(<list) $(cat train.target dev.target | cksum) $(sum model)"
same "and standard input" dev.source typed

# ---- --replace where there is nothing ----
start config.yaml --set training.epochs=100000 --output fresh --replace
stop INT
complains "--replace of nothing is a new training" 130 "stopped: fresh holds the state of update"
absent "and needs no folder beside it" fresh.new

# ---- one training in a folder ----
slow="config.yaml --set training.epochs=100000 --set model.decoder.hidden=128 --set training.batch_sentences=1 --output busy"
start $slow
held="'busy' is being written by process $pid on .* since 20.*: stop that one first"
mv err first.err
for how in "" --resume --replace; do fails "a second training $how" 1 "$held" train $slow $how; done
fails "quantize to where one trains" 1 "$held" quantize model --output busy
mv first.err err
stop INT
complains "the first one" 130 "busy holds the state of update"
absent "nothing is left beside it" .heed-*
start $slow --resume
mv err first.err
runs "a model that is being trained can be read" quantize busy --output busy.small
mv first.err err
stop KILL
ok "a lock of the dead stays" test -e .heed-lock-busy
start $slow --resume
stop TERM
complains "and holds nothing up" 143 "busy holds the state of update"
absent "nothing is left beside it" .heed-*

# ---- what others write there during a training ----
mkdir -m 700 shared
start config.yaml --set training.epochs=100000 --set training.tensorboard=true --output shared
until_true 60 test -e shared/training_state
for ((i = 0; i < 100; ++i)); do
  echo $i >shared/made.$i 2>/dev/null || { sleep 0.01; echo $i >shared/made.$i; }
  sleep 0.01
done
until_true 60 grep -q '^epoch 4 ' err
runs "translate to the run" translate --model small --input dev.source --output shared/answers
mv err ignored
stop HUP
equal "SIGHUP saves" 129 "$status"
equal "all files that were made stay" 100 "$(ls shared | grep -c '^made')"
ok "and the answers" test -s shared/answers
equal "and the access rights" 700 "$(stat -c %a shared)"
absent "nothing is left beside it" .heed-* shared/.heed-*
runs "it goes on" train config.yaml --set training.tensorboard=true --output shared --resume --set training.epochs=1

# ---- refused before the work ----
# refuses WHAT STATUS PATTERN ARGUMENT...: no vocabulary is made.
refuses() {
  fails "$@"
  equal "$1: before the work" 0 "$(grep -c 'vocabularies:' err)"
}
refuses "train to a name that is not UTF-8" 2 "output: a name that is not UTF-8" train config.yaml --output $'caf\xe9'
absent "what is left" caf*
refuses "train below /proc" 1 "cannot write '/proc/heed'" train config.yaml --output /proc/heed
refuses "train without training data" 2 "data.train is missing" train config.yaml --set data.train.source= --set data.train.target= --output never
refuses "train with validation data that is not there" 1 "nowhere" train config.yaml --set data.validation.source=nowhere --output never
absent "what is left" never .heed-*
for command in "translate --model model --input dev.source" "score --model model --source dev.source --target dev.target" \
  "shortlist --model model --source dev.source --target dev.target" "report model"; do
  fails "${command%% *} below /proc" 1 "'/proc/heed'" $command --output /proc/heed
  fails "${command%% *} to a folder" 1 "'other'.*directory" $command --output other
done
# ---- links, and no name ----
ln -s nowhere dangling
ln -s loop loop
ln -s dev.source .heed-lock-lk
dev=$(cat dev.source)
for command in "train config.yaml" "quantize model" "average model model" "translate --model model --input dev.source" \
  "score --model model --source dev.source --target dev.target" "report model" \
  "shortlist --model model --source dev.source --target dev.target"; do
  refuses "${command%% *} to a link to nothing" 1 "cannot write '.*dangling': it is a symbolic link to 'nowhere'" $command --output dangling
  refuses "${command%% *} to a loop of links" 1 "heed: .*cannot write '.*loop': Too many levels" $command --output loop
  refuses "${command%% *} to ''" 2 "\-\-output: a name is missing" $command --output ''
done
equal "the links stay" "nowhere loop" "$(readlink dangling) $(readlink loop)"
for command in "train config.yaml" "quantize model" "average model model"; do
  refuses "${command%% *} with a link for a lock" 1 "cannot write 'lk': its lock '.*.heed-lock-lk' is a symbolic link" $command --output lk
done
rm .heed-lock-lk
ln dev.source .heed-lock-lk
refuses "quantize with a second name of a file for a lock" 1 "its lock '.*.heed-lock-lk' is a file that has another name too" quantize model --output lk
equal "what it leads to stays" "$dev" "$(cat dev.source)"
rm .heed-lock-lk
mkfifo .heed-lock-lk
refuses "quantize with a pipe for a lock" 1 "its lock '.*.heed-lock-lk' is no regular file" quantize model --output lk
ok "which stays" test -p .heed-lock-lk
rm .heed-lock-lk
mkdir .heed-lock-lk
refuses "quantize with a directory for a lock" 1 "its lock '.*.heed-lock-lk' is a directory" quantize model --output lk
rmdir .heed-lock-lk
long_name=$(printf 'x%.0s' {1..300})
for command in "train config.yaml" "quantize model"; do
  refuses "${command%% *} to a name that is too long" 1 "heed: ${command%% *}: cannot write 'x*': File name too long" $command --output "$long_name"
done
refuses "report of a name that is too long" 1 "heed: report: 'x*/training_state/history.jsonl': File name too long" report "$long_name"
refuses "a name that is no text" 1 "'a.x9b.u.' does not exist|'a.x9b ' does not exist" info $'a\x9b\xc2\x9b'
rm dangling loop
absent "what is left" nowhere lk .heed-*
refuses "train with --set output=" 2 "output: is empty; it names the directory of the run" train config.yaml --set output=
fails "quantize what is not there" 1 "no-model" quantize no-model --output a/b
fails "average with what is not there" 1 "no-model" average model no-model --output a/b
absent "no folder is left" a
for part in parameters.safetensors config.yaml checksums source.vocabulary; do
  fails "translate over the model's $part" 2 "\-\-output: 'model/$part' is a part of the model" translate --model model --input dev.source --output model/$part
done
runs "a file of one's own beside a model" translate --model model --input dev.source --output model/dev.out
rm model/dev.out
cp dev.source both && ln -s both also
read_too="\-\-output: '.*'( is '.*', which)? is read; name another file"
for output in both ./both also; do
  fails "translate into its input: $output" 2 "$read_too" translate --model model --input both --output $output
done
fails "score into its target" 2 "$read_too" score --model model --source dev.source --target both --output both
fails "align into its source" 2 "$read_too" align --model model --source both --target dev.target --output both
fails "shortlist into its source" 2 "$read_too" shortlist --model model --source both --target dev.target --output both
fails "evaluate into its references" 2 "$read_too" evaluate --hypotheses dev.source --references both --output both
fails "view into what it compares" 2 "$read_too" view --input dev.source --compare both --format html --output both
fails "report into its source" 2 "$read_too" report model --source both --references dev.target --output both
same "which stays" dev.source both
rm both also
runs "translate from and to a device" translate --model model --input /dev/null --output /dev/null
runs "shortlist to standard output" shortlist --model model --source train.source --target train.target --output -
cp out list
runs "and to a file" shortlist --model model --source train.source --target train.target --output list.file
same "the same" list list.file
absent "no file is named -" ./-
if [[ $(id -u) == 0 ]] && command -v setpriv >/dev/null; then
  mkdir -m 755 closed
  chmod 755 .
  as_nobody() {
    timeout 60 setpriv --reuid=65534 --clear-groups "$heed" "$@" >out 2>err </dev/null
    status=$?
  }
  cp "$heed" here && chmod 755 here
  heed_before=$heed
  heed=$PWD/here
  as_nobody train config.yaml --output closed/run
  complains "train to an unwritable folder" 1 "cannot write 'closed/run': Permission denied"
  equal "before the work" 0 "$(grep -c 'vocabularies:' err)"
  as_nobody translate --model model --input nowhere --output closed/x
  complains "translate to one" 1 "cannot write 'closed/x': Permission denied"
  as_nobody quantize model --output closed/x
  complains "quantize to one" 1 "cannot write 'closed/x': Permission denied"
  heed=$heed_before
  rm here
else
  skip "unwritable folders" "only root can be somebody else"
fi
if unshare -m true 2>/dev/null; then
  mkdir mounted bound
  for mount in "-t tmpfs tmpfs mounted" "--bind bound mounted"; do
    unshare -m bash -c "mount $mount && exec timeout 60 '$heed' train config.yaml --output mounted" >out 2>err </dev/null
    status=$?
    complains "train to a mount point ($mount)" 1 "'.*mounted': something is mounted there; name a place in it"
    equal "before the work" 0 "$(grep -c 'vocabularies:' err)"
  done
  # 700 KB hold one save, and no second one beside it.
  for size in 64k 700k; do
    unshare -m bash -c "mount -t tmpfs -o size=$size tmpfs mounted && exec timeout 60 '$heed' train config.yaml --output mounted/run" >out 2>err </dev/null
    status=$?
    complains "train to a disk of $size" 1 "mounted/run'.*: a save takes [0-9]+ KB, twice that .* has [0-9]+ KB"
    equal "before the first update" 0 "$(grep -c '^epoch' err)"
  done
  unshare -m bash -c "mount -t tmpfs -o size=1M tmpfs mounted && '$heed' train config.yaml --set training.epochs=1 --output mounted/run 2>first.err &&
    head -c 2M /dev/zero >mounted/full; exec timeout 60 '$heed' train config.yaml --resume --output mounted/run" >out 2>err </dev/null
  status=$?
  complains "go on where one more does not fit" 1 "mounted/run'.*: a save takes [0-9]+ KB, the disk has [0-9]+ KB"
else
  skip "mount points" "this user may not mount"
fi

# ---- signals before there is anything to save ----
# A pipe that nobody writes to is read for ever.
mkfifo pipe
for signal in INT:130 TERM:143 HUP:129; do
  rm -f err
  "$heed" train config.yaml --set data.train.source=pipe --output made/deep/never >out 2>err </dev/null &
  pid=$!
  until_true 60 test -e made/deep/.heed-lock-never
  sleep 0.1
  stop "${signal%:*}"
  complains "$signal while the text is read" "${signal#*:}" "heed: train: stopped before the first update; nothing was changed"
  absent "nothing is left" made never .heed-*
done
runs "train to a path with .." train config.yaml --set training.epochs=1 --output turns//deep/../up
equal "no more than the run is made" "up" "$(ls turns)"
rm -r turns

# ---- and during a validation, which may take minutes ----
letters 5 6000 >long.dev
# One update is an epoch: all of the time is validation.
long="config.yaml --set data.validation.source=long.dev --set data.validation.target=long.dev"
long+=" --set model.encoder.hidden=192 --set model.decoder.hidden=192 --output validating"
head -n 16 train.source >few
sed 's/train: .*/train: {source: few, target: few}/' config.yaml >few.yaml
start ${long/config/few} --set training.epochs=100000
stop TERM
complains "TERM in a validation" 143 "stopped: validating holds the state of update [0-9]+;"
updates=$(grep -o 'state of update [0-9]*' err | grep -o '[0-9]*')
equal "it comes once more" "\"batch\": 1, \"epoch\": $((updates - 1))," "$(grep -E '^ "(epoch|batch)":' validating/training_state/position.json | sort | xargs -d '\n' | sed 's/^ *//; s/,  *"/, "/')"
runs "when it goes on" train ${long/config/few} --set training.epochs=$updates --resume

finish
