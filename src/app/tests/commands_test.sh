#!/usr/bin/env bash
# Every command of the binary, as a user calls it: commands_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

# What a JSON line has under a key that holds a number or a list of words.
number_of() { grep -o "\"$1\":[-0-9.e+]*" "$2" | cut -d : -f 2; }
has_keys() {
  local what=$1 file=$2 missing= key
  shift 2
  for key in "$@"; do grep -q "\"$key\":" "$file" || missing+=" $key"; done
  equal "$what" "" "$missing"
}
escapes() { grep -c $'\x1b' "$1"; }

# For JSON lines with attention: says what is wrong with rows, columns and sums; nothing if all is right.
attention_faults() {
  awk '
    function words(key,   text) {
      if (!match($0, "\"" key "\":\\[[^]]*\\]")) return -1
      text = substr($0, RSTART, RLENGTH)
      return gsub(/","/, "", text) + (text !~ /\[\]/)
    }
    {
      source = words("source_tokens"); target = words("tokens")
      if (!match($0, /"attention":\[\[[^"]*\]\]/)) { if (source > 0) print NR ": no attention"; next }
      rows = split(substr($0, RSTART + 14, RLENGTH - 16), row, /\],\[/)
      if (rows != target) print NR ": " rows " rows for " target " tokens"
      for (r = 1; r <= rows; ++r) {
        columns = split(row[r], weight, ",")
        sum = 0
        for (c = 1; c <= columns; ++c) { sum += weight[c]; if (weight[c] < 0) print NR ": a negative weight" }
        if (columns != source) print NR ": " columns " columns for " source " tokens"
        if (sum < 0.9999 || sum > 1.0001) print NR ": row " r " has the sum " sum
      }
    }' "$1"
}

make_copy_task 1200

# ---- train ----
run train config.yaml --set training.epochs=4 --set training.learning_rate=0.01 --output straight
equal "train with --set and --output" 0 "$status"
matches "train tells of each epoch" "epoch 4 .*perplexity.*BLEU" "$(<err)"
equal "train writes nothing to standard output" "" "$(<out)"
equal "train without a terminal writes no escape codes" 0 "$(escapes err)"
equal "the bundle" "checksums config.yaml parameters.safetensors source.vocabulary target.vocabulary train.jsonl training_state" "$(ls straight | xargs)"
equal "nothing is left beside it" "" "$(find . -name '.heed-tmp*')"
absent "--output went before the key output" model
runs "train the first half" train config.yaml --set training.epochs=2 --output halves
runs "train --resume" train config.yaml --set training.epochs=4 --output halves --resume
matches "--resume goes on where it was" "epoch 3 " "$(<err)"
equal "--resume does not start anew" 0 "$(grep -c '^epoch 1 ' err)"
same "half and half ends where the whole ends, to the bit" straight/training_state/parameters.safetensors halves/training_state/parameters.safetensors
same "and its best model likewise" straight/parameters.safetensors halves/parameters.safetensors
runs "train the other model, in place of a bundle that stands there" train config.yaml --set training.seed=2 --output halves --replace
mv halves other
runs "train with the config's own output" train config.yaml --set training.epochs=16 --set training.decay=1
matches "train learns to copy" "accuracy ([7-9][0-9]|100)" "$(grep '^epoch .*kept' err | tail -n 1)"

# ---- translate ----
{ letters 99 40; echo; echo "a b c"; echo "   "; letters 17 30; printf 'h g f'; } >input
runs "translate a file" translate --model model --input input
cp out plain
equal "as many lines as the input" "$(awk 'END { print NR }' input)" "$(wc -l <plain)"
equal "an empty line stays empty" "" "$(sed -n 41p plain)"
equal "a line of spaces is an empty one" "" "$(sed -n 43p plain)"
equal "no other line is empty" 2 "$(grep -c '^$' plain)"
{ cat input; echo; } | tac >backwards
runs "translate the lines in the other order" translate --model model --input backwards
tac out >forwards
same "line N belongs to line N" plain forwards
"$heed" translate --model model <input >out 2>err
same "translate standard input" plain out
runs "translate to a file" translate --model model --input input --output written
same "which is the same" plain written
equal "and nothing on standard output" "" "$(<out)"
runs "translate as JSON lines" translate --model model --input input --beam 3 --nbest 2 --format jsonl --attention --batch 1 --threads 1
cp out lines.jsonl
equal "a JSON line for each line" "$(wc -l <plain)" "$(wc -l <lines.jsonl)"
has_keys "keys of the JSON lines" lines.jsonl source source_tokens translations text tokens score log_probability attention
equal "--nbest 2 gives two translations" 2 "$(sed -n 1p lines.jsonl | grep -o '"text":' | wc -l)"
equal "best first" yes "$(sed -n 1p lines.jsonl >one; number_of score one | awk 'NR == 1 { a = $1 } NR == 2 { print (a >= $1 ? "yes" : "no") }')"
for setting in "--batch 1 --threads 2" "--batch 7 --threads 1" "--batch 32 --threads 2" "--batch 500 --threads 3"; do
  runs "translate $setting" translate --model model --input input --beam 3 --nbest 2 --format jsonl --attention $setting
  same "$setting gives the same JSON lines, byte for byte" lines.jsonl out
  runs "translate greedily $setting" translate --model model --input input $setting
  same "$setting gives the same text" plain out
done
runs "translate for the attention" translate --model model --input input --format jsonl --attention
cp out attention.jsonl
equal "attention: rows, columns, sums" "" "$(attention_faults attention.jsonl | head -n 5)"
matches "EOS has its row" '"tokens":\[.*"</s>"\],"score"' "$(sed -n 1p attention.jsonl)"
runs "translate as JSON lines without --attention" translate --model model --input input --format jsonl
equal "has none" 0 "$(grep -c '"attention"' out)"
runs "translate --nbest as text" translate --model model --input input --beam 4 --nbest 3
equal "numbered lines" "0 0 0 1 1 1" "$(head -n 6 out | cut -d ' ' -f 1 | xargs)"
matches "with their score" '^0 \|\|\| .* \|\|\| -?[0-9.]+$' "$(sed -n 1p out)"
runs "translate --show-attention" translate --model model --input input --show-attention
equal "the first line is the translation" "$(sed -n 1p plain)" "$(sed -n 1p out)"
matches "the picture has shades" "█|▓" "$(<out)"
equal "and no escape codes without a terminal" 0 "$(escapes out)"
cp out shown
if command -v script >/dev/null; then
  in_terminal() { TERM=xterm script -qec "$1" /dev/null </dev/null 2>&1; }
  in_terminal "$(printf '%q' "$heed") translate --model model --input dev.source --show-attention" >coloured
  ok "a terminal gets colours" grep -q $'\x1b\\[48' coloured
  NO_COLOR=1 in_terminal "$(printf '%q' "$heed") translate --model model --input dev.source --show-attention" >sober
  equal "and none with NO_COLOR" 0 "$(escapes sober)"
fi
runs "translate with two models" translate --model model --model other --input input --beam 2
equal "an ensemble gives a line for each line" "$(wc -l <plain)" "$(wc -l <out)"
runs "translate with the same model twice" translate --model model --model model --input input
same "is as with one" plain out

# ---- shortlist ----
for by in attention counts; do
  runs "shortlist --by $by" shortlist --model model --source train.source --target train.target --output list.$by --by $by --best 3 --frequent 2
  equal "writes nothing to standard output" "" "$(<out)"
  matches "its first line" "^heed-shortlist 2 [0-9a-f]{32}$" "$(sed -n 1p list.$by)"
  equal "the frequent tokens" 2 "$(sed -n 2p list.$by | grep -P '^\*\t' | cut -f 2- | wc -w)"
  equal "a line of 3 for each letter" 8 "$(sed 1,2d list.$by | grep -Pc '^[a-h](\t[a-h]){3}$')"
  equal "which is first of its own list" "" "$(sed 1,2d list.$by | awk '$1 != $2')"
  runs "translate with it" translate --model model --input input --shortlist list.$by
  equal "a line for each line" "$(wc -l <plain)" "$(wc -l <out)"
  cp out with.$by
  runs "translate with it, batch 1" translate --model model --input input --shortlist list.$by --batch 1 --threads 1
  same "gives the same text" with.$by out
done
runs "shortlist without --by" shortlist --model model --source train.source --target train.target --output list --best 3 --frequent 2 --threads 1 --batch 7
same "takes the attention, the same with any batch and threads" list.attention list
runs "a shortlist for an ensemble" translate --model model --model other --input input --shortlist list
equal "a line for each line" "$(wc -l <plain)" "$(wc -l <out)"

# ---- an ensemble, and what each of its models attended to ----
runs "translate by two models" translate --model model --model other --input input --format jsonl --attention --model-weights 1,3
cp out members.jsonl
python3 - members.jsonl >given <<'END'
import json, sys

for line in map(json.loads, open(sys.argv[1])):
    best = line["translations"][0]
    a, b = (member["attention"] for member in best["attention_members"]) if best["tokens"] else ([], [])
    mean = [[(x + 3 * y) / 4 for x, y in zip(*rows)] for rows in zip(a, b)]
    assert all(abs(x - y) < 1e-6 for rows in zip(mean, best["attention"]) for x, y in zip(*rows)), line
    print(best["text"])
END
equal "the attention is their mean" "$(wc -l <plain)" "$(wc -l <given)"
runs "score by two models" score --model model --model other --source input --target given --format jsonl --attention --model-weights 1,3
ok "what was found has the probability that search gave it" python3 - members.jsonl out <<'END'
import json, sys

for found, given in zip(*(map(json.loads, open(path)) for path in sys.argv[1:])):
    best = found["translations"][0]
    if best["tokens"] and not best.get("cut"):
        assert abs(best["log_probability"] - given["log_probability"]) < 1e-5, found
        assert best["attention_members"] == given["attention_members"], found
END
runs "view reads them" view --input members.jsonl --format html

# ---- score, align, view ----
paste -d '|' input plain | grep -v '|$' >pairs
cut -d '|' -f 1 pairs >pairs.source
cut -d '|' -f 2 pairs >pairs.target
runs "translate for the log-probabilities" translate --model model --input pairs.source --format jsonl
number_of log_probability out >translated
runs "score" score --model model --source pairs.source --target pairs.target
equal "a number for each pair" "$(wc -l <pairs)" "$(grep -Ec '^-?[0-9]+\.[0-9]+$' out)"
equal "which is what translate says" "" "$(paste -d ' ' out translated | awk '($1 - $2) ^ 2 > 1e-6')"
cp out scored
runs "score as JSON lines" score --model model --source pairs.source --target pairs.target --format jsonl --batch 3 --threads 1
equal "has the same sums" "" "$(number_of log_probability out | paste -d ' ' - scored | awk '($1 - $2) ^ 2 > 1e-8')"
equal "and the numbers of the tokens give them" "" "$(sed 's/.*"log_probability":\([^,]*\),"log_probabilities":\[\([^]]*\)\].*/\1,\2/' out |
  awk -F , '{ sum = 0; for (i = 2; i <= NF; ++i) sum += $i; if ((sum - $1) ^ 2 > 1e-6 || NF < 3) print }')"
runs "align" align --model model --source pairs.source --target pairs.target
equal "Pharaoh lines" "$(wc -l <pairs)" "$(grep -Ec '^([0-9]+-[0-9]+( [0-9]+-[0-9]+)*)?$' out)"
equal "within the words of both sides" "" "$(paste -d '|' out pairs | awk -F '|' '{ s = split($2, x, " "); t = split($3, x, " "); n = split($1, link, " ")
  for (i = 1; i <= n; ++i) { split(link[i], at, "-"); if (at[1] >= s || at[2] >= t) print } }')"
runs "view a picture in the terminal" view --input attention.jsonl --format terminal
matches "with shades" "█|▓" "$(<out)"
equal "and no escape codes" 0 "$(escapes out)"
cp out pictures
"$heed" view <attention.jsonl >out 2>err
same "view standard input" pictures out
runs "view one sentence, in ASCII" view --input attention.jsonl --sentences 2 --ascii
equal "has no other character" 0 "$(grep -Pc '[^\x00-\x7f]' out)"
equal "it is the second" "$(sed -n 2p input)" "$(sed -n 1p out)"
runs "view in 20 columns" view --input attention.jsonl --sentences 1-3 --width 20
equal "is no wider" "" "$(grep -v '^[a-h ]*$' out | grep -E '^.{21}')"
NO_COLOR=1 run view --input attention.jsonl --sentences 1 --colour always
matches "--colour always paints" $'\x1b\\[48;5' "$(<out)"
runs "translate --trace" translate --model model --input input --format jsonl --attention --beam 3 --nbest 2 --trace
has_keys "its keys" out trace id parent token log_probability score state attention
sed 's/,"trace":.*/}/' out | cmp -s - lines.jsonl
equal "the rest is as without it, byte for byte" 0 $?
cp out traced.jsonl
runs "view a page" view --input traced.jsonl --format html
matches "which is HTML" "^<!doctype html>" "$(head -n 1 out)"
equal "to its end" "</html>" "$(tail -n 1 out)"
cp out page.html
runs "view to a file whose name says the format" view --input traced.jsonl --output named.svg
ok "it is of that format" grep -q '^<svg' named.svg
runs "view a page to a file" view --input traced.jsonl --format html --output written.html
same "the same" page.html written.html
runs "view a page of some" view --input traced.jsonl --format html --sentences 2,40-41
equal "which keep their numbers" "2 40 41" "$(grep -o '"number":[0-9]*' out | cut -d : -f 2 | xargs)"
runs "view two models side by side" view --input traced.jsonl --compare attention.jsonl --format html
runs "view SVG" view --input traced.jsonl --format svg
matches "which is SVG" "<svg xmlns=" "$(<out)"
# The first letters of the source are columns, those of the target rows: 4 decimals of the weights of the JSON line.
equal "its weights are those of the JSON line" \
  "$(sed -n 1p traced.jsonl | grep -o '"attention":\[\[[^"]*\]\]' | head -n 1 | tr -c '0-9.e-' '\n' | awk '/[0-9]/ { x = sprintf("%.4f", $1); if (x != "0.0000") print x }')" \
  "$(grep -o 'data-weight="[^"]*"' out | cut -d '"' -f 2)"
