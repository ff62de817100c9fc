#!/usr/bin/env bash
# Files and lines that were made to hurt: each command stays within the memory and time that docs/limits.md states, and
# what it says is short. limits_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

# within MEGABYTES ARGUMENT...: runs the binary in so much address space.
within() {
  local limit=$1
  shift
  (ulimit -v $((limit * 1024)) && exec timeout 120 "$heed" "$@") >out 2>err </dev/null
  status=$?
}

# is_short WHAT: of the last run: what it said can be read.
is_short() { ok "$1: the message is short" test "$(wc -c <err)" -lt 2500; }

# many COUNT TEXT: so many of it, without anything between.
many() { head -c "$1" /dev/zero | sed "s/\x00/$2/g"; }

# ---- JSON ----
{
  printf '{"source":"a","source_tokens":["a"],"translations":[{"text":"b","tokens":["b"],"attention":[[1]]}],'
  printf '"trace":[{"parent":-1,"token":"b","log_probability":0,"score":0,"state":"kept","attention":'
  many 100000 '['
  many 100000 ']'
  echo '}]}'
} >nested.jsonl
for format in terminal html svg png; do
  fails "brackets nested deeply, as $format" 1 "nested.jsonl:1: brackets are nested more than" view --input nested.jsonl --format $format
done
{ printf '{'; seq -f '"key%.0f":1,' 1 300000 | tr -d '\n'; echo '"source":5}'; } >keys.jsonl
fails "300,000 keys" 1 "keys.jsonl:1: source is 5; expected a text" view --input keys.jsonl
{ printf '{"source":"'; many 3000000 x; } >cut.jsonl
fails "a line that is cut in a string" 1 "cut.jsonl:1: expected a line of .*: no JSON at byte [0-9]+$" view --input cut.jsonl
is_short "a line that is cut in a string"
echo 'plain text' >plain.jsonl
fails "text for JSON lines" 1 "plain.jsonl:1: expected a line of .*: no JSON at byte [0-9]+$" view --input plain.jsonl

# ---- messages that quote what was read ----
many 1000000 x >field
echo 0-0 >links
fails "a link of a megabyte" 1 "is no link; it would be like '3-4'" evaluate --alignments field --sure links
is_short "a link of a megabyte"
fails "a path of a thousand bytes many times over" 1 "cannot read|No such file" evaluate --hypotheses "$(many 100000 x)" --references links
is_short "a path"

# ---- long lines ----
seq -s ' ' 1 20000 >references
seq -s ' ' 2 20000 >hypotheses
within 400 evaluate --hypotheses hypotheses --references references --metrics ter,wer,rouge,bleu,chrf --format json
equal "lines of 20,000 words are compared in 400 MB" 0 "$status"
for metric in ter wer; do matches "$metric of a line without its first word" "\"$metric\":0.005[,}]" "$(<out)"; done
matches "rouge-l of it" '"rouge":99.997' "$(<out)"
seq -s ' ' 1 200001 >references
for metric in ter:50000 wer:200000 rouge:200000; do
  fails "${metric%:*} of more words than can be compared" 1 "line 1 has 200001 words; ${metric%:*} compares lines of up to ${metric#*:}" \
    evaluate --hypotheses references --references references --metrics "${metric%:*}"
done

# ---- many lines ----
# Of texts of any length a block is in memory: 50 MB a file, in address space that holds the libraries and
# little more.
awk 'BEGIN { for (i = 0; i < 500000; ++i) printf "%d %d %d %s\n", i, i * 7, i * 13, "a text that is as long as lines of text are, about a hundred bytes with numbers" }' >text
seq 0 499999 | sed 's/.*/&-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7 8-8 9-9 10-10 11-11 12-12 13-13 14-14 15-15 16-16 17-17 18-18/' >links
for how in "--hypotheses text --compare text --references text text" "--tsv text --columns 1,1" \
  "--hypotheses text --references text --sentences --output sentences"; do
  within 200 evaluate $how --metrics accuracy
  equal "evaluate $how in 200 MB of address space" "0 " "$status $(<err)"
done
equal "each line has its figures" 500000 "$(grep -c '^100.00$' sentences)"
within 200 evaluate --alignments links --sure links --possible links
equal "evaluate alignments in 200 MB of address space" "0 " "$status $(<err)"
matches "all of them" "aer +0.00 .*recall 100" "$(<out)"
rm text links sentences

# ---- marks without end on one token ----
{
  printf '{"source":"a","source_tokens":["a"],"translations":[{"text":"b","tokens":["b'
  many 100000 '\xcc\x81'
  echo '"],"attention":[[1]]}]}'
} >marks.jsonl
for format in svg png; do runs "100,000 marks on a token, as $format" view --input marks.jsonl --format $format --output "marks.$format"; done
ok "its label is cut" test "$(wc -c <marks.svg)" -lt 50000

# ---- a model ----
make_copy_task 40
runs "train" train config.yaml --set training.epochs=1
{ cat train.source; many 5000 'a '; } >long.source
{ cat train.target; many 5000 'a '; } >long.target
fails "a line too long for a shortlist by counts" 1 "long.source:41: the sentence has 5000 tokens, more than the max-length of 1000" \
  shortlist --model model --by counts --source long.source --target long.target --output list
absent "and there is none" list

# Answers are no longer in memory when they are written: 160 MB of them in a file.
awk 'BEGIN { for (i = 0; i < 4000; ++i) { for (t = 0; t < 60; ++t) printf "%c ", 97 + (i + t) % 8; print "" } }' >wide
for ending in .zst ''; do
  within 300 score --model model --source wide --target wide --format jsonl --attention --batch 1 --threads 1 --output large$ending
  equal "160 MB of answers in 300 MB of address space: large$ending" 0 "$status"
done
ok "they are as large" test "$(wc -c <large)" -gt 120000000
command -v zstd >/dev/null && same "compressed or not" large <(zstd -dcq large.zst)
rm large large.zst

# A header that is nothing but brackets: 8 bytes of its length, little-endian, before 20,000,000 of them.
cp -r model nested
rm -f nested/checksums  # which would be looked at before
{ printf '\x00\x2d\x31\x01\0\0\0\0'; many 20000000 '['; } >nested/parameters.safetensors
within 500 info nested
complains "a header of brackets" 1 "parameters.safetensors: damaged"
is_short "a header of brackets"

finish
