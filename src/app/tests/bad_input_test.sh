#!/usr/bin/env bash
# What goes wrong on people's machines: each ends in one line that names the thing and in the right exit status, and
# nothing is lost or left behind. bad_input_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

# fails_to_train WHAT STATUS PATTERN ARGUMENT...: and leaves nothing behind.
fails_to_train() {
  local what=$1 wanted=$2 pattern=$3
  shift 3
  fails "$what" "$wanted" "$pattern" train "$@" --output failed
  absent "$what: what is left" failed .heed-tmp*
}

# with_line FILE NUMBER TEXT: the file with another line there.
with_line() { awk -v n="$2" -v text="$3" 'NR == n { print text; next } { print }' "$1"; }

# config_of SOURCE TARGET: the config for other training files.
config_of() { sed "s#train: .*#train: {source: $1, target: $2}#" config.yaml; }

# state_of DIRECTORY KEY: a number of its training.
state_of() { grep -m 1 "^ \"$2\":" "$1/training_state/position.json" | tr -dc 0-9; }

# start ARGUMENT...: a training in the background, from its first update on.
start() {
  rm -f err  # what the command before said is no update of this one
  "$heed" train "$@" >out 2>err </dev/null &
  pid=$!
  until_true 60 grep -q '^epoch [0-9]*/' err
}

# stop SIGNAL: ends it.
stop() {
  kill -"$1" "$pid"
  { wait "$pid"; } 2>/dev/null
  status=$?
}

# is_whole WHAT DIRECTORY: a bundle that translates, and nothing beside it.
is_whole() {
  runs "$1: the bundle translates" translate --model "$2" --input dev.source
  equal "$1: every line" "$(wc -l <dev.source)" "$(wc -l <out)"
}

make_copy_task
runs "train" train config.yaml --set training.epochs=3
runs "translate" translate --model model --input dev.source
cp out plain

# ---- command lines ----
fails "no command" 2 "command"
fails "an unknown command" 2 "trasnlate.*did you mean 'translate'" trasnlate
fails "an unknown flag" 2 "\-\-beem.*did you mean '--beam'" translate --model model --beem 3
fails "a flag of other toolkits" 2 "\-\-beam-size.*did you mean '--beam'" translate --model model --beam-size 3
fails "and another" 2 "\-\-max_len.*did you mean '--max-length'" translate --model model --max_len 3
fails "a GPU" 2 "\-\-gpu.*not on a GPU.*\-\-threads" translate --model model --gpu 0
fails "a key for a flag of train" 2 "\-\-lr.*did you mean '--set training.learning_rate'" train config.yaml --lr 0.1
fails "a key of the same name" 2 "\-\-epochs.*did you mean '--set training.epochs'" train config.yaml --epochs 3
fails "an unknown flag of train" 2 "\-\-outputt" train config.yaml --outputt x
fails "a missing flag" 2 "\-\-model" translate
fails "a flag without its value" 2 "\-\-beam" translate --model model --beam
fails "a flag that is no number" 2 "\-\-beam.*many" translate --model model --beam many
fails "a beam of 0" 2 "\-\-beam" translate --model model --beam 0
fails "a beam given twice" 2 "\-\-beam: is given 2 times; it has one value" translate --model model --beam 3 --beam 4
for number in nan inf -nan; do
  fails "a length penalty of $number" 2 "\-\-length-penalty: '$number' is not right; expected: number, 0 to 10 " translate --model model --length-penalty=$number
done
fails "more translations than the beam" 2 "\-\-nbest" translate --model model --beam 2 --nbest 3
fails "an unknown format" 2 "\-\-format: unknown 'yaml'; expected: text \| jsonl " translate --model model --format yaml
fails "a precision that is not there" 2 "\-\-precision" translate --model model --precision float8
fails "an unknown list" 2 "atentions.*did you mean 'attentions'" list atentions
fails "an unknown metric" 2 "bleau.*did you mean 'bleu'" evaluate --hypotheses plain --references plain --metrics bleau
fails "aer without alignments" 2 "\-\-alignments" evaluate --metrics aer
fails "bench of an unknown attention" 2 "lunog" bench train --attention lunog-general --updates 1 --threads 1
fails "bench of an odd width" 2 "even" bench train --hidden 33 --updates 1 --threads 1
fails "--set without a value" 2 "training.epochs" train config.yaml --set training.epochs

