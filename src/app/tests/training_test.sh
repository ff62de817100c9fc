#!/usr/bin/env bash
# What a training tells, keeps and goes on from, as a user sees it: training_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

event() { grep -c "\"event\":\"$1\"" "$2/train.jsonl"; }

# ---- targets of one word, in another case, with blanks behind them: the good model is kept, and is told to be good ----
letters 4711 400 >train.source
letters 815 40 >dev.source
for part in train dev; do cut -c 1 "$part.source" | tr a-d A-D | sed 's/$/ /' >"$part.target"; done
cat >words.yaml <<'END'
data:
  train:      {source: train.source, target: train.target}
  validation: {source: dev.source, target: dev.target}
  source: {tokenizer: spaces}
  target: {tokenizer: spaces, lowercase: true}
model: {embedding: 16, encoder: {hidden: 32}, decoder: {hidden: 32}}
training: {learning_rate: 0.01, batch_sentences: 16, epochs: 4, schedule: plateau}
output: words
END
runs "train on targets of one word" train words.yaml
matches "the end says what the model is the best by" "^done: words holds the model of epoch [2-9], the best by accuracy: .* accuracy (9[0-9]|100)" "$(grep ' holds the model ' err)"
matches "the config keeps what auto was" "best_by: accuracy" "$(<words/config.yaml)"
matches "of the model too" "kind: luong-general .* tied: none" "$(tr '\n' ' ' <words/config.yaml)"
matches "which is said" "^model.attention.kind: luong-general, chosen as there are 400 training pairs, less than 5000$" "$(<err)"
matches "the plateau looks at that too" "in a row whose accuracy and perplexity are not better by 0.1 %" "$(<err)"
matches "a validation tells how sharp attention is" "^epoch 1 .* attention [0-9.]+ of [0-9.]+ bits" "$(<err)"
runs "translate" translate --model words --input dev.source --output words.out
runs "evaluate" evaluate --hypotheses words.out --references dev.target --metrics accuracy --lowercase
matches "evaluate --lowercase agrees" "accuracy +(9[0-9]|100)" "$(<out)"
fails "--lowercase for alignments" 2 "\-\-lowercase: has no effect on aer" evaluate --metrics aer --alignments a --sure a --lowercase
runs "report" report words --output words.html
ok "the report has the entropy of validation" grep -q '"attention_entropy":[0-9]' words.html
run train words.yaml --set training.best_by=bleu --output blind --set training.epochs=1
matches "BLEU is said to be blind" "^warning: training.best_by: bleu counts four tokens.* take training.best_by: accuracy" "$(<err)"
run train words.yaml --set data.source.max_length=5 --output shorter --set training.epochs=1
matches "many pairs that are left out are a warning" "^warning: [0-9]+ of 400 training pairs are longer than data.source.max_length \(5\)" "$(<err)"
mkdir begun
echo '{}' >begun/train.jsonl
fails "a training that has no model yet" 1 "'begun' has no model yet: its training has not reached" translate --model begun --input dev.source

# ---- how validation judges ----
runs "train for one epoch" train words.yaml --output greedy --set training.epochs=1
matches "validation is said to be greedy" "^validation: greedy, BLEU with none; the best by accuracy is kept$" "$(<err)"
run train words.yaml --set training.validation_beam=3 --set training.validation_tokenize=13a --output beam --set training.epochs=1
matches "or its beam" "^validation: beam 3, BLEU with 13a; the best by accuracy is kept$" "$(<err)"
run train words.yaml --set "training.metrics=[chrf, per]" --set training.best_by=cer --set training.schedule.metric=ter --output judged
matches "the metrics asked for, and those looked at" "validation perplexity [0-9.]+  chrF [0-9.]+  PER [0-9.]+  CER [0-9.]+  TER " "$(<err)"
matches "train.jsonl has them" '"perplexity":[0-9.]+,"chrf":[0-9.]+,"per":[0-9.]+,"cer":[0-9.]+,"ter":[0-9.]+,"learning_rate"' "$(<judged/train.jsonl)"
matches "the best is by one of them" "the best by CER: perplexity" "$(grep ' holds the model ' err)"
runs "info" info judged
matches "tells them too" "chrF [0-9.]+, PER" "$(<out)"
run train words.yaml --set training.metrics=perplexity --set training.best_by=perplexity --output untranslated --set training.epochs=1
matches "perplexity alone translates nothing" "^validation: perplexity alone; nothing is translated$" "$(<err)"
seq 3000 | sed 's/\(.*\)\(.\)/w\1 v\1\2 \2/' >many.text
fails "what the tokenizer does not read that was chosen" 2 "data.source.min_count has no effect with the tokenizer sentencepiece" train words.yaml \
  --output never --set "data.train={source: many.text, target: many.text}" --set "data.source={tokenizer: auto, min_count: 2}"
