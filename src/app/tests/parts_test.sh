#!/usr/bin/env bash
# Large files: in parts, gone on with after an interruption, in memory that does not grow with them.
# tests/loops/continue kills runs. parts_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

make_copy_task 200
runs "train" train config.yaml --set training.epochs=2
letters 29 301 >plain
printf 'a b \xff\n\n' >>plain && printf 'b\r\n' >>plain && printf 'c d' >>plain
sed 's/\xff//; s/\r//; s/.*/{"source": "&", "target": "& a", "nbest": 2}/' plain >pairs.jsonl
sed 's/, "target": "[^"]*"//' pairs.jsonl >asked.jsonl
letters 31 305 >targets
paste <(sed 's/\xff//; s/\r//' plain) targets >columns.tsv
cut -f 1 columns.tsv >sources
awk 'NR % 3 { print "a" } NR % 3 == 0 { print "" }' targets >prefixes
awk '{ print "!h" }' targets >phrases
gzip -k plain && zstd -q plain
cp asked.jsonl asked.gz # named so
gzip -c asked.jsonl >asked.gz

# ---- parts ----
# in_parts WHAT N COMMAND...: its N parts, one after the other, are the whole.
in_parts() {
  local what=$1 parts=$2 i
  shift 2
  run "$@"
  equal "$what" 0 "$status"
  cp out whole
  : >joined
  for ((i = 1; i <= parts; ++i)); do
    run "$@" --part $i/$parts
    [[ $status == 0 ]] || equal "$what, part $i" 0 "$status"
    cat out >>joined
  done
  same "$what, in $parts parts" whole joined
}
translate="translate --model model --beam 2"
for parts in 2 7; do in_parts "text" $parts $translate --input plain; done
in_parts "more parts than lines" 14 $translate --input dev.source
for file in plain.gz plain.zst; do
  in_parts "$file" 3 $translate --input $file
  run $translate --input plain --part 2/3
  cp out expected
  run $translate --input $file --part 2/3
  same "$file is divided as the text is" expected out
done
in_parts "n-best lists" 3 $translate --input plain --nbest 2
in_parts "JSON lines" 3 $translate --input asked.jsonl --input-format jsonl --format jsonl --attention
in_parts "compressed ones" 3 $translate --input asked.gz --input-format jsonl --nbest 2
in_parts "columns" 3 $translate --input columns.tsv --input-format tsv --columns 2 --format jsonl --trace
in_parts "prefixes and phrases" 3 $translate --input plain --prefix prefixes --constraints phrases
in_parts "prefixes for more parts than lines" 14 $translate --input dev.source --prefix dev.source
in_parts "what is drawn" 3 translate --model model --input plain --sample --temperature 2
in_parts "pictures" 3 $translate --input dev.source --show-attention
for command in "score --format jsonl" "align --format soft"; do
  in_parts "$command of two files" 3 $command --model model --source sources --target targets
  in_parts "$command of columns" 4 $command --model model --tsv columns.tsv
  in_parts "$command of JSON lines" 5 $command --model model --jsonl pairs.jsonl
done
in_parts "pairs for more parts than there are" 14 score --model model --source dev.source --target dev.target

run $translate --input plain --part 3/3
equal "a warning has the number in the file" "plain:302:" "$(grep -o 'plain:[0-9]*:' err)"
run $translate --input plain --part 3/3 --strict
complains "so has an error" 1 "plain:302: invalid UTF-8"
run score --model model --source plain --target targets --part 2/2
complains "and one of pairs" 1 "plain:302: invalid UTF-8"
head -n 300 targets >fewer
run score --model model --source sources --target fewer --part 1/2
equal "pairs that lack nothing in this part" 0 "$status"
fails "but in the last one" 1 "sources has 305 lines but fewer has 300: line 301 of sources has no partner" \
  align --model model --source sources --target fewer --part 2/2 --output never
fails "prefixes that end too early" 1 "'fewer' ends before the input: its line 301" $translate --input sources --prefix fewer --part 3/3 --output never
{ cat targets; echo; } >more
run $translate --input sources --prefix more --part 1/2
equal "prefixes that go on too long are told of" 0 "$status"
fails "by the last part" 1 "more:306: the input has no such line" $translate --input sources --prefix more --part 2/2 --output never
runs "attention of a part" $translate --input dev.source --part 2/2 --attention-file weights.npz
lines=$(wc -l <out)
equal "has the numbers in the file" "$((12 - lines))" "$(unzip -Z1 weights.npz 2>/dev/null | sort -n | head -n 1 | cut -d . -f 1)"
for part in 0/3 4/3 3 /3 1/ 1/0 -1/3 1/3/2 1/2000000 a/b "" 1.5/2; do
  fails "--part '$part'" 2 "\-\-part: '$part' is not right; expected: I/N" $translate --input plain --part "$part"
