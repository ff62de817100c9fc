#!/usr/bin/env bash
# ranks_test.sh PATH_OF_HEED - mpirun -np N heed train: as one process to the bit, resumed with any number, and all ends that there are.
source "$(dirname "$0")/check.sh"
skip() {
  echo "skipped: $1"
  exit 77
}
command -v mpirun >/dev/null || skip "mpirun is not installed"
[[ -e $(dirname "$heed")/libheed_mpi.so ]] || skip "this heed was built without OpenMPI"
# Root may start processes where there is nobody else, in a container.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mpi=(mpirun --oversubscribe --bind-to none)

# ranks N ARGUMENT...: runs the binary in so many processes; as run does.
ranks() {
  timeout 120 "${mpi[@]}" -np "$1" "$heed" "${@:2}" >out 2>err </dev/null
  status=$?
}

# say_once WHAT STATUS PATTERN: all that was run ended with one line of ours, beside mpirun's.
say_once() {
  matches "$1" "^exit status $2, 1 line of error$" "exit status $status, $(grep -c '^heed:' err) line of error"
  matches "$1: the message" "$3" "$(grep '^heed:' err)"
}

# same_training WHAT RUN RUN: model and state.
same_training() {
  for file in parameters.safetensors training_state/parameters.safetensors training_state/optimizer.safetensors; do
    same "$1: $file" "$2/$file" "$3/$file"
  done
}

make_copy_task 100
train="train config.yaml --set training.threads=1 --set training.average_decay=0.9"

runs "one process, as two would" $train --set training.workers=2 --set training.groups=2 --output one2
ranks 2 $train --output two
equal "two processes" 0 "$status"
same_training "two are as one" one2 two
equal "the validations too" "$(sed 's/"seconds":[^,}]*//g; s/"time":[^,}]*//g' one2/train.jsonl | grep '"validated"')" \
  "$(sed 's/"seconds":[^,}]*//g; s/"time":[^,}]*//g' two/train.jsonl | grep '"validated"')"
matches "it says what they send" "2 processes.* KB an update" "$(cat err)"
matches "and so does the log" '"bytes_per_update":[0-9]+' "$(tail -n 1 two/train.jsonl)"

runs "one process, as three would" $train --set training.workers=3 --set training.groups=3 --output one3
ranks 3 $train --output three
same_training "three are as one" one3 three
ranks 2 $train --set training.threads=2 --set training.mpi.sharded=false --output four
runs "one process with four workers in two groups" $train --set training.threads=3 --set training.workers=4 --set training.groups=2 --output one4
same_training "two of two threads are as one" one4 four

runs "one process that rounds" $train --set training.workers=2 --set training.groups=2 --set training.mpi.wire=bfloat16 --output one5
ranks 2 $train --set training.mpi.wire=bfloat16 --output five
same_training "two that round are as one" one5 five
ranks 2 $train --set training.mpi.wire=bfloat16 --set training.mpi.sharded=true --output sharded
same_training "two that round, and update a part each, are as one" one5 sharded

# Resumed with other numbers of processes, and threads.
short="$train --set training.epochs=2"
ranks 2 $short --output changed
runs "one goes on" $train --set training.epochs=4 --resume --output changed
ranks 2 $train --set training.threads=2 --resume --output changed
same_training "two, then one, then two" one2 changed
ranks 3 $short --output fewer
ranks 2 $train --resume --output fewer
same_training "three, then two" one3 fewer
runs "one begins" $short --output more
ranks 2 $train --resume --output more
equal "two go on" 0 "$status"
matches "it says that sums differ from there on" "began with training.workers 1 in training.groups 1, and 2 processes go on with 2 in 2" "$(cat err)"
ranks 2 $train --resume --output more
matches "nothing to do is told once" "^1$" "$(grep -c 'nothing to do' err)"

# Ends. A training that would take minutes is begun, and waited for until it has a state.
long="train config.yaml --set training.threads=1 --set training.epochs=2000 --set training.checkpoint_every=3updates --set training.validate_every=500epochs"
begin() {
  rm -rf run
  "${mpi[@]}" -np "$1" "$heed" $long "${@:2}" --output run >out 2>err </dev/null &
  launcher=$!
  until_true 60 test -e run/training_state/position.json
  mapfile -t processes < <(pgrep -P $launcher -x heed)
  equal "processes of $1" "$1" "${#processes[@]}"
}
ended() {
  wait $launcher
  status=$?
}
updates() { grep -o '"updates": [0-9]*' run/training_state/position.json | head -n 1; }

# goes_on WHAT: from its state to as many updates more it is as one that nobody disturbed.
goes_on() {
  local epochs
  epochs=$(($(grep -o '"epoch": [0-9]*' run/training_state/position.json | head -n 1 | grep -o '[0-9]*$') + 2))
  ranks 2 $long --set training.epochs=$epochs --resume --output run
  equal "$1: it goes on" 0 "$status"
  runs "$1: undisturbed" $long --set training.epochs=$epochs --set training.workers=2 --set training.groups=2 --output undisturbed --replace
  same_training "$1" undisturbed run
}

