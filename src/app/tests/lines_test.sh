#!/usr/bin/env bash
# Lines as programs send them and get them: JSON in and out, tokens, progress. lines_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

make_copy_task 200
runs "train" train config.yaml --set training.epochs=4
translate="translate --model model --format jsonl"

# ---- what a line asks for ----
awk '{ printf "{\"source\": \"%s\"", $0
  if (NR % 3 == 1) printf ", \"nbest\": 2"
  if (NR % 4 == 1) printf ", \"beam\": 3"
  print "}" }' dev.source >asked.jsonl
for how in "--batch 1" "--batch 2 --threads 2" "--batch 32"; do
  runs "lines that ask for a beam and answers, $how" $translate --input asked.jsonl --input-format jsonl $how
  for beam in 5 3; do
    for nbest in 1 2; do
      awk -v beam=$beam -v nbest=$nbest '(NR % 4 == 1 ? 3 : 5) == beam && (NR % 3 == 1 ? 2 : 1) == nbest' dev.source >sources
      awk -v beam=$beam -v nbest=$nbest '(NR % 4 == 1 ? 3 : 5) == beam && (NR % 3 == 1 ? 2 : 1) == nbest' out >answers
      timeout 60 "$heed" $translate --input sources --beam $beam --nbest $nbest >expected
      same "are answered as by --beam $beam --nbest $nbest" expected answers
    done
  done
