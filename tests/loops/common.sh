# What the loops share. A loop does something violent to the binary at random moments, again and again, for as long as it is
# told: `tests/loops/NAME PATH_OF_HEED [SECONDS]`, 3 if not said, which is what ctest runs. Its last line counts the
# rounds; exit status 1 if anything was lost, left behind or different. SEED=N repeats the random moments as far as the
# machine lets it.
# shellcheck shell=bash
seconds=${2-3}
source "$(dirname "${BASH_SOURCE[0]}")/../../src/app/tests/check.sh"
RANDOM=${SEED-$$}
rounds=0
# Validations and saves within epochs, corpora by weight and a share held out, and all that a state has to hold.
config="config.yaml --set training.epochs=8 --set training.validate_every=5updates --set training.checkpoint_every=3updates
  --set training.average_decay=0.9 --set training.schedule=exponential --set training.schedule.decay=0.8
  --set training.schedule.warmup_updates=4"

# The task, and the files of a training of it that nobody disturbs, in straight/.
prepare() {
  make_copy_task 100
  sed -i '/validation:/d; s/train: .*/train: [{source: train.source, target: train.target, weight: 1}, {source: dev.source, target: dev.target, weight: 2}]/' config.yaml
  runs "a training that nobody disturbs" train $config --output straight
  end=$((SECONDS + seconds))
}

# another: true as long as there is time, and once in any case; counts rounds.
another() {
  ((rounds == 0 || SECONDS < end)) || return 1
  rounds=$((rounds + 1))
}

# random_pause MILLISECONDS: up to so many.
random_pause() { sleep "$(printf '0.%03d' $((RANDOM % $1)))"; }

# begin OUTPUT ARGUMENT...: a training in the background, that goes on if there is a state.
begin() {
  local output=$1
  shift
  local how=()
  [[ -e $output/training_state ]] && how=(--resume)
  "$heed" train $config --output "$output" "${how[@]}" "$@" >begin.out 2>begin.err </dev/null &
  pid=$!
}

# ends_as_straight OUTPUT: goes on to the end, if that is not reached; then all is as if nothing had happened.
ends_as_straight() {
  begin "$1"
  wait $pid
  equal "round $rounds: it goes on to the end" "0 " "$? $(grep '^heed:' begin.err)"
  for file in parameters.safetensors training_state/parameters.safetensors training_state/optimizer.safetensors; do
    same "round $rounds: $file" straight/$file "$1/$file"
  done
  absent "round $rounds: nothing is left" "$(dirname "$1")"/.heed-* "$1"/.heed-*
}

# is_usable DIRECTORY: if there is one, it is whole.
is_usable() {
  [[ ! -e $1/config.yaml ]] && return # before the first save there is train.jsonl alone
  runs "round $rounds: the bundle translates" translate --model "$1" --input dev.source
}

finish_loop() {
  echo "$rounds rounds in $seconds seconds"
  finish
}