done
fails "a part of a pipe" 2 "/dev/fd/[0-9]+ is no file that can be read twice" $translate --input <(cat plain) --part 1/2
fails "a part of standard input" 2 "standard input is no file that can be read twice" $translate --part 1/2
fails "a part of a conversation" 2 "\-\-part: has no effect on --interactive" translate --model model --interactive --part 1/2

# ---- an interruption ----
# The reader of a pipe that nobody closes waits for more, until it is killed.
mkfifo source
# interrupted LINES COMMAND...: begins, and is killed when so many lines of `plain` have been answered.
interrupted() {
  local lines=$1
  shift
  rm -f answers answers.*
  "$heed" "$@" --batch 1 --output answers --continue <source >out 2>err &
  pid=$!
  exec {feeder}>source
  head -n "$lines" plain >&$feeder
  until_true 30 answered "$lines"
  kill -KILL $pid
  { wait $pid; } 2>/dev/null
  exec {feeder}>&-
}
answered() { grep -q "\"lines\":$1," answers.progress; }
goes_on() { "$heed" "$@" --output answers --continue <plain >out 2>err; status=$?; }
run $translate --input plain
cp out whole
interrupted 1 $translate
until_true 5 test -s answers.part # the pause between two saves grows with what a save takes: of more lines none may be saved
equal "what was answered is there" "1" "$(wc -l <answers.part)"
absent "but not yet the file" answers
cp answers.part kept.part && cp answers.progress kept.progress
restore() { rm -f answers; cp kept.part answers.part; cp kept.progress answers.progress; }
run $translate --input plain --output answers
equal "without --continue it begins anew" 0 "$status"
matches "and says what it could go on with" "warning: 'answers.progress' is of an interrupted run" "$(<err)"
same "and does all" whole answers
same "and leaves that alone" kept.part answers.part
goes_on $translate --threads 2 --batch 5
equal "with it, it goes on" "0" "$status"
equal "and says so" "goes on behind the first line in answers.part" "$(head -n 1 err)"
same "it is the same" whole answers
absent "nothing is left" answers.part answers.progress
restore
echo 'an answer that no save knows of' >>answers.part
goes_on $translate
same "what was written behind the last save is written anew" whole answers
rm answers
"$heed" $translate --batch 1 --output answers --continue <source >out 2>err &
pid=$!
exec {feeder}>source
head -n 1 plain >&$feeder
until_true 30 answered 1
mkdir answers
tail -n +2 plain >&$feeder
exec {feeder}>&-
wait $pid
equal "an output whose place another took" 1 $?
rmdir answers
mv answers.part answers
cp answers.progress whole.progress
goes_on $translate
equal "one that was killed when all was done" "0 " "$status $(ls answers.* 2>/dev/null)"
same "has nothing to do" whole answers
rm answers
cp whole.progress answers.progress
goes_on $translate
equal "but where its file was removed since" "0 " "$status $(ls answers.* 2>/dev/null)"
same "all is answered again" whole answers

# refuses WHAT STATUS PATTERN COMMAND...: what stands there stays.
refuses() {
  local what=$1 wanted=$2 pattern=$3
  shift 3
  goes_on "$@"
  complains "$what" "$wanted" "$pattern"
  equal "$what: all stays" "$(cat kept.part kept.progress | cksum)" "$(cat answers.part answers.progress | cksum)"
}
anew="remove it and 'answers.part' to begin anew"
restore
refuses "other options" 2 "\-\-continue: 'answers' was begun with other options: '--beam 2', not '--beam 3'; $anew" translate --model model --beam 3
refuses "another option" 2 "not '--beam 2 --no-repeat-ngram 2'" $translate --no-repeat-ngram 2
refuses "a part" 2 "not '--beam 2 --part 1/2'" $translate --input plain --part 1/2
runs "train another" train config.yaml --set training.epochs=1 --output other
refuses "another model" 1 "answers.progress: was begun with another model, or it has changed; $anew" translate --model other --beam 2
refuses "other prefixes" 1 "answers.progress: standard input has changed in its first line, which was answered; $anew" $translate --prefix prefixes
echo 'something else' | "$heed" $translate --output answers --continue >out 2>err
status=$?
complains "another source" 1 "standard input has changed in its first line"
: | "$heed" $translate --output answers --continue >out 2>err
status=$?
complains "a shorter source" 1 "standard input has changed in its first line"
sed -i 's/"version":"[^"]*"/"version":"0.1.9"/' answers.progress
goes_on $translate
complains "another version" 1 "answers.progress: is of heed 0.1.9, this is .*; $anew"
for part in answers.part answers.progress; do
  restore
  for at in 2 $(($(wc -c <$part) / 2)) $(($(wc -c <$part) - 3)); do
    restore
    printf x | dd of=$part bs=1 seek="$at" conv=notrunc status=none
    cp $part damaged
    goes_on $translate
    complains "a byte $at that changed in $part" 1 "answers.(part' is not what was written|progress: (damaged|is of heed|was begun))|--continue: 'answers' was begun"
    same "which stays" damaged $part
  done