runs "view a grid of SVG" view --input traced.jsonl --format svg --sentences 1,3-5 --columns 2 --numbers --dark
equal "of four" 4 "$(grep -o '<text[^>]*font-weight="bold"' out | wc -l)"
run view --input traced.jsonl --format png
equal "PNG to standard output" "0 89504e470d0a1a0a" "$status $(head -c 8 out | od -An -tx1 | tr -d ' ')"
cp out piped.png
runs "PNG to a file" view --input traced.jsonl --format png --output picture.png
same "the same" piped.png picture.png
runs "PDF to a file" view --input traced.jsonl --format pdf --output picture.pdf
equal "which is PDF" "%PDF-" "$(head -c 5 picture.pdf)"
seq -f 'right %.0f' "$(wc -l <traced.jsonl)" >right
sed 's/right/also/' right >also
runs "view with references" view --input traced.jsonl --references right --references also --sentences 2
equal "which stand below the translation" "reference: right 2 reference: also 2" "$(sed -n 3,4p out | xargs)"
runs "a page with references" view --input traced.jsonl --references right --format html
matches "has them" '"references":\["right 1"\]' "$(<out)"
runs "score with attention" score --model model --source pairs.source --target pairs.target --format jsonl --attention
cp out scored.jsonl
runs "align for gold links" align --model model --source pairs.source --target pairs.target
cp out links.gold
runs "view scored pairs with gold links" view --input scored.jsonl --format html --sure links.gold --possible links.gold
matches "whose AER is 0: they are its own" '"error_rate":0\.0,"sentences"' "$(grep -o '"error_rate":[0-9.]*,"sentences"' out)"