# ---- configs ----
# bad_config WHAT PATTERN SED_COMMAND: the config, edited.
bad_config() {
  sed "$3" config.yaml >bad.yaml
  fails_to_train "$1" 2 "$2" bad.yaml
}
fails_to_train "a config that is not there" 1 "nowhere.yaml.*No such file" nowhere.yaml
fails_to_train "a directory for a config" 1 "model.*directory" model
bad_config "an unknown key" "bad.yaml:7: .*model.embeding.*did you mean 'model.embedding'" 's/embedding/embeding/'
bad_config "a wrong type" "bad.yaml:7: model.embedding: 'wide'.*whole number" 's/embedding: 16/embedding: wide/'
bad_config "a value out of range" "bad.yaml:11: model.dropout.source: '1.5'.*0 to 0.95" 's/dropout: 0.1/dropout: 1.5/'
bad_config "a negative number" "bad.yaml:12: training.epochs: '-1'" 's/epochs: 6/epochs: -1/'
bad_config "a number that overflows" "bad.yaml:12: training.epochs: '99999999999999999999'" 's/epochs: 6/epochs: 99999999999999999999/'
bad_config "a list for a value" "bad.yaml:13: 'output'.*list" 's/^output: .*/output: [a, b]/'
bad_config "a value for a section" "bad.yaml:12: 'training'.*section" 's/^training: .*/training: 3/'
bad_config "a YAML syntax error" "bad.yaml:1[0-9]: YAML error" 's/^training: .*/training: {epochs: 3/'
bad_config "a duplicate key" "bad.yaml:14: .*'output'.*twice" 's/^\(output: .*\)/\1\n\1/'
bad_config "invalid UTF-8 in the config" "bad.yaml:13: invalid UTF-8" 's/^output: .*/output: a\xff/'
bad_config "an unknown attention" "bad.yaml:10: model.attention.kind: .*'luong-genral'.*did you mean 'luong-general'" 's/luong-general/luong-genral/'
bad_config "an unknown optimizer" "bad.yaml:12: training.optimizer.kind: .*'adman'.*did you mean 'adam'" 's/epochs: 6/optimizer: adman/'
bad_config "a key of other toolkits" "bad.yaml:12: unknown key 'training.lr'; did you mean 'training.learning_rate'" 's/epochs: 6/lr: 1/'
bad_config "and a mechanism" "bad.yaml:10: model.attention.kind: .*'mlp'.*did you mean 'bahdanau'" 's/luong-general/mlp/'
bad_config "an unknown tokenizer" "bad.yaml:4: data.source.tokenizer: .*'word'.*did you mean 'words'" 's/source: {tokenizer: spaces/source: {tokenizer: word/'
bad_config "an odd width of a bidirectional encoder" "model.encoder.hidden is 33" 's/encoder:   {layers: 1, hidden: 32/encoder:   {layers: 1, hidden: 33/'
bad_config "no training data" "data.train" 's/train: .*//'
bad_config "only one side of the training data" "train.source.*partner" 's/train: .*/train: {source: train.source}/'
fails_to_train "an unknown key in --set" 2 "\-\-set training.epoch=3: .*did you mean 'training.epochs'" config.yaml --set training.epoch=3
sed 's/epochs: 6/epochs: six/' config.yaml >bad.yaml
fails_to_train "a wrong value in the file" 2 "bad.yaml:12: training.epochs: 'six'" bad.yaml
runs "which --set replaces" train bad.yaml --set training.epochs=1 --output replaced
fails_to_train "a wrong value in --set" 2 "\-\-set training.threads=0: training.threads: '0'" config.yaml --set training.threads=0
: >bad.yaml
fails_to_train "an empty config" 2 "data.train" bad.yaml