fails "data check says so too" 2 "data.source.min_count has no effect with the tokenizer sentencepiece" data check words.yaml \
  --set "data.train={source: many.text, target: many.text}" --set "data.source={tokenizer: auto, min_count: 2}"
fails "what the tokenizer would not read" 2 "data.source.algorithm has no effect with the tokenizer auto: .*, so set data.source.tokenizer" \
  train words.yaml --output never --set "data.source={tokenizer: auto, algorithm: bpe}"
fails "a metric that there is not" 2 "training.metrics: unknown 'chrg'; did you mean 'chrf'" train words.yaml --set "training.metrics=[bleu, chrg]" --output never

# ---- several references ----
sed 's/.*/nothing/' dev.target >second.target
runs "train with two references" train words.yaml --set "data.validation.target=[dev.target, second.target]" --output two
equal "an added one that nothing meets changes no accuracy" "$(grep -o '"accuracy":[0-9.]*' words/train.jsonl)" "$(grep -o '"accuracy":[0-9.]*' two/train.jsonl)"
tr a-d A-D <dev.target | sed 's/ $//' | tee third.target >/dev/null
runs "train with the right one second" train words.yaml --set "data.validation.target=[second.target, third.target]" --output two --replace --set training.best_by=accuracy
matches "it counts" "accuracy (9[0-9]|100)" "$(grep ' holds the model ' err)"
matches "the config keeps both" "target: \[second.target, third.target\]" "$(<two/config.yaml)"
runs "its report" report two --output two.html
head -n 5 dev.target >short.target
fails "a reference with other lines" 1 "short.target has 5" train words.yaml --set "data.validation.target=[dev.target, short.target]" --output never
sed -i 's/^./B/' third.target
fails "references that changed" 1 "validation data changed" train words.yaml --set "data.validation.target=[second.target, third.target]" \
  --set training.best_by=accuracy --set training.epochs=5 --output two --resume

# ---- a test set, judged once ----
runs "train with a test set" train words.yaml --output tested --set "data.test={source: dev.source, target: dev.target}" --set training.validation_sentences=7
matches "the log tells" "^test: perplexity [0-9.]+, BLEU [0-9.]+, accuracy (9|100)[0-9.]*$" "$(<err)"
"$heed" translate --model tested --input dev.source --beam 1 --output tested.out 2>/dev/null
equal "test.json has what evaluate says of the kept model" \
  "$("$heed" evaluate --hypotheses tested.out --references dev.target --lowercase --metrics accuracy --format json | grep -o '"accuracy":[0-9.]*' | head -n 1)" \
  "$(grep -o '"accuracy": [0-9.]*' tested/test.json | head -n 1 | tr -d ' ')"