fails "view gold links in the terminal" 2 "\-\-sure: the terminal shows no gold links" view --input scored.jsonl --sure links.gold
# What is in texts and tokens does nothing to a terminal.
printf '%s\n' '{"source":"the \u001b[2Jcat","source_tokens":["the","cat"],"translations":[{"text":"le \u001b]0;title\u0007chat","tokens":["le","chat"],"attention":[[1,0],[0,1]],"copied":[1]}]}' >escapes.jsonl
runs "view texts with control characters" view --input escapes.jsonl
equal "shows them" "the ␛[2Jcat le ␛]0;title␇chat" "$(head -n 2 out | xargs -d '\n')"
equal "and writes none" 0 "$(grep -c $'[\x1b\x07]' out)"
matches "copied words are marked" "^chat= " "$(<out)"
runs "view them in ASCII" view --input escapes.jsonl --ascii
equal "shows them in ASCII" 'the \x1b[2Jcat' "$(head -n 1 out)"
runs "train heads" train config.yaml --set training.epochs=1 --set model.attention.kind=multi-head --output heads
runs "translate --show-attention with them" translate --model heads --input pairs.source --show-attention
matches "says that it is a mean" "^mean of [0-9]+ heads$" "$(<out)"
for side in train dev; do sed 's/[a-h]/\x1b&/g' $side.source >$side.escapes; done
sed 's/\.\(source\|target\)/.escapes/g' config.yaml >escapes.yaml
runs "train words that hold escape characters" train escapes.yaml --set training.epochs=1 --output escapes --show 1
equal "--show writes none" 0 "$(escapes err)"
matches "and shows them" "^source +␛[a-h]" "$(<err)"
head -n 3 dev.escapes >three
runs "translate them" translate --model escapes --input three
equal "as text they are what they are" 3 "$(escapes out)"
runs "translate --show-attention" translate --model escapes --input three --show-attention --beam 2 --nbest 2
equal "beside a picture they are shown" "0 6" "$(escapes out) $(grep -c '^[0-2] ||| .*␛' out)"
printf '\x1ba \x1bb\n:2\n\n' | "$heed" translate --model escapes --interactive --beam 3 >out 2>err
equal "in a conversation too" "0 0 4" "$? $(escapes out) $(grep -Ec '^( +[0-9]\. )?␛[a-h]( ␛[a-h])*(  \(.*)?$' out)"