done
cat >lines.jsonl <<'END'
{"source": "a b c"}
{"source": "a b c", "nbest": 6}
{"source": "a b c", "beam": 0}
a b c
{"source": "a b c", "allowed": []}
{"source": "a b c", "colour": "red"}
{"source": "b a", "beam": 6, "nbest": 6}
END
runs "lines with faults" $translate --input lines.jsonl --input-format jsonl
equal "have answers that say so" "'nbest' is 6; no more than the beam, which is 5
'beam' is not right; expected a whole number, 1 to 1000
no JSON object; expected {\\\"source\\\": \\\"...\\\", \\\"features\\\": {...}}
'allowed' is an empty list, which leaves no answer
unknown key 'colour'; expected: source, features, beam, nbest, prefix, must, must_not, allowed" "$(grep -o '"error":.*' out | sed 's/^"error":"//; s/"}$//')"
equal "and warnings" "2 3 4 5 6" "$(grep -o '^heed: warning: lines.jsonl:[0-9]*: .*; its answer is empty' err | cut -d : -f 4 | xargs)"
equal "the others are answered" "1 6" "$(grep -v '"error"' out | awk '{ print gsub(/"score"/, "") }' | xargs)"
for line in 2 3 4 5 6; do
  sed -n "$line{p;q}" lines.jsonl >one.jsonl
  fails "--strict ends at line $line" 1 "one.jsonl:1: " $translate --input one.jsonl --input-format jsonl --strict
done
# What does not go together with the flags ends its line alone.
while IFS='|' read -r flags line fault; do
  printf '%s\n' "$line" '{"source": "b a"}' >one.jsonl
  runs "$line beside $flags" $translate --input one.jsonl --input-format jsonl $flags
  matches "is answered so" "\"error\":\"[^\"]*$fault" "$(head -1 out)"
  matches "and the next line is translated" '"score"' "$(tail -1 out)"
done <<'END'
--groups 2 --beam 4|{"source": "a", "beam": 3}|--groups, 2, must divide it
--patience 0.5|{"source": "a", "nbest": 5}|with --patience fewer
--sample|{"source": "a", "beam": 3}|no effect with --sample
--sample|{"source": "a", "must": ["b"]}|need a beam
--beam 3|{"source": "a", "must": ["zebra"]}|cannot write
--beam 3|{"source": "a", "prefix": "zebra "}|cannot write
--beam 3|{"source": "a", "allowed": ["zebra"]}|can write none
--beam 3 --max-output 2|{"source": "a", "must": ["a b c"]}|length limit
END

# ---- constraints ----
printf 'b\n\nb a\n' >prefixes
printf '\nc\ta b\n!a\n' >phrases
printf 'a b c\na b c\na b c\n' >sources
for how in "--batch 1" "--batch 3 --beam 2"; do
  runs "prefixes, $how" translate --model model --input sources --prefix prefixes $how
  matches "the first" "^b" "$(sed -n 1p out)"
  matches "the third" "^b a" "$(sed -n 3p out)"
  runs "phrases, $how" translate --model model --input sources --constraints phrases $how
  matches "one that must occur" "c" "$(sed -n 2p out)"
  matches "and another" "a b" "$(sed -n 2p out)"
  matches "one that must not" "^[^a]*$" "$(sed -n 3p out)"
done
printf 'b\n' >short
fails "fewer lines than sentences" 1 "'short' ends before the input: its line 2" translate --model model --input sources --prefix short
fails "more lines than sentences" 1 "prefixes:2: the input has no such line" translate --model model --input short --prefix prefixes --output never
for flags in "--sample --nbest 3 --temperature 2" "--groups 2 --beam 4 --nbest 4" "--alternatives --nbest 3"; do
  runs "$flags" $translate --input dev.source --batch 32 $flags
  cp out expected
  runs "$flags, one by one" $translate --input dev.source --batch 1 $flags
  same "are the same" expected out
  runs "$flags, with threads" $translate --input dev.source --batch 3 --threads 3 $flags
  same "are the same too" expected out
done

echo '{"source": "a", "nbest": 2}' >one.jsonl
runs "several answers as text" translate --model model --input one.jsonl --input-format jsonl
matches "need a format that has room for them" "one.jsonl:1: 'nbest' needs --format jsonl" "$(<err)"
runs "several answers as numbered text" translate --model model --input one.jsonl --input-format jsonl --nbest 3
equal "are as many as the line asks for" "0 0" "$(cut -d ' ' -f 1 out | xargs)"

# ---- pairs ----
runs "translate" $translate --input dev.source --nbest 2
cp out translated.jsonl
sed 's/.*"translations":\[{"text":"\([^"]*\)".*/\1/' translated.jsonl >translated
for command in score "score --format jsonl" align "probe --format jsonl"; do
  runs "$command of two files" $command --model model --source dev.source --target translated
  cp out expected
  runs "$command of what translate wrote" $command --model model --jsonl translated.jsonl
  same "is the same" expected out
  paste -d '|' dev.source translated | sed 's/\(.*\)|\(.*\)/{"target": "\2", "source": "\1", "id": 7}/' >pairs.jsonl
  "$heed" $command --model model --jsonl - <pairs.jsonl >out 2>err
  same "$command of pairs is the same" expected out
done
for command in "score --format jsonl" "align --format jsonl"; do
  "$heed" $command --model model --jsonl - >out 2>err <<<'{"source": "a\u2028b", "target": "a\u0085 b"}'
  equal "$command escapes Unicode's line ends" '1 1' "$(grep -o 'a\\u2028b' out | wc -l) $(python3 -c 'print(len(open("out").read().splitlines()))')"
done
printf '{"source": "a", "target": "b"}\n{"source": "a"}\n' >pairs.jsonl
fails "a pair without a target" 1 "pairs.jsonl:2: 'target' is missing, or no text" score --model model --jsonl pairs.jsonl --output none
head -n 1 pairs.jsonl >pair.jsonl
runs "score a pair" score --model model --jsonl pair.jsonl
cp out expected
echo '{"source": "a", "target": "b", "features": {"x": "y"}}' >pairs.jsonl
runs "with a feature that the model does not read" score --model model --jsonl pairs.jsonl
same "the same" expected out
for flag in "--source dev.source" "--target dev.source" "--tsv dev.source" "--columns 1,2"; do
  fails "${flag% *} beside --jsonl" 2 "${flag% *}: has no effect beside --jsonl" align --model model --jsonl translated.jsonl $flag
done
: >nothing
fails "no pair at all" 1 "nothing is empty" score --model model --jsonl nothing

# ---- what evaluate reads ----
evaluate="evaluate --references dev.source --metrics bleu,chrf --format json"
runs "evaluate text" $evaluate --hypotheses translated
cp out expected
runs "JSON lines" $evaluate --hypotheses translated.jsonl --input-format jsonl
same "the same" expected out
"$heed" translate --model model --input dev.source --nbest 3 2>err | "$heed" $evaluate --hypotheses - --input-format nbest >out
same "an n-best list" expected out
{ echo; cat dev.source; } >input
runs "translate an empty line" translate --model model --input input --nbest 2 --output list
"$heed" evaluate --references input --hypotheses list --input-format nbest --metrics bleu --format json >out 2>err
matches "which is a sentence of the list" '"bleu":' "$(<out)"
sed 2d input >shorter
fails "has its place" 1 "shorter has 12 lines but list has more: line 13 of list has no partner" evaluate --references shorter --hypotheses list --input-format nbest
printf '0 ||| a ||| -1\n2 ||| b ||| -1\n' >list
fails "an n-best list with a gap" 1 "list:2: sentence 2 is not the next; expected 1" $evaluate --hypotheses list --input-format nbest
fails "text for an n-best list" 1 "translated:1: no line of an n-best list; expected 'i" $evaluate --hypotheses translated --input-format nbest
fails "text for JSON lines" 1 "translated:1: no JSON object; expected a line of" $evaluate --hypotheses translated --input-format jsonl
# Of more lines than are in memory at once.
seq 10000 >count
sed '9000s/.*/x/' count >wrong
runs "evaluate many lines" evaluate --hypotheses wrong --references count --metrics accuracy
matches "counts all" "accuracy +99.99  \(correct 9999, lines 10000\)" "$(<out)"
seq 0 9999 | paste -d '|' - wrong | sed 's/|/ ||| /; s/$/ ||| -1/; p; s/-1$/-2/' >list
cp out expected
runs "of an n-best list" evaluate --hypotheses list --input-format nbest --references count --metrics accuracy
same "the same" expected out
runs "of columns" evaluate --tsv <(paste wrong count) --metrics accuracy
same "the same" expected out
runs "their sentences" evaluate --hypotheses wrong --references count --metrics accuracy --sentences
equal "a line for each" "10000 9000:0.00" "$(wc -l <out) $(grep -vn '^100.00$' out)"
runs "systems of many lines" evaluate --hypotheses wrong --compare count --references count --metrics accuracy --bootstrap 40
equal "whose samples are of all" 100.00 "$(grep -o '[0-9.]*\]  p' out | cut -d ']' -f 1)"
: >none
head -n 9500 count >shorter
for files in "--hypotheses count --references count shorter" "--hypotheses count --references count --compare shorter"; do
  fails "many lines, $files" 1 "^heed: evaluate: shorter has 9500 lines but count has more: line 9501 of count has no partner" evaluate $files
done
sed '9500s/$/\xff/' count >bad
fails "invalid UTF-8 in a later block" 1 "^heed: evaluate: bad:9500: invalid UTF-8 at byte 5" evaluate --hypotheses count --references bad
fails "the rest of a longer file is not read" 1 "^heed: evaluate: dev.source has 12 lines but bad has more: line 13 of bad has no partner" evaluate --hypotheses dev.source --references bad
fails "nor that of a pipe without end" 1 "^heed: evaluate: dev.source has 12 lines but /dev/fd/[0-9]+ has more" evaluate --hypotheses dev.source --references <(yes)
fails "nor where it is the first" 1 "^heed: evaluate: dev.source has 12 lines but /dev/fd/[0-9]+ has more" evaluate --hypotheses <(yes) --references dev.source
fails "an empty partner" 1 "^heed: evaluate: none has 0 lines but count has more: line 1 of count" evaluate --hypotheses count --references none
for ((i = 0; i < 10000; ++i)); do echo "0-0"; done >links
sed '9500s/$/ x/' links >bad
fails "a link that is none" 1 "^heed: evaluate: bad:9500: 'x' is no link" evaluate --alignments links --sure links --possible bad
head -n 9500 links >shorter
fails "files of links of other lengths" 1 "^heed: evaluate: shorter has 9500 lines but links has more: line 9501 of links" evaluate --alignments links --sure shorter
fails "standard input for both" 2 "standard input \('-'\) is asked for more than once" evaluate --hypotheses - --references -

# ---- line ends of Unicode, shorter lines ----
printf 'a\xe2\x80\xa8b\xe2\x80\xa9c \xc2\x85 d\n' >ends
runs "a line with the line ends of Unicode" $translate --input ends
ok "has none in JSON" awk '/\xe2\x80[\xa8\xa9]|\xc2\x85/ { exit 1 }' out
if command -v python3 >/dev/null; then
  ok "Python cuts no line at them, and reads what was sent" python3 -c '
import json
lines = open("out", encoding="utf-8").read().splitlines()
assert len(lines) == 1 and json.loads(lines[0])["source"] + "\n" == open("ends", encoding="utf-8", newline="\n").read()'
  ok "EOS is dropped as the docs say" python3 -c '
import json
for line in map(json.loads, open("translated.jsonl")):
    t = line["translations"][0]
    tokens = [token for token in t["tokens"] if token != "</s>"]
    assert tokens == t["tokens"][:-1] and " ".join(tokens) == t["text"]'
fi
runs "attention in full" $translate --input dev.source --attention
cp out full
runs "attention with 2 digits" $translate --input dev.source --attention --attention-digits 2
ok "is shorter" test "$(wc -c <out)" -lt "$(wc -c <full)"
equal "has no more digits" 0 "$(grep -o '"attention":[^a-z]*' out | grep -c '\.[0-9][0-9][0-9]')"
cp out short.jsonl
runs "view shows it" view --input short.jsonl
runs "score too" score --model model --source dev.source --target dev.source --format jsonl --attention --attention-digits 3
fails "digits of nothing" 2 "\-\-attention-digits: has no effect without --attention or --trace" $translate --input dev.source --attention-digits 2
fails "digits of nothing" 2 "\-\-attention-digits: has no effect without --attention" score --model model --source dev.source --target dev.source --attention-digits 2

# ---- scores of tokens ----
{ cat dev.source; echo; } >input
runs "--token-scores" $translate --input input --nbest 2 --token-scores
equal "each line has them" 13 "$(grep -c '"token_log_probabilities":' out)"
equal "an empty one has none" 1 "$(tail -n 1 out | grep -c '"token_log_probabilities":\[\]')"
runs "and without" $translate --input input --nbest 2
equal "no line has them" 0 "$(grep -c '"token_log_probabilities":' out)"
printf 'a\n\n\n' >one
printf '\na\n\n' >other
runs "score empty lines" score --model model --source one --target other --format jsonl
equal "each has those of its tokens, EOS at least" 3 "$(grep -c '"log_probabilities":\[-' out)"

# ---- attention for NumPy ----
runs "attention in a file" $translate --input input --nbest 2 --attention --attention-file weights.npz
cp out expected
runs "beside text, batch 1" translate --model model --input input --nbest 2 --attention-file again.npz --batch 1
same "is the same" weights.npz again.npz
runs "of given pairs" score --model model --source dev.source --target dev.source --attention-file scored.npz
yes a | head -n 66000 >sixty
runs "of many lines" score --model model --source sixty --target sixty --attention-file many.npz --output scores
if python3 -c 'import numpy' 2>/dev/null; then
  ok "NumPy reads it" python3 -c '
import json, numpy
weights = numpy.load("weights.npz")
lines = [json.loads(line) for line in open("expected")]
names = [f"{i}.{n}" for i, line in enumerate(lines) for n in range(len(line["translations"]))]
assert weights.files == names, weights.files
for name in names:
    i, n = map(int, name.split("."))
    expected = lines[i]["translations"][n]["attention"]
    assert weights[name].dtype == numpy.float32 and weights[name].shape == (len(expected), len(expected[0]) if expected else 0)
    assert numpy.allclose(weights[name], numpy.reshape(expected, weights[name].shape), rtol=0, atol=1e-8), name
assert len(numpy.load("scored.npz").files) == len(lines) - 1
many = numpy.load("many.npz")
assert len(many.files) == 66000 and many["65999.0"].shape == (2, 2)'
else
  echo "skipped: attention for NumPy: numpy is not there"
fi
if command -v python3 >/dev/null; then
  ok "it is a whole ZIP archive" python3 -c 'import zipfile; assert zipfile.ZipFile("many.npz").testzip() is None'
fi
for output in out.txt answers.npz dev.source; do
  fails "not $output" 2 "\-\-attention-file: .*$output" translate --model model --input dev.source --output answers.npz --attention-file $output
done
fails "not of a conversation" 2 "\-\-attention-file: has no effect with --interactive" translate --model model --interactive --attention-file w.npz
(ulimit -f 4 && exec "$heed" translate --model model --input sixty --attention-file w.npz --output w.text) >out 2>err
status=$?
complains "a full disk" 1 "cannot write 'w.npz': File too large"
absent "leaves nothing" w.npz w.text .heed-tmp*

# ---- progress ----
for command in "translate --input dev.source" "score --source dev.source --target dev.source" "align --jsonl translated.jsonl" \
  "probe --jsonl translated.jsonl" "rescore --nbest translated.jsonl --input-format jsonl"; do
  words="${command%% *} --model model ${command#* }"
  runs "${command%% *} without --progress" $words
  equal "says nothing" "" "$(<err)"
  cp out expected
  runs "${command%% *} with it" $words --progress
  same "answers the same" expected out
  matches "and says how much there was" "^$(wc -l <dev.source) lines in 0:[0-9]+, [0-9,]+ lines/s$" "$(tail -n 1 err)"
done
fails "progress of a conversation" 2 "\-\-progress: has no effect on --interactive" translate --model model --interactive --progress

# ---- tokens ----
# Text as people write it, and the marks that tokenizers use themselves.
{
  printf 'Hello, world! It'\''s 3.14 (or so) - "quoted"...\nnai\xcc\x88ve co-op caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xf0\x9f\x98\x80.\n'
  printf '\n</s> <unk> @@ a@@ b\n\xef\xbf\xad x\xef\xbf\xady \xe2\x96\x81 z\xe2\x96\x81\n'
  cat dev.source
} >text
yes 'The quick brown fox, which jumps over the lazy dog: 12 times!' | head -n 40 | cat - text text >corpus
grep -v '^$' corpus >corpus.text
for tokenizer in words characters sentencepiece spaces; do
  sed 's/tokenizer: [a-z]*/tokenizer: '$tokenizer'/; s/train: .*/train: {source: corpus.text, target: corpus.text}/' config.yaml >tokens.yaml
  sizes=
  [[ $tokenizer != sentencepiece ]] || sizes="--set data.source.vocabulary=120 --set data.target.vocabulary=110"
  runs "train with $tokenizer" train tokens.yaml --set training.epochs=1 $sizes --set data.target.lowercase=true --output by-$tokenizer
  for side in source target; do
    runs "tokenize, $tokenizer, $side" tokenize --model by-$tokenizer --side $side --input text
    cp out tokens
    equal "a line for each line" "$(wc -l <text)" "$(wc -l <tokens)"
    equal "an empty one for an empty one" "" "$(sed -n 3p tokens)"
    runs "detokenize" detokenize --model by-$tokenizer --side $side --input tokens
    cp out back
    "$heed" tokenize --model by-$tokenizer --side $side --input back | "$heed" detokenize --model by-$tokenizer --side $side >again
    same "both are the identity on what they wrote" back again
    [[ $tokenizer == sentencepiece || $side == target ]] || same "and on this text" text back
    runs "numbers" tokenize --model by-$tokenizer --side $side --input text --ids
    equal "one for each token" "$(awk '{ print NF }' tokens | xargs)" "$(awk '{ print NF }' out | xargs)"
    equal "nothing but numbers" 0 "$(tr -d '0-9 \n' <out | wc -c)"
    sed -n 6,9p out >numbers
    runs "and back" detokenize --model by-$tokenizer --side $side --input numbers --ids
    same "are the text" <(sed -n 6,9p back) out
  done
done
runs "the target is read in lower case" tokenize --model by-words --side target --input text
matches "as the model reads it" "^hello" "$(sed -n 1p out)"
echo '1 2 x' >numbers
fails "what is no number" 1 "numbers:1: 'x' is no id; expected whole numbers, 0 to [0-9]+" detokenize --model model --ids --input numbers
echo '99999' >numbers
fails "a number that no token has" 1 "numbers:1: '99999' is no id" detokenize --model model --ids --input numbers --output none
printf 'a\xff\n' >bytes
fails "what is no text" 1 "bytes:1: invalid UTF-8 at byte 2" tokenize --model model --input bytes
coproc HEED { exec "$heed" tokenize --model model 2>err; }
pid=$HEED_PID
echo 'a b' >&"${HEED[1]}"
read -r -t 20 answer <&"${HEED[0]}"
equal "each line is answered at once" "a b" "$answer"
kill "$pid"
wait "$pid" 2>/dev/null

finish