matches "on all sentences" '"sentences": 40,' "$(<tested/test.json)"
matches "with signatures" '"bleu": "BLEU.nrefs:1.case:mixed.eff:no.tok:none' "$(<tested/test.json)"
line=$(grep '"event":"tested"' tested/train.jsonl)
equal "train.jsonl has a line for it" "$(grep -o '"accuracy": [0-9.]*' tested/test.json | head -n 1 | tr -d ' ')" "$(grep -o '"accuracy":[0-9.]*' <<<"$line")"
matches "before the end" '"event":"finished"' "$(tail -n 1 tested/train.jsonl)"
runs "info" info tested
matches "has its figures" "^test +40 sentences, beam 1: perplexity [0-9.]+, BLEU [0-9.]+, accuracy (9|100)" "$(<out)"
runs "info as JSON" info tested --format json
matches "too" '"test":.."sentences":40,"beam":1,"perplexity":[0-9.]+,"bleu":' "$(sed 's/"test":{/&./' out)"
runs "report" report tested --output tested.html
ok "and the report" grep -q '40 sentences, beam 1: perplexity' tested.html
cp -r tested tested.broken
sed -i 's/"beam": 1/"beam": "x"/' tested.broken/test.json
fails "a damaged test.json" 1 "tested.broken/test.json: damaged: .beam. is of type string" info tested.broken
resume() { run train words.yaml --output tested --resume --set training.validation_sentences=7 "$@"; }
cp tested/test.json first.json
touch -d "2001-01-01" tested/test.json
resume --set "data.test={source: dev.source, target: dev.target}"
equal "a finished run is not judged again" 2001 "$(date -r tested/test.json +%Y)"
rm tested/test.json
resume --set "data.test={source: dev.source, target: dev.target}"
ok "a run that was killed before it was judged, is: to the same figures" cmp first.json tested/test.json
resume --set "data.test={source: dev.source, target: [dev.target, short.target]}"
complains "a test set with other lines" 1 "short.target"
resume --set "data.test={source: missing, target: dev.target}" --set training.epochs=5
complains "a missing test set is said at once" 1 "missing"
resume --set "data.test={source: dev.source, target: dev.target}" --set training.epochs=5 --set training.best_by=accuracy
equal "going on judges the new best, or leaves the old one's" "$status $(grep -c '"update"' tested/test.json)" "0 1"
runs "a replacement without a test set" train words.yaml --output tested --replace --set training.epochs=1
ok "has no figures of the run before" [ ! -e tested/test.json ]

# ---- a finished run is left alone; a larger limit goes on ----
cp -r words before
for again in 1 2; do
  runs "resume what is finished" train words.yaml --resume
  matches "it is said" "^nothing to do: training.epochs: all 4 are done, and words holds the model" "$(<err)"
  equal "in one line" 1 "$(wc -l <err)"
  ok "and nothing changes" diff -r before words
done
for damage in 'rm broken/parameters.safetensors' 'printf x | dd of=broken/parameters.safetensors bs=1 seek=2000 conv=notrunc status=none'; do
  rm -rf broken
  cp -r words broken
  eval "$damage"
  fails "nothing to do, and the best model is lost" 1 "nothing to train \(training.epochs.*the model is lost: .*broken" train words.yaml --output broken --resume
  runs "with more to do it goes on" train words.yaml --output broken --resume --set training.epochs=5
  matches "and says that the best is chosen anew" "^warning: the best model so far is lost: .*broken" "$(<err)"
  matches "so that the last is it" "^done: broken holds the model of epoch 5" "$(grep ' holds the model ' err)"
  runs "it is whole" info --verify broken
done
run train words.yaml --output undivided --set training.epochs=1 --set model.attention.kind=luong-general --set model.attention.scale=none
runs "a key that is left out stays what it was" train words.yaml --output undivided --set training.epochs=2 --resume
matches "in the bundle too" "kind: luong-general .*scale: none" "$(tr '\n' ' ' <undivided/config.yaml)"
run train words.yaml --output fed --set training.epochs=1 --set model.attention.kind=bahdanau --set model.decoder.input_feeding=true
runs "h~ that was fed is fed" train words.yaml --output fed --set training.epochs=2 --set model.attention.kind=bahdanau --resume
matches "in the bundle too" "input_feeding: true" "$(<fed/config.yaml)"
run train words.yaml --output unfed --set training.epochs=1 --set model.attention.kind=bahdanau
matches "where nothing is said it is not, since the context enters the cell" "input_feeding: false" "$(<unfed/config.yaml)"
runs "info" info unfed
matches "says which entry that is" "^ +entry cell-input$" "$(<out)"
runs "info of one that feeds" info undivided
matches "says so" "^ +entry input-feeding, scale none$" "$(<out)"
runs "train with a limit of time that is used up at once" train words.yaml --output parts --set training.max_minutes=0.0000001 --set training.tensorboard=true
matches "it is said that this goes by the clock" "not reproducible to the bit: training.max_minutes" "$(<err)"
matches "the epoch that was cut" "^epoch 1 \(at the end\)" "$(<err)"
events=$(find parts -name 'events*' | sort)
runs "resume it" train words.yaml --output parts --set training.max_minutes=0.0000001 --set training.tensorboard=true --resume
matches "nothing to do" "^nothing to do: training.max_minutes" "$(<err)"
equal "no event file is added" "$events" "$(find parts -name 'events*' | sort)"
runs "resume it without the limit" train words.yaml --output parts --resume
same "ends as if it had never been cut" words/training_state/parameters.safetensors parts/training_state/parameters.safetensors
same "with the same best model" words/parameters.safetensors parts/parameters.safetensors
equal "train.jsonl: starts, validations, ends" "2 5 2" "$(event started parts) $(event validated parts) $(event finished parts)"

