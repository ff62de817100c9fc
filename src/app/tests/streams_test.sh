#!/usr/bin/env bash
# Standard input, output and error as shells and programs connect them: full, closed, gone, not waiting.
# streams_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

make_copy_task
runs "train" train config.yaml --set training.epochs=2

# ---- messages that nobody can be told ----
# silent WHAT STATUS ARGUMENT...: ends with this status whatever standard error is.
silent() {
  local what=$1 wanted=$2
  shift 2
  "$heed" "$@" >out 2>/dev/full </dev/null
  equal "$what, standard error full" "$wanted" $?
  "$heed" "$@" >out 2>&- </dev/null
  equal "$what, standard error closed" "$wanted" $?
  { "$heed" "$@" >out </dev/null; echo $? >status; } 2>&1 | true
  equal "$what, reader of standard error gone" "$wanted" "$(<status)"
}
silent "an unknown command" 2 nonsense
silent "a failure" 1 info nowhere
printf 'a b c d e f g h a b c\na b\n' >long
silent "a warning" 0 translate --model model --input long --max-length 3 --output written
equal "and the answers are there" 2 "$(wc -l <written)"
silent "training" 0 train config.yaml --set training.epochs=1 --output quiet
ok "a closed standard error is not taken by a file" "$heed" info quiet

# Ctrl-C goes to the whole pipeline: tee dies first, and every message after that fails.
cat >pipeline <<'END'
trap : INT
"$1" train config.yaml --set training.epochs=100000 --output piped 2>&1 | tee log
echo ${PIPESTATUS[0]} >status
END
rm -f status
set -m  # a process group of its own, which obeys SIGINT
bash pipeline "$heed" >/dev/null 2>&1 </dev/null &
pid=$!
set +m
until_true 60 grep -q '^epoch 3 ' log
kill -INT -- "-$pid"
wait "$pid"
equal "Ctrl-C on training | tee" 130 "$(cat status)"
runs "whose state is saved" train config.yaml --set training.epochs=1 --output piped --resume

finish