# ---- evaluate ----
runs "evaluate identical files" evaluate --hypotheses pairs.source --references pairs.source --metrics bleu,chrf,ter,rouge,wer,per,cer,accuracy --format json
for value in bleu:100.00 chrf:100.00 ter:0.00 rouge:100.00 wer:0.00 per:0.00 cer:0.00 accuracy:100.00; do
  equal "${value%:*} of identical files" "${value#*:}" "$(number_of "${value%:*}" out | awk 'NR == 1 { printf "%.2f", $1 }')"
done
has_keys "signatures" out signatures
matches "sacreBLEU's signature" '"signatures":\{"bleu":"[^"]*tok:13a' "$(<out)"
echo "the cat sat on the mat" >hypothesis
echo "the cat sat on a mat" >reference
runs "evaluate a sentence" evaluate --hypotheses hypothesis --references reference --metrics bleu --format json
# Precisions 5/6, 3/5, 2/4, 1/3, no brevity penalty: their geometric mean.
equal "BLEU by hand" 53.73 "$(number_of bleu out | awk 'NR == 1 { printf "%.2f", $1 }')"
runs "evaluate as text, two references" evaluate --hypotheses hypothesis --references reference --references hypothesis --metrics bleu,wer
matches "the best reference counts" "bleu +100\.00" "$(<out)"
runs "names as other programs write them" evaluate --hypotheses hypothesis --references reference hypothesis --metrics BLEU,chrF2++ rougeL --format json
for key in bleu chrf++ rougeL; do matches "$key" "\"${key//+/\\+}\":[0-9]" "$(<out)"; done
printf 'the cat sat on the mat\na b c d\na cat\n' >three
printf 'the cat sat on a mat\na b c d\nthe cat\n' >three.references
runs "sentences" evaluate --hypotheses three --references three.references --metrics bleu,wer,accuracy --sentences
equal "a line for each" "53.73/16.67/0.00 100.00/0.00/100.00 50.00/50.00/0.00 " "$(tr '\t\n' '/ ' <out)"
runs "sentences as JSON lines" evaluate --hypotheses three --references three.references --metrics wer --sentences --format json
equal "an object for each" 3 "$(grep -c '^{"wer":[0-9.]*}$' out)"
runs "two systems" evaluate --hypotheses three --compare three.references --references three.references --metrics bleu,accuracy --bootstrap 100
equal "a line for each metric and system" "bleu three|bleu three.references|accuracy three|accuracy three.references|" \
  "$(sed -E 's/^([^ ]+) .*  (three[^ ]*)  .*/\1 \2/' out | tr '\n' '|')"