# ---- trainings that fail ----
run train words.yaml --output apart --set training.optimizer=sgd --set training.learning_rate=100 --set training.clip_norm=0
matches "a training that came apart is not just done" "^warning: apart holds the model .*, but the training came apart" "$(grep ' holds the model ' err)"
fails "a min_count that leaves nothing" 2 "min_count of 1000000 leaves no token" train words.yaml --output few --set data.source.min_count=1000000
absent "nothing is made" few
{ cat dev.source; for ((i = 0; i < 20000; ++i)); do printf 'a '; done; echo; } >long.source
{ cat dev.target; echo A; } >long.target
# A sanitizer maps terabytes.
room=6000000
(ulimit -v $room && exec "$heed" list metrics) >out 2>err || room=unlimited
(
  ulimit -v "$room"
  exec "$heed" train words.yaml --output long --set training.epochs=1 --set data.validation.source=long.source --set data.validation.target=long.target
) >out 2>err </dev/null
equal "a validation line of 20,000 tokens" 0 $?
matches "is told" "^warning: 1 of 41 validation pairs are longer than max_length" "$(<err)"

# ---- a model that is adapted ----
cat >domain.yaml <<'END'
data:
  train:      {source: train.source, target: train.target}
  validation: {source: dev.source, target: dev.target}
training: {start_from: words, learning_rate: 0.001, batch_sentences: 16, epochs: 1}
output: domain
END
runs "train from a bundle" train domain.yaml
matches "says what was taken" "starts from words: ([0-9]+) of \1 arrays; ([0-9]+) of \2 source and ([0-9]+) of \3 target tokens" "$(<err)"
matches "the model is that of the bundle where the config is silent" "embedding: 16" "$(<domain/config.yaml)"
matches "and how text becomes tokens" "lowercase: true" "$(<domain/config.yaml)"
matches "it goes on from what was learnt" "accuracy (9[0-9]|100)" "$(grep '^epoch 1 .*perplexity' err)"
runs "train with new vocabularies" train domain.yaml --output anew --set training.start_from.vocabulary=new --set data.source.min_count=2
matches "whose text is cut as the bundle's" "tokenizer: spaces.*tokenizer: spaces.*lowercase: true" "$(tr '\n' ' ' <anew/config.yaml)"
runs "or as the config says" train domain.yaml --output anew --replace --set training.start_vocabulary=new --set data.target.tokenizer=characters
matches "of one side" "tokenizer: spaces.*tokenizer: characters" "$(tr '\n' ' ' <anew/config.yaml)"
runs "train with one vocabulary" train words.yaml --output joint --set training.epochs=1 --set data.joint_vocabulary=true \
  --set data.source.lowercase=true --set data.source.vocabulary=9 --set data.target.vocabulary=9 --set model.tied=all
runs "a new one is made as it was" train domain.yaml --output anew --replace --set "training.start_from={bundle: joint, vocabulary: new}"
matches "joint and of that size" "vocabulary: 9 .*vocabulary: 9 .*joint_vocabulary: true.* tied: all" "$(tr '\n' ' ' <anew/config.yaml)"
runs "or with another tokenizer" train domain.yaml --output anew --replace --set "training.start_from={bundle: joint, vocabulary: new}" \
  --set data.source.tokenizer=characters --set model.tied=none
matches "and nothing joint" "joint_vocabulary: false" "$(<anew/config.yaml)"
runs "let a copy of the model copy" train domain.yaml --output copying --set model.copy=pointer-generator --set "training.start_from=joint"
matches "though the bundle does not" "^  output: pointer-generator$" "$(<copying/config.yaml)"
runs "and not" train domain.yaml --output plain --set model.copy=none --set training.start_from=copying
matches "though it does" "^  output: softmax$" "$(<plain/config.yaml)"
runs "by its output" train domain.yaml --output plain --replace --set model.output=softmax --set training.start_from=copying
fails "start from nothing" 2 "start_from.optimizer has no effect without training.start_from.bundle" train domain.yaml --output never \
  --set training.start_from= --set training.start_from.optimizer=true
