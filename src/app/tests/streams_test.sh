#!/usr/bin/env bash
# Standard input, output and error as shells and programs connect them: full, closed, gone, not waiting.
# streams_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

make_copy_task
runs "train" train config.yaml --set training.epochs=2

# The end of a pipe whose reader went away.
mkfifo gone
exec {reader}<>gone {to_nobody}>gone {reader}>&-

# ---- messages that nobody can be told ----
# silent WHAT STATUS ARGUMENT...: ends with this status whatever standard error is.
silent() {
  local what=$1 wanted=$2
  shift 2
  "$heed" "$@" >out 2>/dev/full </dev/null
  equal "$what, standard error full" "$wanted" $?
  "$heed" "$@" >out 2>&- </dev/null
  equal "$what, standard error closed" "$wanted" $?
  "$heed" "$@" >out 2>&$to_nobody </dev/null
  equal "$what, reader of standard error gone" "$wanted" $?
}
silent "an unknown command" 2 nonsense
silent "a failure" 1 info nowhere
printf 'a b c d e f g h a b c\na b\n' >long
silent "a warning" 0 translate --model model --input long --max-length 3 --output written
equal "and the answers are there" 2 "$(wc -l <written)"
silent "training" 0 train config.yaml --set training.epochs=1 --output quiet --replace
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

# ---- a program that waits for each answer ----
letters 12 3 >three
# answers_each COMMAND...: gets a line, answers it, gets the next.
answers_each() {
  coproc HEED { exec "$heed" "$@" 2>err; }
  local pid=$HEED_PID answers=0 line answer
  exec {to}>&"${HEED[1]}" {from}<&"${HEED[0]}"
  eval "exec ${HEED[1]}>&-"
  while read -r line; do
    echo "$line" >&$to
    read -r -t 20 answer <&$from && answers=$((answers + 1))
  done <three
  exec {to}>&-
  wait "$pid"
  equal "$1 ${*: -4} answers each line before the next" "3 0" "$answers $?"
  exec {from}<&-
}
for threads in 1 2 4; do
  answers_each translate --model model --batch 1 --threads $threads
  answers_each score --model model --source - --target three --batch 1 --threads $threads
  answers_each align --model model --source three --target - --batch 1 --threads $threads
done

# ---- a file that grows as the answers come, whole or not at all ----
for ending in '' .gz .zst; do
  coproc HEED { exec "$heed" translate --model model --batch 1 --output growing$ending 2>err; }
  pid=$HEED_PID
  exec {to}>&"${HEED[1]}"
  head -n 2 three >&$to
  until_true 20 eval 'compgen -G ".heed-tmp*" >/dev/null'
  absent "no file of that name before the end: growing$ending" growing$ending
  kill -TERM "$pid"
  wait "$pid"
  equal "a signal ends it" 143 $?
  exec {to}>&-
  absent "and leaves nothing" growing$ending .heed-tmp*
  runs "to the end" translate --model model --input three --output growing$ending
  runs "what reads it" translate --model model --input growing$ending
  equal "has all lines" 3 "$(wc -l <out)"
done
mkfifo named
"$heed" translate --model model --input three --output named 2>err &
timeout 20 cat named >through
wait $!
same "a named pipe gets the answers" <(timeout 20 "$heed" translate --model model --input three 2>&1) through
printf 'a\n' >few
fails "sides of different length" 1 "three has 3 lines but few has 1: line 2 of three has no partner" \
  score --model model --source three --target few --output none
absent "nothing is written" none .heed-tmp*

# ---- pipes that do not block ----
if command -v python3 >/dev/null; then
  cat >unblocked.py <<'END'
import os, subprocess, sys, time
lines = open("three", "rb").read() * 3000
to_heed, from_us = os.pipe()
to_us, from_heed = os.pipe()
os.set_blocking(to_heed, False)
os.set_blocking(from_heed, False)
heed = subprocess.Popen(sys.argv[1:], stdin=to_heed, stdout=from_heed)
os.close(to_heed)
os.close(from_heed)
if os.fork() == 0:
    os.close(to_us)
    time.sleep(0.2)  # it finds nothing to read
    while lines:
        lines = lines[os.write(from_us, lines):]
    os._exit(0)
os.close(from_us)
time.sleep(1)  # it finds no room to write
answers = b""
while more := os.read(to_us, 65536):
    answers += more