matches "the other has a p value" "p 0\.[0-9]{4}  three.references  BLEU\|nrefs:1\|bs:100\|seed:12345\|" "$(<out)"
runs "as JSON" evaluate --hypotheses three --compare three.references --references three.references --metrics bleu --bootstrap 100 --randomization 100 --format json
matches "with intervals" '"systems":\[\{"file":"three","bleu":\{"value":[0-9.]+,"mean":[0-9.]+,"low":[0-9.]+,"high":[0-9.]+\}\},\{"file":"three.references","bleu":\{.*"p":[0-9.]+' "$(<out)"
fails "another system of other length" 1 "hypothesis has 1" evaluate --hypotheses three --compare hypothesis --references three.references
fails "too few samples" 2 "\-\-bootstrap" evaluate --hypotheses three --references three.references --bootstrap 2
runs "scores" score --model model --source dev.source --target dev.target --format jsonl --output scored.jsonl
runs "perplexity" evaluate --metrics perplexity --scores scored.jsonl --format json
ok "of a model" awk "BEGIN { exit !($(number_of perplexity out | head -n 1) > 1) }"
for line in '["b", "c", "</s>"], "score": -1, "log_probability": -3' '["</s>"], "score": -1, "log_probability": -1'; do
  echo '{"source": "a", "source_tokens": ["a", "</s>"], "translations": [{"text": "", "tokens": '"$line"'}]}'
