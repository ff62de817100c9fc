# Helpers of the tests that call the binary as a user does. Source it with the path of the binary as first argument; it
# makes an empty folder, goes there, and removes it at the end.
# shellcheck shell=bash
set -u
export LC_ALL=C.UTF-8
[[ -x ${1-} ]] || { echo "usage: $0 PATH_OF_HEED" >&2; exit 2; }
heed=$(realpath "$1")
work=$(mktemp -d)
cd "$work" || exit 2
trap 'trap - EXIT; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
checks=0
failures=0

# ok WHAT COMMAND...: the command must succeed.
ok() {
  local what=$1
  shift
  checks=$((checks + 1))
  if "$@" >ok.out 2>&1; then
    echo "ok    $what"
  else
    failures=$((failures + 1))
    echo "WRONG $what: this failed: $*"
    head -c 2000 ok.out | sed 's/^/      | /'
  fi
}

# equal WHAT EXPECTED ACTUAL
equal() {
  checks=$((checks + 1))
  if [[ $2 == "$3" ]]; then
    echo "ok    $1"
  else
    failures=$((failures + 1))
    printf 'WRONG %s\n      expected: %.1000s\n      actual:   %.1000s\n' "$1" "$2" "$3"
  fi
}

# matches WHAT PATTERN TEXT: an extended regular expression.
matches() {
  checks=$((checks + 1))
  if grep -Eq -- "$2" <<<"$3"; then
    echo "ok    $1"
  else
    failures=$((failures + 1))
    printf 'WRONG %s\n      expected: /%s/\n      actual:   %.2000s\n' "$1" "$2" "$3"
  fi
}

# same WHAT FILE FILE: the same bytes.
same() { ok "$1" cmp "$2" "$3"; }

# close WHAT FILE FILE TOLERANCE: the same text but for numbers with a point, which may differ by so much.
close() {
  # shellcheck disable=SC2016
  ok "$1" awk -v tolerance="$4" '
    BEGIN { number = "-?[0-9]+[.][0-9]+(e-?[0-9]+)?" }
    NR == FNR { line[NR] = $0; lines = NR; next }
    {
      a = line[FNR]
      b = $0
      same = 1
      while (same && match(a, number)) {
        before = substr(a, 1, RSTART - 1)
        value = substr(a, RSTART, RLENGTH)
        a = substr(a, RSTART + RLENGTH)
        same = match(b, number) && substr(b, 1, RSTART - 1) == before
        difference = value - substr(b, RSTART, RLENGTH)
        b = substr(b, RSTART + RLENGTH)
        same = same && difference <= tolerance && difference >= -tolerance
      }
      if (!same || a != b) { print "line " FNR " differs at " value " from " line[FNR]; wrong = 1; exit 1 }
    }
    END { exit wrong || FNR != lines }' "$2" "$3"
}

# absent WHAT PATH...: nothing stands there.
absent() {
  local what=$1 path found=
  shift
  for path in "$@"; do [[ -e $path || -L $path ]] && found+=" $path"; done
  equal "$what" "" "$found"
}

# Runs the binary; output in the files out and err, exit status in $status.
run() {
  timeout 120 "$heed" "$@" >out 2>err </dev/null
  status=$?
}

# runs WHAT ARGUMENT...: the command must end with 0; its output is in out and err.
runs() {
  local what=$1
  shift
  run "$@"
  equal "$what" 0 "$status"
  [[ $status == 0 ]] || tail -n 3 err | cut -c 1-500 | sed 's/^/      | /'
}

# complains WHAT STATUS PATTERN: of the last run: exit status, and one line on standard error, the last, that matches.
# Progress before it is no complaint.
complains() {
  local errors
  errors=$(grep -c '^heed:' err)
  equal "$1" "exit status $2, 1 line of error" "exit status $status, $errors line of error"
  matches "$1: the message" "$3" "$(tail -n 1 err | grep '^heed:')"
}

# fails WHAT STATUS PATTERN ARGUMENT...: the same for a command, which must write nothing to standard output.
fails() {
  local what=$1 wanted=$2 pattern=$3
  shift 3
  run "$@"
  complains "$what" "$wanted" "$pattern"
  [[ ! -s out ]] || equal "$what: standard output" "" "$(head -c 300 out)"
}

# until_true SECONDS COMMAND...: waits for it.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" 2>/dev/null; do
    ((SECONDS < end)) || return 1
    sleep 0.02
  done
}

# What is learnt must be learnt with every seed: tests/ten-seeds moves them all.
seed_offset=${HEED_TEST_SEED_OFFSET:-0}

# letters FIRST_SEED LINES: sentences of 2 to 6 of the letters a to h, with spaces.
letters() {
  awk -v state="$(($1 + seed_offset))" -v lines="$2" '
    function random(n) { state = (state * 16807) % 2147483647; return int(state / 2147483647 * n) }
    BEGIN {
      for (i = 0; i < lines; ++i) {
        line = ""
        for (left = 2 + random(5); left > 0; --left) line = line (line == "" ? "" : " ") substr("abcdefgh", 1 + random(8), 1)
        print line
      }
    }'
}

# make_copy_task [PAIRS]: 400 if not said, train and dev .source and .target, and config.yaml, which learns to copy letters.
make_copy_task() {
  letters 4711 "${1-400}" >train.source
  letters 815 12 >dev.source
  cp train.source train.target
  cp dev.source dev.target
  cat >config.yaml <<END
data:
  train:      {source: train.source, target: train.target}
  validation: {source: dev.source, target: dev.target}
  source: {tokenizer: spaces, vocabulary: 0}
  target: {tokenizer: spaces, vocabulary: 0}
model:
  embedding: 16
  encoder:   {layers: 1, hidden: 32}
  decoder:   {layers: 1, hidden: 32}
  attention: {kind: luong-general}
  dropout: 0.1
training: {learning_rate: 0.01, batch_sentences: 16, epochs: 6, threads: 2, seed: $((1 + seed_offset))}
output: model
END
}

finish() {
  echo "$checks checks, $failures failed"
  exit $((failures > 0))
}