# ---- training data ----
# bad_data WHAT PATTERN SOURCE TARGET
bad_data() {
  config_of "$3" "$4" >bad.yaml
  fails_to_train "$1" 1 "$2" bad.yaml
}
: >empty
head -n 390 train.target >short
awk '{ print "" }' train.source >blank
with_line train.source 7 $'a \xff b' >invalid
with_line train.source 9 "a b" | tr b '\0' >binary
gzip -c train.source | head -c 100 >cut.gz
bad_data "a data file that is not there" "nowhere.source.*No such file" nowhere.source train.target
# What is wrong with the files is found before the work: no vocabulary is made first.
sed 's/target: dev.target/target: nowhere.target/' config.yaml >bad.yaml
fails_to_train "a validation file that is not there" 1 "nowhere.target.*No such file" bad.yaml
equal "is found first" 0 "$(grep -c vocabularies err)"
printf 'a b\n' >one.target
sed 's/target: dev.target/target: one.target/' config.yaml >bad.yaml
fails_to_train "a validation file without partners" 1 "dev.source has 12 lines but one.target has 1" bad.yaml
equal "is found first" 0 "$(grep -c vocabularies err)"
bad_data "the second of two files that is not there" "nowhere.target.*No such file" invalid nowhere.target
bad_data "a directory for a data file" "model.*directory" model train.target
bad_data "unequal line counts" "train.source has 400 lines but short has 390: line 391 of train.source" train.source short
bad_data "an empty training file" "empty is empty" empty empty
bad_data "an empty side" "empty is empty" train.source empty
bad_data "nothing but empty lines" "no training pair is left: 400 with an empty side" blank blank
bad_data "invalid UTF-8" "invalid:7: invalid UTF-8 at byte 3" invalid train.target
bad_data "NUL bytes" "binary:[0-9]+: a NUL byte" binary train.target
bad_data "a .gz file that is cut off" "cut.gz.*cut off" cut.gz train.target
sed 's/train: .*/train: {tsv: train.source}/' config.yaml >bad.yaml
fails_to_train "a TSV without tabs" 1 "train.source:1: no tab" bad.yaml
with_line train.source 5 "" | awk 'NR == 9 { print "   "; next } { print }' >holes
config_of holes train.target >holes.yaml
runs "empty lines in the middle are left out" train holes.yaml --set training.epochs=1 --output odd
matches "and counted" "398 training pairs \(2 with an empty side" "$(<err)"
yes a | head -n 100000 | paste -sd ' ' >long
sed '4r long' train.source >long.source
sed '4r long' train.target >long.target
config_of long.source long.target >long.yaml
runs "a line of 100,000 words is left out" train long.yaml --set training.epochs=1 --output odd --replace
matches "and counted" "400 training pairs .* 1 longer than max_length" "$(<err)"
for file in train.source train.target dev.source dev.target; do sed 's/$/\r/' $file >crlf.$file; done
sed 's#: \(train\|dev\)\.#: crlf.\1.#g; s#crlf.*source: train#&#' config.yaml >crlf.yaml
runs "train with CRLF" train crlf.yaml --set training.epochs=3 --output crlf
same "gives the model of LF" model/parameters.safetensors crlf/parameters.safetensors
same "and its vocabulary" model/target.vocabulary crlf/target.vocabulary
runs "translate CRLF" translate --model model --input crlf.dev.source
same "gives the text of LF" plain out

# ---- input of the other commands ----
with_line dev.source 7 $'a \xff b' >invalid.dev
fails "translate --strict: invalid UTF-8" 1 "invalid.dev:7: invalid UTF-8 at byte 3" translate --strict --model model --input invalid.dev
echo precious >kept
fails "translate --strict: invalid UTF-8, to a file" 1 "invalid.dev:7:" translate --strict --model model --input invalid.dev --output kept
equal "the file is as it was" precious "$(<kept)"
fails "translate: a file that is not there" 1 "nowhere" translate --model model --input nowhere
runs "translate a line of 100,000 words" translate --model model --input long
equal "gives a line" 1 "$(wc -l <out)"
matches "and one of warning" "^heed: warning: long:1: .*100000 tokens" "$(<err)"
runs "translate nothing" translate --model model --input empty
equal "gives nothing" "" "$(<out)"
fails "score: unequal line counts" 1 "dev.source has 12 lines but short has 390: line 13 of short" score --model model --source dev.source --target short
fails "probe: a line that is too long" 1 "long:1" probe --model model --source long --target long
fails "probe: unequal line counts" 1 "dev.source has 12 lines but short has 390: line 13 of short" probe --model model --source dev.source --target short
fails "probe: no target" 2 "\-\-target is required" probe --model model --source dev.source
fails "probe: pairs of two models" 2 "format jsonl has the pairs of one" probe --model model --model model --source dev.source --target dev.source --format jsonl
fails "probe: a page of three models" 2 "a page shows 2 models, not 3" probe --model model --model model --model model --source dev.source --target dev.source --output p.html
fails "probe: no permutation" 2 "permutations: '0' is not right" probe --model model --source dev.source --target dev.source --permutations 0
probe="probe --model model --source dev.source --target dev.source"
fails "probe: an ending that is no format" 2 "no format is known by the ending of 'p.pdf'; expected: .txt, .html, .json, .jsonl, or --format" $probe --output p.pdf
absent "writes nothing" p.pdf
for ending in txt json jsonl html json.gz; do
  runs "probe: an ending that is one, $ending" $probe --sentences 2 --output "p.$ending"