done >scored.jsonl
runs "perplexity by hand" evaluate --scores scored.jsonl
matches "exp(4 / 4)" "^perplexity +2\.72  \(log-probability -4, tokens 4\)$" "$(<out)"
fails "perplexity of text" 1 "dev.source:1: .*heed score --format jsonl" evaluate --scores dev.source
fails "perplexity of nothing" 2 "perplexity: needs --scores FILE" evaluate --metrics perplexity
fails "perplexity of sentences" 2 "perplexity: is of a whole file" evaluate --metrics bleu,perplexity --hypotheses three --references three.references --sentences --scores scored.jsonl
echo "0-0 1-1" >links
echo "0-0" >sure
echo "0-0 1-2" >possible
runs "evaluate alignments" evaluate --alignments links --sure sure --possible possible --metrics aer --format json
# |A| 2, |S| 1, |A and S| 1, |A and P| 1: 1 - (1 + 1) / (2 + 1).
equal "AER by hand" 33.33 "$(number_of aer out | awk 'NR == 1 { printf "%.2f", $1 }')"
# Of content words the link 1-1 does not count: 1 - (1 + 1) / (1 + 1).
runs "evaluate alignments of content words" evaluate --alignments links --sure sure --metrics content-aer,alignment-hit,AER
matches "by hand" "^content-aer +0\.00  \(precision 100, recall 100\).alignment-hit +100\.00.aer +33\.33" "$(tr '\n' ' ' <out)"
printf '0-0\n1-1 2-2\n0-1\n' >three.links
printf '0-0\n1-1\n0-0\n' >three.sure
runs "intervals of alignments" evaluate --alignments three.links --compare three.sure --sure three.sure --metrics aer,content-aer --bootstrap 100
matches "each file has its own" "^aer .*\[.*three.links.aer +0\.00  \[0\.00, 0\.00\]  p .*three.sure.content-aer " "$(tr '\n' ' ' <out)"
runs "of texts beside alignments" evaluate --hypotheses three.links --references three.sure --compare three.sure --alignments links --sure sure --metrics accuracy,aer
matches "--compare is of texts there" "^accuracy .*accuracy .*aer +33.33" "$(tr '\n' ' ' <out)"
fails "links that are none, of a file that is compared" 1 "three.references:1: .*no link" evaluate --alignments three.links --compare three.references --sure three.sure

# ---- info, list, average, bench ----
runs "info" info model
matches "names the attention" "luong-general" "$(<out)"
# A bundle of format 1, from before bilinear scores were divided, is what it was.
cp -r model earlier
rm earlier/checksums
sed -i 's/^format_version: 2/format_version: 1/; /^    scale: /d' earlier/config.yaml
runs "info of format 1" info earlier
matches "its scores are not divided" "scale none" "$(<out)"
runs "translate with format 1" translate --model earlier --input dev.source --output earlier.out
rm -r earlier
for what in attentions optimizers metrics cells bridges; do
  runs "list $what" list $what
  matches "which has $(case $what in attentions) echo bahdanau ;; optimizers) echo adam ;; cells) echo gru ;; bridges) echo mean-tanh ;; *) echo bleu ;; esac)" "^(bahdanau|adam|gru|mean-tanh|bleu) " "$(<out)"
done
runs "train cells and a pyramid" train config.yaml --set training.epochs=1 --output towers --set model.encoder.cell=gru --set model.decoder.cell=layernorm-lstm \
  --set model.encoder.layers=4 --set model.encoder.pyramid=2 --set model.encoder.residual=true --set model.decoder.bridge=mean-tanh