print(answers.count(b"\n"), heed.wait())
END
  # Standard error that is full, does not block and is read by nobody: one wait for all messages, not one for each.
  cat >stuck.py <<'END'
import os, subprocess, sys
reader, errors = os.pipe()
os.set_blocking(errors, False)
try:
    while True:
        os.write(errors, b"x" * 4096)
except BlockingIOError:
    pass
print(subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=errors, timeout=100).returncode)
END
  for ((i = 0; i < 200; ++i)); do printf 'a\0b\n'; done >bad
  equal "200 warnings to a full pipe" 0 "$(python3 stuck.py "$heed" translate --model model --input bad --beam 1 2>&1 | tail -n 1)"
  equal "pipes that do not block" "9000 0" "$(python3 unblocked.py "$heed" translate --model model --beam 1 2>&1)"
fi

# ---- a reader that has enough ----
for ((i = 0; i < 300; ++i)); do cat dev.source; done >many
# leaves_early WHAT ARGUMENT...: as cat does, without a word.
leaves_early() {
  local what=$1
  shift
  "$heed" "$@" >&$to_nobody 2>err
  equal "$what to a reader that went away" "141 " "$? $(<err)"
}
leaves_early "translate" translate --model model --input many
leaves_early "score" score --model model --source dev.source --target dev.target
leaves_early "info" info model
leaves_early "list settings" list settings
leaves_early "--help" translate --help
leaves_early "bench" bench train --vocabulary 50 --embedding 8 --hidden 8 --layers 1 --batch 2 --updates 1
(
  trap '' PIPE
  exec "$heed" list settings >&$to_nobody 2>err
)
status=$?
complains "where the caller ignores SIGPIPE it is an error" 1 "cannot write to standard output: Broken pipe"
"$heed" list settings >&- 2>err
status=$?
complains "a closed standard output" 1 "cannot write to standard output: Bad file descriptor"
"$heed" translate --model model <&- 2>err
status=$?
complains "a closed standard input" 1 "cannot read 'standard input': Bad file descriptor"

# ---- lines that are no text ----
{ sed -n 1p three; printf 'a\0b\n'; sed -n 2p three; printf 'b \xff c\r\n'; head -c 68000000 /dev/zero | tr '\0' a; echo; sed -n 3p three; } >mixed
"$heed" translate --model model <three >plain
{ sed -n 1p plain; echo; sed -n 2p plain; printf '\n\n'; sed -n 3p plain; } >expected
for how in "--batch 1" "--batch 2 --threads 2"; do
  runs "translate with bad lines, $how" translate --model model --input mixed $how
  same "they alone have no answer" expected out
  equal "a warning for each" "2 4 5" "$(grep -o '^heed: warning: mixed:[0-9]*' err | cut -d : -f 4 | xargs)"
done
cp mixed $'mi\x1b[31mxed'
runs "translate lines of a file with an odd name" translate --model model --input $'mi\x1b[31mxed'
equal "a warning has no control characters" 3 "$(grep -c '^heed: warning: mi \[31mxed:' err)"
runs "translate them as JSON lines" translate --model model --input mixed --format jsonl
equal "with their errors" '{"source":"a\u0000b","source_tokens":[],"translations":[],"error":"a NUL byte at byte 2; expected plain text"}
{"source":"b � c","source_tokens":[],"translations":[],"error":"invalid UTF-8 at byte 3"}' "$(sed -n '2p;4p' out)"
equal "all others have none" "2 4 5" "$(grep -n '"error"' out | cut -d : -f 1 | xargs)"
runs "translate them for view" translate --model model --input mixed --format jsonl --attention --output mixed.jsonl
for format in terminal html; do runs "which shows them as $format" view --input mixed.jsonl --format $format; done
fails "--strict ends" 1 "mixed:2: a NUL byte" translate --strict --model model --input mixed