done
runs "probe: any name beside --format" $probe --sentences 2 --output p.pdf --format text
same "has the format" p.txt p.pdf
same "is the format under a compressed name" p.json <(gzip -dc p.json.gz)
matches "that of a page" "^<!doctype html>" "$(head -n 1 p.html)"
equal "those of lines" 2 "$(wc -l <p.jsonl)"
head -n 3 dev.source >broken
printf 'a\xff\n' >>broken
runs "probe: what is behind the first sentences is not read" probe --model model --source broken --target dev.source --sentences 3
fails "probe: the first sentences are" 1 "broken:4: invalid UTF-8" probe --model model --source broken --target dev.source --sentences 4
fails "probe: two models of standard input" 2 "standard input can be read once" probe --model model --model model --source - --target dev.source
printf '\n\n' >blank
fails "probe: nothing to probe" 1 "blank: every sentence is empty" probe --model model --source blank --target blank
fails "score: a line that is too long" 1 "long:1" score --model model --source long --target long
fails "align: invalid UTF-8" 1 "invalid.dev:7: invalid UTF-8" align --model model --source invalid.dev --target dev.target
fails "evaluate: unequal line counts" 1 "line 13 of short" evaluate --hypotheses dev.source --references short
fails "evaluate: an empty file" 1 "empty is empty" evaluate --hypotheses empty --references empty
fails "evaluate: no alignments" 1 "dev.source:1: .*no link" evaluate --alignments dev.source --sure dev.source --metrics aer
fails "view: no JSON" 1 "dev.source:1: expected a line of" view --input dev.source
fails "view: an empty file" 1 "empty is empty" view --input empty --format html
run translate --model model --input dev.source --format jsonl
cp out bare.jsonl
fails "view: no attention" 1 "bare.jsonl:1: no attention to show" view --input bare.jsonl --format svg
run translate --model model --input dev.source --format jsonl --attention
cp out seen.jsonl
# bad_line WHAT PATTERN SED_COMMAND: the third line of the file, edited; for every format.
bad_line() {
  sed "3$3" seen.jsonl >bad.jsonl
  for picture in terminal html svg png; do
    fails "view --format $picture: $1" 1 "bad.jsonl:3: .*$2" view --input bad.jsonl --format $picture
  done
}
bad_line "a line that is cut off" "expected a line of" 's/.\{20\}$//'
bad_line "no translations" "translations is empty" 's/"translations":.*/"translations":[]}/'
bad_line "a missing key" "expected a line of" 's/"source_tokens"/"tokens_of_source"/'
bad_line "a row too few" "attention has [0-9]+ rows for" 's/"attention":\[\[[^]]*\],/"attention":[/'
bad_line "a column too few" "columns for [0-9]+ source tokens" 's/"attention":\[\[[^],]*,/"attention":[[/'
bad_line "a weight below 0" "weights lie between 0 and 1" 's/"attention":\[\[[^],]*,/"attention":[[-0.5,/'
bad_line "a weight above 1" "weights lie between 0 and 1" 's/"attention":\[\[[^],]*,/"attention":[[1.5,/'
bad_line "a weight that is no number" "attention: row 0 has null; weights lie between 0 and 1" 's/"attention":\[\[[^],]*,/"attention":[[null,/'
bad_line "a range that is none" "source_ranges: that of token 1 is neither" 's/"source_ranges":\[\[[^],]*,/"source_ranges":[[-0.5,/'
bad_line "a range that is an object" "source_ranges: that of token 1 is neither" 's/"source_ranges":\[\[[^]]*\]/"source_ranges":[{}/'
bad_line "a range past the text" "source_ranges: that of token 1, .*, .0, 99999., is no part" 's/"source_ranges":\[\[[^],]*,[0-9]*/"source_ranges":[[0,99999/'
bad_line "a range twice" "source_ranges: that of token 2, .* begins before byte" 's/\("source_ranges":\[\(\[[^]]*\]\),\)\[[^]]*\]/\1\2/'
bad_line "a range of EOS" "source_ranges: that of token [0-9]+, .</s>., .* should be null" 's/\("source_ranges":[^n]*\)null/\1[0,1]/'
bad_line "a range too few" "source_ranges: length [0-9]+, but the number of tokens is" 's/"source_ranges":\[\[[^]]*\],/"source_ranges":[/'
bad_line "a copied token that is not there" "copied has 99" 's/"score"/"copied":[99],"score"/'
bad_line "a measure too small" "measures: erasure has 1 rows for" 's/"score"/"measures":{"erasure":[[1]]},"score"/'
bad_line "a measure that is none" "measures: erasure: row 0 has 2; weights lie between 0 and 1" 's/"score"/"measures":{"erasure":[[2]]},"score"/'
bad_line "a layer too small" "attention has 1 rows for" 's/"score"/"attention_layers":[[[[1]]]],"score"/'
bad_line "a trace that bites its tail" "parent 0, which does not stand before it" 's/}$/,"trace":[{"parent":0,"token":"a","log_probability":0,"score":0,"state":"kept"}]}/'
bad_line "a state that is none" "'lost' is no state" 's/}$/,"trace":[{"parent":-1,"token":"a","log_probability":0,"score":0,"state":"lost"}]}/'
fails "view: an ending that is no format" 2 "no format is known by the ending of 'seen.jpg'; expected: .txt, .html, .svg, .png, .pdf, or --format" view --input seen.jsonl --output seen.jpg
absent "writes nothing" seen.jpg
fails "view: a sentence that is not there" 2 "\-\-sentences: there is no sentence 13: there are 12" view --input seen.jsonl --sentences 13
fails "view: no number" 2 "\-\-sentences: 'x' is not a sentence number" view --input seen.jsonl --sentences 1,x
fails "view: sentence 0" 2 "\-\-sentences: '0'" view --input seen.jsonl --sentences 0-2
fails "view: a range that runs backwards" 2 "'5-2' runs backwards" view --input seen.jsonl --sentences 5-2
fails "view: a translation that is not there" 1 "no translation 2: there are 1" view --input seen.jsonl --translation 2 --format svg
fails "view: a layer that is not there" 1 "no layer 2" view --input seen.jsonl --layer 2
fails "view: a head that is not there" 1 "no head 3" view --input seen.jsonl --layer 1 --head 3 --format png
fails "view: a head of no layer" 2 "a head is of a layer" view --input seen.jsonl --head 1
fails "view: numbers in the terminal" 2 "\-\-numbers: has no effect on --format terminal; it is for svg, png" view --input seen.jsonl --numbers
fails "view: a width of a picture" 2 "\-\-width: has no effect on --format svg; it is for terminal" view --input seen.jsonl --width 40 --format svg
fails "view: references of a picture" 2 "\-\-references: has no effect on --format svg; it is for html, terminal" view --input seen.jsonl --references seen --format svg
fails "view: references of another length" 1 "short has 390 lines of references for 12 sentences" view --input seen.jsonl --references short
fails "view: words and pieces" 2 "\-\-words and --pieces" view --input seen.jsonl --words --pieces
fails "view: a dark page" 2 "\-\-dark: has no effect" view --input seen.jsonl --dark --format html
fails "view: --compare of a picture" 2 "\-\-compare: needs --format html" view --input seen.jsonl --compare seen.jsonl --format svg
for key in "--translation 1" "--layer 1" "--head 1" --words --pieces; do fails "view: a page with $key" 2 "${key% 1}: is chosen on the page" view --input seen.jsonl --format html $key; done
head -n 5 seen.jsonl >five.jsonl
fails "view: files of different length" 1 "'seen' has 12 sentences but 'five' has 5" view --input seen.jsonl --compare five.jsonl --format html
sed '2s/"source":"/&x/' seen.jsonl >other.jsonl
fails "view: files of different sentences" 1 "sentence 2 of 'seen' and of 'other'" view --input seen.jsonl --compare other.jsonl --format html
yes "0-0" | head -n 12 >gold
fails "view: --possible alone" 2 "\-\-possible: needs --sure" view --input seen.jsonl --possible gold
fails "view: gold of another length" 1 "short has 390 lines of links for 12 sentences" view --input seen.jsonl --sure short --format html
with_line gold 4 "0-0 7" >bad.gold
fails "view: no link" 1 "bad.gold:4: '7' is no link" view --input seen.jsonl --sure bad.gold --format html
with_line gold 4 "90-0" >bad.gold
fails "view: a link outside of the sentence" 1 "bad.gold:4: the link 90-0 is outside" view --input seen.jsonl --sure bad.gold --format html
fails "view: in what is drawn" 1 "bad.gold:4: the link 90-0 is outside" view --input seen.jsonl --sure bad.gold --format svg --sentences 2,4
runs "view: not in what is not" view --input seen.jsonl --sure bad.gold --format html --sentences 5,1-3
runs "view: nor behind a picture's sentence" view --input seen.jsonl --sure bad.gold --format svg
fails "view: a page into no directory" 1 "nowhere" view --input seen.jsonl --format html --output nowhere/page.html
echo '<fontconfig/>' >no-fonts.conf
FONTCONFIG_FILE=$PWD/no-fonts.conf fails "view: no fonts" 1 "no font is installed" view --input seen.jsonl --format png
fails "translate --trace as text" 2 "\-\-trace: needs --format jsonl" translate --model model --input dev.source --trace
if command -v script >/dev/null; then
  script -qec "$(printf '%q' "$heed") view --input seen.jsonl --format png" /dev/null </dev/null >err 2>&1
  matches "a PNG for a terminal" "heed: view: --format png: a terminal shows no PNG" "$(<err)"
  script -qec "$(printf '%q' "$heed") view --input seen.jsonl --format html" /dev/null </dev/null >err 2>&1
  matches "a page for a terminal" "heed: view: --format html: a terminal shows no page; say --output FILE.html" "$(<err)"