runs "info of it" info towers
matches "names the encoder" "gru, 4 layers.*pyramid of 2" "$(<out)"
matches "names the decoder" "layernorm-lstm, 1 layer.*bridge mean-tanh" "$(<out)"
for beam in 1 3; do
  runs "translate with a pyramid, beam $beam" translate --model towers --input dev.source --format jsonl --attention --beam $beam
  equal "attention is to source tokens" "" "$(attention_faults out | head -n 5)"
done
runs "align with a pyramid" align --model towers --source dev.source --target dev.target
runs "quantize other cells" quantize towers --output towers.int8
runs "and translate" translate --model towers.int8 --input dev.source
for attention in $("$heed" list attentions | cut -d ' ' -f 1); do
  runs "train with attention $attention" train config.yaml --set model.attention.kind=$attention --set training.epochs=1 --output with --replace
done
runs "average a model with itself" average model model --output mean
same "is the model" model/parameters.safetensors mean/parameters.safetensors
runs "average two models" average model other --output mean
runs "which translates" translate --model mean --input dev.source
runs "bench train" bench train --vocabulary 50 --embedding 16 --hidden 32 --layers 1 --batch 4 --source-length 5 --target-length 6 --attention bahdanau --precision float32 --threads 1 --updates 3
equal "one line" 1 "$(wc -l <out)"
runs "bench train --cell" bench train --vocabulary 50 --embedding 16 --hidden 32 --layers 1 --batch 4 --source-length 5 --target-length 6 --cell gru --threads 1 --updates 3
matches "which it names" '"cell":"gru"' "$(<out)"
has_keys "with the keys of the contract" out target_tokens_per_second milliseconds_per_update gflop_per_update gflops gemm_gflops peak_memory_bytes
runs "bench attention" bench attention --attention luong-general,bahdanau --source-lengths 3,9 --hidden 16 --batch 2 --target-length 4 --vocabulary 20 --repetitions 1
equal "one line" 1 "$(wc -l <out)"
matches "and what is measured meanwhile" "^bahdanau: 9 source tokens$" "$(<err)"
has_keys "with times, memory and growth" out mechanisms points forward_microseconds_per_step backward_microseconds_per_step bytes_per_step share_of_update forward_growth
fails "bench attention of lengths that fall" 2 "have to rise" bench attention --attention luong-dot --source-lengths 8,4
fails "bench attention of none" 2 "none" bench attention --attention none

TMPDIR=$PWD/nowhere fails "bench translate without a folder for temporary files" 1 "TMPDIR" bench translate --hidden 8 --embedding 8 --layers 1

# ---- tokenizers and files ----
paste train.source train.target >train.tsv
gzip -k train.tsv
zstd -q train.tsv 2>/dev/null || cp train.tsv.gz train.tsv.zst
for tokenizer in words characters sentencepiece spaces; do
  runs "train with $tokenizer" train config.yaml --set training.epochs=1 --output $tokenizer \
    --set data.source.tokenizer=$tokenizer --set data.source.vocabulary=20 \
    --set data.target.tokenizer=$tokenizer --set data.target.vocabulary=20
  runs "and translate" translate --model $tokenizer --input dev.source
  equal "each line" "$(wc -l <dev.source)" "$(wc -l <out)"
  runs "and show its attention" translate --model $tokenizer --input dev.source --format jsonl --attention
  equal "which is whole" "" "$(attention_faults out | head -n 5)"
done
for file in train.tsv train.tsv.gz; do
  sed "s/train: .*/train: {tsv: $file}/" config.yaml >tsv.yaml
  runs "train from $file" train tsv.yaml --set training.epochs=1 --output tsv --replace
  same "as from two files" spaces/source.vocabulary tsv/source.vocabulary
done
gzip -k dev.source
runs "translate a .gz file" translate --model model --input dev.source.gz
cp out zipped
runs "and the file itself" translate --model model --input dev.source
same "the same" out zipped

# ---- help ----
for command in "" train translate score rescore align evaluate view report info list average shortlist bench "bench train" "bench attention"; do
  runs "${command:+$command }--help" $command --help
  matches "explains it on standard output" "." "$(<out)"
  equal "and nowhere else" "" "$(<err)"
done
runs "--version" --version
matches "names it" "^heed [0-9]+\.[0-9]+\.[0-9]+" "$(<out)"

finish