# ---- little address space ----
# A sanitizer maps terabytes.
if (ulimit -v 500000 && exec "$heed" list metrics) >out 2>err; then
  runs "translate for pictures" translate --model model --input dev.source --format jsonl --attention --output seen.jsonl
  died=
  mkdir temporary
  for kilobytes in 80000 100000 120000 140000 200000 250000; do
    for command in "translate --model model --input dev.source --threads 4" "score --model model --source dev.source --target dev.target" \
      "train config.yaml --set training.epochs=1 --output little --replace" "view --input seen.jsonl --format png" "report model" \
      "bench translate --vocabulary 500 --hidden 64 --embedding 64 --layers 1 --sentences 2" \
      "bench train --vocabulary 500 --hidden 64 --embedding 64 --layers 1 --threads 1 --precision bfloat16 --updates 1" \
      "quantize model --output small" "shortlist --model model --source dev.source --target dev.target --output list"; do
      (ulimit -v $kilobytes && TMPDIR=$PWD/temporary exec "$heed" $command) >out 2>err </dev/null
      status=$?
      # 127: not even the libraries could be loaded.
      [[ $status == 0 || $status == 127 || ($status == 1 && $(grep -c '^heed: ' err) == 1) ]] || died+=" ${command%% *} in $kilobytes: $status"
    done
  done
  equal "too little address space is one line" "" "$died"
  equal "and leaves no temporary files" "" "$(ls temporary)"
  (ulimit -v 140000 && exec "$heed" train config.yaml --set training.epochs=1 --output little --replace) >out 2>err </dev/null
  equal "which advises nothing that is not there" 0 "$(grep -c -- '--batch' err)"
  (ulimit -v 120000 && exec "$heed" bench translate --hidden 64 --embedding 64 --layers 1 --sentences 2) >out 2>err </dev/null
  equal "nor a smaller batch than one" 0 "$(grep -c -- '--batch' err)"
else
  echo "skipped: little address space: this binary needs much"
fi

# ---- processors ----
if command -v taskset >/dev/null; then
  one=$(taskset -cp $$ | grep -o '[0-9]*$')
  confined() { taskset -c "$one" "$heed" "$@" >out 2>err </dev/null; }
  confined train config.yaml --set training.threads=auto --set training.epochs=1 --output confined
  matches "training takes as many threads as it has processors" "parameters, 1 of [0-9]+ processors \(training.threads\)" "$(<err)"
  equal "which the run records" 1 "$(grep -c '^  threads: 1$' confined/config.yaml)"
  runs "it goes on elsewhere" train config.yaml --set training.threads=auto --set training.epochs=2 --output confined --resume
  matches "with as many" "parameters, 1 of" "$(<err)"
  confined train config.yaml --set training.threads=1 --set training.epochs=2 --output at-once
  same "so that not a bit differs" confined/parameters.safetensors at-once/parameters.safetensors
  confined translate --help
  matches "so do other commands" "--threads N \(1 to 256; default 1\)" "$(<out)"
  fails "no threads" 2 "training.threads: '0' is not right.*auto" train config.yaml --set training.threads=0 --output never
else
  echo "skipped: processors: taskset is not there"
fi

# ---- the progress line ----
if command -v script >/dev/null; then
  TERM=xterm script -qec "stty cols 40; exec $(printf '%q' "$heed") train config.yaml --set training.epochs=1 --output narrow" /dev/null >typed 2>&1 </dev/null
  equal "it fits the terminal, up to the last column" 39 \
    "$(tr '\r' '\n' <typed | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' | grep -a '^epoch 1/1 ' | awk '{ if (length > most) most = length } END { print most }')"
else
  echo "skipped: the progress line: the command script is not there"
fi

# ---- help ----
"$heed" --help >whole
runs "heed help" help
same "is heed --help" whole out
"$heed" bench train --help >whole
runs "heed help bench train" help bench train
same "is heed bench train --help" whole out
matches "it has defaults" "--vocabulary N \(4 to 10000000; default 8000\)" "$(<out)"
fails "help of no command" 2 "help: unknown command 'trnslate'; did you mean 'translate'" help trnslate
for command in train translate score align evaluate view report info list average quantize shortlist "bench train" "bench translate" "bench attention"; do
  "$heed" $command --help
done >out
equal "words of the library that reads command lines" 0 "$(grep -Ec 'INT\b|FLOAT|\{|[0-9]x\)' out)"
runs "short options" translate -m model -i dev.source -o short
runs "long options" translate --model model --input dev.source --output long-one
same "mean the same" short long-one
echo 'no JSON' >text
fails "view of a text" 1 "text:1: expected a line of \`heed translate\` .*: no JSON at byte [0-9]+" view --input text --format html
equal "in our own words" 0 "$(grep -c 'json.exception\|syntax error' err)"

finish