runs "let the optimizer go on" train domain.yaml --output moved --set training.start_from.optimizer=true
matches "says what it has" "^the optimizer goes on with the moments of ([0-9]+) of \1 arrays, after [0-9]+ updates$" "$(<err)"
runs "the same with other words" train domain.yaml --output moved --replace --set "training.start_from={bundle: words, optimizer: true}"
fails "another optimizer" 1 "start_from.optimizer: 'words' was trained with the optimizer adam, which has no momentum.velocity" \
  train domain.yaml --output never --set training.start_from.optimizer=true --set training.optimizer=momentum
runs "a bundle alone" average domain moved --output mean
fails "has no optimizer" 1 "start_from.optimizer: 'mean' has no training_state" train domain.yaml --output never \
  --set "training.start_from={bundle: mean, optimizer: true}"
equal "which is said before data are read" "" "$(grep 'training pairs' err)"

# ---- what vocabularies lack ----
runs "train from the bundle again" train domain.yaml --replace
matches "the shares of unknown tokens are said" "^unknown tokens: of training 0 % of the source and 0 % of the target, of validation 0 % and 0 %$" "$(<err)"
equal "and no warning" "" "$(grep -E "are unknown \(<unk>\)" err)"
tr a-d w-z <train.source >foreign.source
runs "train on text of another language with the vocabulary of a bundle" train domain.yaml --output foreign --set data.train.source=foreign.source
matches "is warned of" "^warning: [0-9.]+ % of the source tokens of the training text are unknown \(<unk>\): the vocabulary is that of words" "$(<err)"
equal "of what is unknown alone" "" "$(grep -E "target tokens of the .* text are unknown" err)"
runs "translate it" translate --model words --input foreign.source --output foreign.out
matches "is warned of once" "^heed: warning: [0-9]+ of [0-9]+ source tokens are unknown to the model" "$(<err)"
equal "in one line" 1 "$(grep -c unknown err)"
runs "score it" score --model words --source foreign.source --target train.target
matches "is warned of" "source tokens are unknown to the model" "$(<err)"
runs "translate its own text" translate --model words --input train.source
equal "without a warning" "" "$(grep -E unknown err)"

# ---- what a training is told to do ----
fails "a warm-up that leaves nothing to fall in" 2 "warmup_updates is 200, but training.epochs \(1\) ends after 25 updates.*'cosine' never falls" \
  train words.yaml --output never --set training.epochs=1 --set "training.schedule={kind: cosine, warmup_updates: 200}"
absent "leaves no run" never/train.jsonl
runs "train with validations within epochs" train words.yaml --output within --set training.epochs=1 --set "training.validate_every=10 updates"
matches "which name their update" "^epoch 1, update 10  loss " "$(<err)"
matches "as the end does" "^done: within holds the model of epoch 1, update [0-9]+, the best by accuracy" "$(<err)"
runs "train until nothing gets better" train words.yaml --output stopped --set training.early_stop=1 --set training.epochs=50 --set training.optimizer=sgd --set training.learning_rate=1e-12
matches "the end says why" "^training.early_stop: 1 validations brought nothing better: " "$(<err)"
fails "words for a list" 2 "training.metrics: 'bleu,chrf' is one word; write a list: .bleu,chrf." train words.yaml --set training.metrics=bleu,chrf --output never
fails "the mean of one" 2 "the mean of one model is that model" average words --output mean

runs "resume what started from a bundle" train domain.yaml --resume --set training.epochs=2
fails "another tokenizer under a vocabulary that is kept" 2 "data.target.lowercase is true in words, whose vocabulary is kept" \
  train domain.yaml --output other --set data.target.lowercase=false
fails "a bundle that is not there" 1 "nowhere/config.yaml" train domain.yaml --output other --set training.start_from=nowhere
runs "quantize" quantize words --output words.int8
fails "a quantized bundle" 1 "words.int8.*int8 weights, which cannot become float32 again" train domain.yaml --output other --set training.start_from=words.int8

finish