done
restore
sed -i 's/"whole":false/"whole":true/' answers.progress
rm answers.part
goes_on $translate
complains "a progress that says that all is done" 1 "answers.progress: damaged: its checksum is another; $anew"
for damage in '' '{}' '[1' '{"version": 1}'; do
  restore
  echo "$damage" >answers.progress
  goes_on $translate
  complains "progress '$damage'" 1 "answers.progress: damaged, or not of this program; $anew"
done
restore
: >answers.part
goes_on $translate
complains "too few answers" 1 "answers.progress: it speaks of [0-9]+ bytes, but 'answers.part' has 0; $anew"
rm answers.progress
cp kept.part answers.part
goes_on $translate
complains "somebody's own file" 1 "answers.part' is in the way: without 'answers.progress' it is of no interrupted run"
same "which stays" kept.part answers.part
rm answers.part
cp kept.progress answers.progress
goes_on $translate
equal "without the answers it begins anew" 0 "$status"
same "and is the same" whole answers

fails "--continue without a file" 2 "\-\-continue: needs --output FILE" $translate --input plain --continue
fails "--continue to standard output" 2 "\-\-continue: needs --output FILE" $translate --input plain --output - --continue
fails "--continue to a device" 2 "\-\-continue: '/dev/null' is no regular file" $translate --input plain --output /dev/null --continue
for flags in "translate --attention-file x.npz --input plain" "score --summary --tsv columns.tsv" "score --attention-file x.npz --tsv columns.tsv"; do
  fails "--continue of $flags" 2 "\-\-continue: has no effect on --" ${flags%% *} --model model ${flags#* } --output never --continue
done
cp plain mine.part
fails "--continue into its input" 2 "\-\-output: 'mine.part' is read" $translate --input mine.part --output mine --continue
fails "a source that cannot be read" 1 "nowhere" $translate --input nowhere --output never --continue
absent "leaves nothing" never never.part never.progress x.npz

# ---- a signal ----
"$heed" $translate --batch 1 --output answers --continue <source >out 2>err &
pid=$!
exec {feeder}>source
head -n 1 plain >&$feeder
until_true 30 answered 1
kill -TERM $pid
{ wait $pid; } 2>/dev/null
equal "a signal ends it" 143 $?
exec {feeder}>&-
matches "and says how it goes on" "^heed: translate: stopped: answers.part holds what was answered; go on with .*heed $translate --batch 1 --output answers --continue" "$(<err)"
rm -f answers answers.*

# ---- two at the same time ----
"$heed" $translate --batch 1 --output answers --continue <source >first.out 2>first.err &
pid=$!
exec {feeder}>source
head -n 1 plain >&$feeder
until_true 30 answered 1
goes_on $translate
complains "two that write the same" 1 "answers.part' is being written by another process"
tail -n +2 plain >&$feeder
exec {feeder}>&-
wait $pid
equal "the first one ends" 0 $?
same "as if alone" whole answers

# ---- memory ----
# peak COMMAND...: KB at most.
peak() {
  python3 -c 'import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$heed" "$@"
}
# A sanitizer keeps what was freed.
if (ulimit -v 500000 && exec "$heed" list metrics) >out 2>err; then
  awk '{ printf "%s%3000s\n", $0, "" }' targets targets targets targets >short # 4 MB, as much as is held together
  for ((i = 0; i < 8; ++i)); do cat short; done >long
  awk '{ print $0 "\t" $0 }' short >short.tsv
  awk '{ print $0 "\t" $0 }' long >long.tsv
  # grows_not WHAT COMMAND...: behind which the file stands.
  grows_not() {
    local what=$1 little much
    shift
    little=$(peak "${@:1:$#-1}" "short${!#}")
    much=$(peak "${@:1:$#-1}" "long${!#}")
    ok "$what: 8 times the text needs no more memory: $little, $much KB" test $((much - little)) -lt 10000
  }
  grows_not "translate" translate --model model --beam 1 --format jsonl --attention --input ""
  grows_not "align" align --model model --tsv .tsv
  grows_not "translate --continue" translate --model model --beam 1 --output much --continue --input ""
else
  echo "skipped: memory: this binary needs much"
fi

finish