fi
run train config.yaml --set model.attention.kind=none --set training.epochs=1 --output mute
fails "attention of a model that has none" 1 "mute.*no attention" translate --model mute --input dev.source --show-attention
fails "nor can it be probed" 1 "mute.*no attention" probe --model mute --source dev.source --target dev.target
run train config.yaml --set training.epochs=1 --set data.target.vocabulary=8 --output odd --replace
fails "an ensemble of different vocabularies" 1 "same target vocabulary" translate --model model --model odd --input dev.source
fails "an average of different models" 1 "vocabular|different models" average model mute --output failed
absent "what is left" failed .heed-tmp*

# ---- shortlists ----
runs "shortlist" shortlist --model model --source train.source --target train.target --output list
fails "a shortlist that is not there" 1 "nowhere" translate --model model --input dev.source --shortlist nowhere
fails "no shortlist" 1 "dev.source:1: 'heed-shortlist 2 CHECKSUM' is expected" translate --model model --input dev.source --shortlist dev.source
with_line list 3 $'a\tb\tzebra' >bad.list
fails "a shortlist of other tokens" 1 "bad.list:3: 'zebra' is not in the model's target vocabulary" translate --model model --input dev.source --shortlist bad.list
runs "train to copy" train config.yaml --set training.epochs=1 --set model.output=pointer-generator --output copying
fails "a shortlist for a model that copies" 2 "a shortlist needs the output softmax; this model's is 'pointer-generator'" translate --model copying --input dev.source --shortlist bad.list
runs "a shortlist for two models" translate --model model --model model --input dev.source --shortlist list
run train config.yaml --set training.epochs=1 --set data.source.vocabulary=8 --output narrow
fails "a shortlist for models of two source vocabularies" 2 "shortlist is of one source vocabulary" translate --model model --model narrow --input dev.source --shortlist list
fails "weights of other models" 2 "\-\-model-weights: there are 3 for 2 of --model" translate --model model --model narrow --input dev.source --model-weights 1,2,3
fails "a weight of 0" 2 "\-\-model-weights" translate --model model --model narrow --input dev.source --model-weights 1,0
fails "log-linear with one that copies" 2 "log-linear: only some of the models can copy" translate --model model --model copying --input dev.source --combine log-linear
fails "copying by an output without attention" 2 "model.output 'pointer-generator' points by attention" train config.yaml --set model.output=pointer-generator --set model.attention.kind=none
fails "an output of a mechanism that is not there" 2 "set model.attention.kind to 'hard-exact'" train config.yaml --set model.output=hard-exact
fails "a shortlist of attention that is not there" 1 "mute.*no attention.*--by counts" shortlist --model mute --source train.source --target train.target --output failed --by attention
fails "a shortlist of unequal line counts" 1 "line 391 of train.source" shortlist --model model --source train.source --target short --output failed
absent "what is left" failed .heed-tmp*