begin 2 --set training.mpi.sharded=false
kill -KILL "${processes[1]}"
ended
equal "what all had done is saved" "$(grep -o 'after update [0-9]*' err | grep -o '[0-9]*')" "$(updates | grep -o '[0-9]*$')"
say_once "a killed rank" "[1-9][0-9]*" "rank 1 \(process ${processes[1]} on .*\) ended without a word after update [0-9]+: run holds the state of update [0-9]+; go on with \`.*--resume"
goes_on "a killed rank"

begin 2
kill -KILL "${processes[1]}"
ended
say_once "a killed rank that had moments of its own" "[1-9][0-9]*" "rank 1 .* after update [0-9]+: run holds the state of update [0-9]+; go on with"
equal "it is as it was saved last, after some three updates" 0 $(($(updates | grep -o '[0-9]*$') % 3))
begin 2
kill -KILL "${processes[0]}"
ended
say_once "the first rank killed" "[1-9][0-9]*" "rank 0 \(process ${processes[0]} on .*run holds the state of update"
goes_on "the first rank killed"

begin 2 --set training.mpi.patience=1
kill -STOP "${processes[1]}"
ended
say_once "a stuck rank" 1 "rank 1 \(process ${processes[1]} on .*has not answered for 1 s \(training.mpi.patience\)"

begin 2
kill -TERM "${processes[1]}"
ended
say_once "a signal to one" 143 "stopped: run holds the state of update"
goes_on "a signal to one"

begin 2
kill -TERM $launcher
ended
say_once "a signal to mpirun" "[1-9][0-9]*" "stopped: run holds the state of update"

# What does not go together.
alone=$train\ --output\ bad
# unlike WHAT PATTERN OPTION... -- ARGUMENT...: a second process of mpirun with options of its own, and another command.
unlike() {
  timeout 60 "${mpi[@]}" -np 1 "$heed" $alone : -np 1 "${@:3}" >out 2>err </dev/null
  status=$?
  say_once "$1" 1 "$2"
  absent "$1: nothing is left" bad
}
unlike "another config" "training.seed of rank 0 is not that of rank 1 \(process .*\) \(1, 2\)" "$heed" $alone --set training.seed=2
mkdir other
cp config.yaml dev.* other
head -n 99 train.source | tee other/train.source >other/train.target
unlike "other files" "what data.train holds of rank 0 is not that of rank 1" -wdir other "$heed" $alone
cp "$heed" "$(dirname "$heed")/libheed_mpi.so" other
echo >>other/heed
unlike "another program" "the program file of rank 0 is not that of rank 1" other/heed $alone
if grep -q avx512f /proc/cpuinfo; then
  unlike "other instructions" "the instruction set of rank 0 is not that of rank 1" env HEED_MAX_CPU_ISA=AVX2 "$heed" $alone
fi
unlike "another mode" "what becomes of an earlier run .* \(none is there, it is replaced\)" "$heed" $alone --replace
rm other/train.target
unlike "a file that is missing in one place" "rank 1 \(process [0-9]+ on $(hostname)\): .*train.target" -wdir other "$heed" $alone
ranks 2 $alone --set training.batch_sentences=1
say_once "more ranks than sentences" 1 "training.batch_sentences: 1 for 2 processes"
ranks 2 $alone --set data.train.source=nowhere
say_once "a file that is missing everywhere" 1 "nowhere"
ranks 2 $alone --set training.groups=1
say_once "fewer groups than ranks" 2 "training.groups: 1 for 2 processes"
ranks 2 $alone --set training.seed=x
say_once "a wrong value" 2 "training.seed"
ranks 2 translate --model two --input dev.source
equal "translating by several" "0, 1 warning" "$status, $(grep -c 'mpirun started 2 processes, each of which does all of it: --part I/N' err) warning"
ranks 2 translate --model two --input dev.source --part 1/2
matches "of parts nothing is said" "^0$" "$(grep -c heed: err)"
ranks 2 $train --output cached --set training.epochs=1 --set data.cache=auto
equal "a cache is told of once" "0, 1 line" "$status, $(grep -c "'cached/data' holds 100 pairs in 1 part, 0.0[0-9]* MB" err) line"
ranks 2 $train --output two
say_once "a run that is there" 2 "two.*--resume"
ranks 2 $alone --dry-run
say_once "a dry run" 2 "dry-run: mpirun started 2 processes"
absent "nothing is left of them" bad
fails "workers that are fewer than groups" 2 "training.workers: 2 for 3 groups" $alone --set training.workers=2 --set training.groups=3

# Without OpenMPI, and where another library started the processes.
mkdir without
cp "$heed" without
timeout 60 "${mpi[@]}" -np 2 without/heed $alone >out 2>err </dev/null
status=$?
say_once "a heed without its part for OpenMPI" 1 "mpirun started 2 processes, and libheed_mpi.so, which they need, is neither in '.*/without' nor in '.*/lib/heed'"
SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2 timeout 60 "$heed" $alone >out 2>err </dev/null
status=$?
say_once "a step of srun without PMIx" 1 "srun started 2 processes without PMIx.*mpi=pmix"
SLURM_PROCID=0 SLURM_NTASKS=2 runs "a batch script of Slurm" $alone --set training.epochs=1
finish