# ---- damaged bundles ----
# damaged: a fresh copy of the model, to be spoilt, without the checksums, which would be the first to notice.
damaged() {
  rm -rf damaged
  cp -r model damaged
  rm damaged/checksums
  parameters=damaged/parameters.safetensors
}
# fails_to_load WHAT PATTERN
fails_to_load() { fails "$1" 1 "$2" translate --model damaged --input dev.source; }
# header TEXT: parameters with this header, of right length, and nothing behind it.
header() {
  damaged
  local length=${#1}
  printf "$(printf '\\x%02x\\x%02x\\x%02x\\x00\\x00\\x00\\x00\\x00' $((length & 255)) $((length >> 8 & 255)) $((length >> 16)))" >$parameters
  printf %s "$1" >>$parameters
}
fails "a bundle that is not there" 1 "'nowhere' does not exist" translate --model nowhere
fails "a file for a bundle" 1 "dev.source.*directory" translate --model dev.source
for file in config.yaml parameters.safetensors source.vocabulary target.vocabulary; do
  damaged
  rm damaged/$file
  fails_to_load "a bundle without $file" "damaged/$file.*missing"
  : >damaged/$file
  fails_to_load "a bundle with an empty $file" "damaged/$file"
done
damaged
sed -i 's/hidden: 32/hidden: 65536/' damaged/config.yaml
fails_to_load "a config of another size" "parameters.safetensors: array '.*' has the shape"
damaged
sed -i 's/format_version: 2/format_version: 99/' damaged/config.yaml
fails_to_load "a newer format" "config.yaml.*format_version 99"
damaged
sed -i '$d' damaged/target.vocabulary
fails_to_load "a vocabulary that lost a line" "array 'target.embedding' has the shape"
damaged
sed -i '$s/.*/\xff/' damaged/target.vocabulary
fails_to_load "a vocabulary of invalid UTF-8" "target.vocabulary"
size=$(stat -c %s model/parameters.safetensors)
for length in 0 5 8 100 $((size / 2)) $((size - 1)); do
  damaged
  truncate -s $length $parameters
  fails_to_load "parameters of $length bytes" "parameters.safetensors: (truncated|damaged)"
done
damaged
echo more >>$parameters
fails_to_load "parameters with more behind them" "parameters.safetensors: damaged"
damaged
printf '\x00\x00\xc0\x7f' | dd of=$parameters bs=1 seek=$((size - 400)) conv=notrunc status=none
fails_to_load "a weight that is no number" "parameters.safetensors: array .* holds nan"
flips=0
for ((at = 0; at < 128; at += 5)); do
  damaged
  byte=$(od -An -tu1 -j $at -N 1 $parameters)
  printf "\\x$(printf %02x $((byte ^ 255)))" | dd of=$parameters bs=1 seek=$at conv=notrunc status=none
  run translate --model damaged --input dev.source
  [[ $status == 1 && $(grep -c '^heed: translate: .*parameters.safetensors' err) == 1 && ! -s out ]] || flips="$flips $at:$status"
done
equal "every flipped byte of the header is noticed" 0 "$flips"
damaged
printf '\x00\x00\x00\x00\x00\x00\x00\x80{}' >$parameters
fails_to_load "a header of 2^63 bytes" "parameters.safetensors: .*9223372036854775808"
damaged
printf '\xff\xff\xff\xff\xff\xff\xff\xff{}' >$parameters
fails_to_load "a header of 2^64 - 1 bytes" "parameters.safetensors: .*18446744073709551615"
header '{"source.embedding":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}'
fails_to_load "a shape that overflows" "parameters.safetensors: .*'source.embedding' overflows"
header '{"source.embedding":{"dtype":"F32","shape":[1000000000,1000],"data_offsets":[0,4000000000000]}}'
fails_to_load "a shape of terabytes" "parameters.safetensors: .*'source.embedding'"
header '{"source.embedding":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}'
fails_to_load "a negative shape" "parameters.safetensors: .*'source.embedding'"
header '{"source.embedding":{"dtype":"F32","shape":[0],"data_offsets":[18446744073709551615,18446744073709551615]}}'
fails_to_load "an offset of 2^64 - 1" "parameters.safetensors: .*'source.embedding'"
header '{"source.embedding":{"dtype":"F32","shape":[],"data_offsets":[0]}}'
fails_to_load "one offset only" "parameters.safetensors: damaged"
header '{"source.embedding":7}'
fails_to_load "an array that is a number" "parameters.safetensors: damaged"
header '[1,2]'
fails_to_load "a header that is a list" "parameters.safetensors: damaged"
header "$(head -c 100000 /dev/zero | tr '\0' '[')"
fails_to_load "a header of 100,000 brackets" "parameters.safetensors: damaged"
header '{}'
fails_to_load "parameters without arrays" "parameters.safetensors: array '.*' is missing"

# ---- outputs ----
fails "translate to a full device" 1 "/dev/full.*No space left" translate --model model --input dev.source --output /dev/full
for command in "translate --model model --input dev.source" "list attentions" "--help" "info model"; do
  "$heed" $command >/dev/full 2>err
  status=$?
  complains "$command to a full standard output" 1 "standard output"
done
fails "translate into a directory that is not there" 1 "nowhere" translate --model model --input dev.source --output nowhere/out
fails "translate to a directory" 1 "model.*directory" translate --model model --input dev.source --output model
fails "translate below a file" 1 "kept/out" translate --model model --input dev.source --output kept/out
fails "train below a file" 1 "kept/model.*Not a directory" train config.yaml --output kept/model
equal "before the first update" 0 "$(grep -c '^epoch' err)"
fails "train to a file" 2 "kept.*no directory" train config.yaml --output kept
mkdir data full
cp train.source config.yaml data
fails "average to a directory that is no model" 1 "data" average model model --output data
cp -r data before
fails "train into a directory that is no bundle" 2 "'data' is not empty" train config.yaml --output data
ok "nothing in it is deleted" diff -r before data
runs "train into an empty directory" train config.yaml --set training.epochs=1 --output full
echo notes >full/notes
fails "train where a run stands" 2 "output: 'full' holds a run \(epoch 1, update 25\): --resume goes on .* --replace" train config.yaml --output full
rm -rf before && cp -r full before
start config.yaml --set model.decoder.hidden=256 --set training.batch_sentences=1 --output full --replace
stop INT
complains "Ctrl-C before the first validation of --replace" 130 "before the first validation, and full is still the run that was to be replaced: full.new holds the state of update [0-9]+; go on with .--output full.new --resume.$"
ok "the old run is untouched" diff -r before full
fails "--replace once more" 2 "'full.new' exists.*--output full.new --resume" train config.yaml --output full --replace
runs "the new one goes on" train config.yaml --set model.decoder.hidden=256 --set training.batch_sentences=1 --output full.new --resume --set training.epochs=1
rm -r full.new
cp -r full 'a run'
mkdir 'a run.new'
fails "what is to be typed is quoted" 2 "--output 'a run.new' --resume" train config.yaml --output 'a run' --replace
rm -r 'a run' 'a run.new'
fails "--replace and --resume" 2 "replace" train config.yaml --output full --replace --resume
rm full/config.yaml
fails "train where a state stands without its bundle" 2 "'full' holds a run \(epoch 1," train config.yaml --output full
cp before/config.yaml full
runs "train in place of a run" train config.yaml --set training.epochs=2 --output full --replace
equal "keeps what people put beside it" notes "$(cat full/notes)"
fails "resume what is not there" 1 "nowhere has no training_state" train config.yaml --resume --output nowhere
absent "what is left" nowhere
fails "resume with another model" 2 "\-\-resume: .*'model.embedding: 16'.*'model.embedding: 8'" train config.yaml --resume --output full --set model.embedding=8
# One model may be asked for in several ways; the config of a run says it in one.
matches "the config says which output" "^  output: softmax$" "$(<full/config.yaml)"
rm -rf auto
cp -r full auto
rm auto/checksums
sed -i 's/^  output: softmax$/  output: auto/' auto/config.yaml
runs "resume what says auto" train config.yaml --set training.epochs=3 --set model.output=softmax --output auto --resume
runs "average it with what says softmax" average auto full --output mean
rm -rf auto mean before
cp -r model before
(
  trap '' XFSZ
  ulimit -f 16
  exec "$heed" train config.yaml --set training.seed=3 --replace
) >out 2>err </dev/null
status=$?
complains "a full disk while training" 1 "cannot save 'model', which stays as it was: .*File too large"
ok "the bundle before is intact" diff -r before model
absent "nothing is left beside it" .heed-tmp*
rm -f pipe.err
{ for ((i = 0; i < 300; ++i)); do cat dev.source; done; } >many
timeout 60 "$heed" translate --model model --input many --batch 1 2>err | head -n 1 >out
status=${PIPESTATUS[0]}
equal "the first line for a reader that goes away" "$(head -n 1 plain)" "$(<out)"
[[ $status == 0 ]] || equal "ends as other filters do" "141 " "$status $(<err)"

# ---- signals ----
slow="--set model.decoder.hidden=128 --set training.batch_sentences=1"
start config.yaml $slow --output early
stop INT
complains "Ctrl-C in the first epoch" 130 "^heed: train: stopped: early holds the state of update [0-9]+; go on with .*heed train config.yaml .*--output early --resume.$"
is_whole "after it" early
runs "it goes on" train config.yaml $slow --output early --resume --set training.epochs=1
runs "trained at once" train config.yaml $slow --output once --set training.epochs=1
same "ends with the same weights" once/parameters.safetensors early/parameters.safetensors
for signal in INT TERM; do
  rm -rf late
  start config.yaml --output late --set training.epochs=100000
  until_true 60 grep -q '^epoch 4 ' err
  stop $signal
  complains "$signal in the middle" $([[ $signal == INT ]] && echo 130 || echo 143) "^heed: train: stopped: late holds the state of update [0-9]+; go on with .* --resume.$"
  is_whole "after $signal" late
  absent "nothing is left beside it" .heed-tmp*
  epochs=$(($(state_of late epoch) + 1))
  runs "it goes on after $signal" train config.yaml --output late --resume --set training.epochs=$epochs
  equal "to the end" $epochs "$(state_of late epoch)"
done
runs "as much at once" train config.yaml --output once --replace --set training.epochs=$epochs
same "ends with the same weights" once/training_state/parameters.safetensors late/training_state/parameters.safetensors
same "and the same best" once/parameters.safetensors late/parameters.safetensors
rm -rf killed
"$heed" train config.yaml --output killed >out 2>err &
pid=$!
stop KILL
equal "kill -9 at the start" 137 "$status"
[[ ! -e killed/config.yaml ]] || is_whole "after it" killed # before the first save there is train.jsonl alone
for pause in 0.05 0.31 0.13 0.47; do
  run train config.yaml --output killed --set training.epochs=2 $([[ -e killed/config.yaml ]] && echo --replace)
  equal "train after kill -9" 0 "$status"
  start config.yaml --output killed --set training.epochs=100000 --resume
  sleep $pause
  stop KILL
  equal "kill -9 in the middle" 137 "$status"
  is_whole "after it" killed
  runs "and goes on" train config.yaml --output killed --resume --set training.epochs=$(($(state_of killed epoch) + 1))
done

finish
