#!/usr/bin/env bash
# Vocabularies that are made, joint or given, and what is made of text before them: vocabulary_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

make_copy_task 200
sed 's/$/ left/' train.source >left.source
sed 's/$/ right/' train.source >right.target
sed 's/train: .*/train: {source: left.source, target: right.target}/' config.yaml >words.yaml
sed 's/spaces, vocabulary: 0/sentencepiece, vocabulary: 24/' words.yaml >pieces.yaml

# ---- one vocabulary for both sides, and all that is done with a bundle ----
for kind in words pieces; do
  suffix=vocabulary
  [[ $kind == words ]] || suffix=sentencepiece
  runs "train $kind apart" train $kind.yaml --output apart-$kind --set training.epochs=1
  ok "they differ" bash -c "! cmp -s apart-$kind/source.$suffix apart-$kind/target.$suffix"
  fails "one table for both needs one vocabulary" 2 "model.tied 'all' needs one vocabulary .* set data.joint_vocabulary" \
    train $kind.yaml --output never --set model.tied=all
  runs "train $kind with one vocabulary" train $kind.yaml --output joint-$kind --set data.joint_vocabulary=true --set model.tied=all --set training.epochs=2
  matches "which is said" "^vocabulary: [0-9]+ tokens for both sides$" "$(<err)"
  same "the bundle has it for each side" joint-$kind/source.$suffix joint-$kind/target.$suffix
  runs "info" info joint-$kind
  matches "info tells it" "^target .* the vocabulary of both sides$" "$(<out)"
  runs "translate" translate --model joint-$kind --input dev.source --beam 3 --output joint.out
  runs "score" score --model joint-$kind --source dev.source --target dev.target
  runs "align" align --model joint-$kind --source dev.source --target dev.target
  runs "quantize" quantize joint-$kind --output small-$kind
  runs "translate in int8" translate --model small-$kind --input dev.source
  runs "average" average joint-$kind joint-$kind --output mean-$kind
  runs "train the half of it" train $kind.yaml --output half-$kind --set data.joint_vocabulary=true --set model.tied=all --set training.epochs=1
  runs "and go on" train $kind.yaml --output half-$kind --set data.joint_vocabulary=true --set model.tied=all --set training.epochs=2 --resume
  same "to the same bytes" joint-$kind/parameters.safetensors half-$kind/parameters.safetensors
  runs "start from it" train $kind.yaml --output more-$kind --set training.start_from=joint-$kind --set training.epochs=1
  matches "which keeps the vocabulary" "joint_vocabulary: true" "$(<more-$kind/config.yaml)"
done
for word in left right; do ok "words of both sides are in it: $word" grep -qx "$word" joint-words/source.vocabulary; done
cat apart-words/{source,target}.vocabulary | sort -u >both
sort joint-words/source.vocabulary >joint
same "and no others" both joint
fails "one vocabulary of two tokenizers" 2 "data.joint_vocabulary .* data.source.tokenizer is spaces and data.target.tokenizer is words: make them the same" \
  train words.yaml --output never --set data.joint_vocabulary=true --set data.target.tokenizer=words

# ---- how SentencePiece learns ----
learn() { runs "train $1" train pieces.yaml --output "$1" --set training.epochs=1 --set data.joint_vocabulary=true "${@:2}"; }
both() { printf -- '--set data.source.%s --set data.target.%s' "$1" "$1"; }
# shellcheck disable=SC2046
learn bpe $(both algorithm=bpe)
# shellcheck disable=SC2046
learn bpe-again $(both algorithm=bpe)
same "BPE is the same each time" bpe/source.sentencepiece bpe-again/source.sentencepiece
runs "translate with it" translate --model bpe --input dev.source
fails "an algorithm that there is not" 2 "data.source.algorithm: unknown 'bpee'; did you mean 'bpe'" train pieces.yaml --output never --set data.source.algorithm=bpee
fails "a coverage that nobody wants" 2 "data.source.coverage: '0.5' .*0.98" train pieces.yaml --output never --set data.source.coverage=0.5

# ---- given: a SentencePiece model, a vocabulary, a bundle ----
given() { sed "s|source: {tokenizer: [a-z]*, vocabulary: [0-9]*}|source: {${1}}|; s|target: {tokenizer: [a-z]*, vocabulary: [0-9]*}|target: {${2}}|" pieces.yaml >given.yaml; }
given "tokenizer: sentencepiece, model: joint-pieces/target.sentencepiece" "tokenizer: sentencepiece, model: joint-pieces/target.sentencepiece"
runs "train with a given model" train given.yaml --output given-model --set model.tied=all --set training.epochs=2
same "which the bundle has" joint-pieces/source.sentencepiece given-model/source.sentencepiece
same "and trains as when it was made" joint-pieces/parameters.safetensors given-model/parameters.safetensors
matches "what is unknown is said" "^unknown tokens: of training 0 % of the source and 0 % of the target" "$(<err)"
given "tokenizer: sentencepiece, model: joint-pieces/target.sentencepiece" "tokenizer: sentencepiece"
runs "one model for both" train given.yaml --output given-one --set data.joint_vocabulary=true --set training.epochs=2 --set model.tied=all
same "is that of both" joint-pieces/parameters.safetensors given-one/parameters.safetensors
given "model: apart-pieces" "model: apart-pieces"
runs "a bundle gives each side its own" train given.yaml --output given-bundle --set training.epochs=1
same "of the source" apart-pieces/source.sentencepiece given-bundle/source.sentencepiece
same "and of the target" apart-pieces/target.sentencepiece given-bundle/target.sentencepiece
same "and trains as when they were made" apart-pieces/parameters.safetensors given-bundle/parameters.safetensors
mv given-bundle alone
runs "it needs nothing outside" translate --model alone --input dev.source
given "model: joint-words" ""
runs "a bundle for both sides" train given.yaml --output given-both --set data.joint_vocabulary=true --set training.epochs=2 --set model.tied=all
same "as when it was made" joint-words/parameters.safetensors given-both/parameters.safetensors
given "model: joint-words, lowercase: true" ""
fails "read otherwise than the bundle" 2 "data.source.lowercase is false in joint-words, whose vocabulary is taken: leave it out" train given.yaml --output never
printf '%s\n' a b c left >list
given "tokenizer: spaces, model: list" "tokenizer: spaces"
runs "train with a list" train given.yaml --output given-list --set training.epochs=1
equal "with our specials before it" "<unk> <s> </s> a b c left" "$(xargs <given-list/source.vocabulary)"
matches "much is unknown, and said" "^unknown tokens: of training [1-9][0-9.]+ % of the source" "$(<err)"
bad() { # WHAT CONTENT PATTERN [TOKENIZER]
  printf "$2" >bad.list
  given "tokenizer: ${4-spaces}, model: bad.list" "tokenizer: spaces"
  fails "$1" 1 "bad.list:?$3" train given.yaml --output never
  absent "$1: nothing is left" never
}
bad "an empty list" '' '1: a vocabulary without tokens'
bad "a token twice" 'a\nb\na\n' "3: 'a' is in line 1 already"
bad "a list with counts" 'a 12\nb 11\n' '1: a blank in a token'
bad "a list with scores" 'a\t-1\n' '1: a blank in a token'
bad "a list that is no text" 'a\n\xff\n' '2: invalid UTF-8'
bad "a list for SentencePiece" 'a\nb\n' ' not a SentencePiece model' sentencepiece
head -c 150 joint-pieces/source.sentencepiece >cut.model
given "tokenizer: sentencepiece, model: cut.model" "tokenizer: spaces"
fails "a model that is cut off" 1 "cut.model: not a SentencePiece model, or a damaged one" train given.yaml --output never
given "tokenizer: sentencepiece, model: missing.model" "tokenizer: spaces"
fails "a model that is not there" 1 "missing.model" train given.yaml --output never
mkdir folder
given "tokenizer: sentencepiece, model: folder" "tokenizer: spaces"
fails "a folder that is no bundle" 1 "'folder/source.sentencepiece' is missing: a bundle holds" train given.yaml --output never
given "tokenizer: spaces, model: list, vocabulary: 500" "tokenizer: spaces"
fails "a size of what is given" 2 "data.source.vocabulary has no effect beside data.source.model, which is given" train given.yaml --output never
given "tokenizer: spaces, model: list" "tokenizer: spaces, model: other"
fails "two models for one" 2 "data.target.model is another than data.source.model" train given.yaml --output never --set data.joint_vocabulary=true

# ---- normal forms ----
acute=$'\u0301'
for side in train dev; do
  sed "s/a/e$acute/g; s/b/ﬁ/g" $side.source >$side.apart
  sed "s/a/é/g; s/b/fi/g" $side.source >$side.together
done
sed 's/{tokenizer: spaces, vocabulary: 0}/{tokenizer: words, normalization: nfkc}/; s/train\.source/train.apart/; s/train\.target/train.together/' config.yaml >forms.yaml
runs "train on text of two forms" train forms.yaml --output forms
same "which is one" forms/source.vocabulary forms/target.vocabulary
runs "info" info forms
matches "tells the form" "^source +words, [0-9]+ tokens, nfkc$" "$(<out)"
runs "translate text in one form" translate --model forms --input dev.together --format jsonl --output together.jsonl
runs "and in the other" translate --model forms --input dev.apart --format jsonl --output apart.jsonl
texts() { grep -o '"translations".*' "$1"; }
equal "gives the same" "$(texts together.jsonl)" "$(texts apart.jsonl)"
cat >ranges.py <<'END'
import json, sys, unicodedata
for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
    line = json.loads(line)
    given = line["source"].encode()
    for token, span in zip(line["source_tokens"], line["source_ranges"]):
        if span is not None and unicodedata.normalize("NFKC", given[span[0]:span[1]].decode()) != token:
            print(number, token, span)
        if span is None and token != "</s>":
            print(number, token, "has no range")
END
for form in together apart; do equal "the bytes of each token in the text $form" "" "$(python3 ranges.py $form.jsonl | head -n 3)"; done
equal "the source is as it was given" "$(cat dev.apart)" "$(python3 -c 'import json; [print(json.loads(line)["source"]) for line in open("apart.jsonl")]')"
for command in score align; do
  runs "$command in one form" $command --model forms --source dev.together --target dev.together
  cp out one
  runs "$command in the other" $command --model forms --source dev.apart --target dev.apart
  same "is the same" one out
done
fails "a form that there is not" 2 "data.source.normalization: unknown 'nfd'; did you mean 'nfc'" train forms.yaml --output never --set data.source.normalization=nfd

# ---- what is no vocabulary ----
fails "one without an end" 1 "/dev/zero: more than 256 MiB" train config.yaml --output never --set data.source.vocabulary=10000 --set data.source.model=/dev/zero
yes a | head -n 10000001 >endless
fails "one of too many lines" 1 "endless:10000001: more than 10000000 lines" train config.yaml --output never --set data.source.vocabulary=10000 --set data.source.model=endless
rm endless

# ---- symbols ----
sed 's/$/;V;PST/' train.source >tagged.source
sed 's/^/<2fr>/; s/$/ V;PST/' dev.source >tagged.dev
for kind in characters words spaces sentencepiece; do
  sed "s/source: {tokenizer: spaces, vocabulary: 0}/source: {tokenizer: $kind, vocabulary: 30, symbols: [\"<2fr>\", \"V;PST\"]}/; s/train\.source/tagged.source/" config.yaml >tagged.yaml
  runs "train $kind with symbols" train tagged.yaml --output tagged --replace --set training.epochs=1
  runs "info of $kind" info tagged
  matches "tells them" "^source +$kind, [0-9]+ tokens, 2 of them symbols$" "$(<out)"
  runs "translate with them" translate --model tagged --input tagged.dev --format jsonl
  equal "each is one token of every line" "12 12" "$(grep -c '"<2fr>"' out) $(grep -c '"V;PST"' out)"
  equal "which is there in the text" "" "$(python3 - <<'END'
import json
for line in open("out", encoding="utf-8"):
    line = json.loads(line)
    for token, span in zip(line["source_tokens"], line["source_ranges"]):
        if token in ("<2fr>", "V;PST") and line["source"].encode()[slice(*span)].decode() != token:
            print(token, span)
END
)"
done
fails "a symbol with a blank" 2 "data.source.symbols: the symbol 'a b' has a blank" train tagged.yaml --output never --set "data.source.symbols=[a b]"
fails "a symbol that is a special" 2 "data.source.symbols: the symbol '</s>' is a special" train tagged.yaml --output never --set "data.source.symbols=[</s>]"
fails "no room beside symbols" 2 "a vocabulary of 5 has no room for tokens beside the symbols" train tagged.yaml --output never --set data.source.vocabulary=5

# ---- sub-word sampling ----
for side in train.source train.target dev.source dev.target; do tr -d ' ' <$side >joined.$side; done
sed 's/{source: train.source, target: train.target}/{source: joined.train.source, target: joined.train.target}/; s/{source: dev.source, target: dev.target}/{source: joined.dev.source, target: joined.dev.target}/
  s/spaces, vocabulary: 0/sentencepiece, vocabulary: 40/' config.yaml >joined.yaml
sampled() { runs "train $1" train joined.yaml --output "$1" --set training.epochs="$2" --set data.source.sampling=0.2 --set data.target.sampling=0.1 --set data.target.algorithm=bpe "${@:3}"; }
runs "train without sampling" train joined.yaml --output unsampled --set training.epochs=2 --set data.target.algorithm=bpe
sampled sampled 2
ok "it has other weights" bash -c "! cmp -s sampled/parameters.safetensors unsampled/parameters.safetensors"
for side in source target; do same "and the same pieces" sampled/$side.sentencepiece unsampled/$side.sentencepiece; done
sampled sampled-again 2
same "the same again" sampled/parameters.safetensors sampled-again/parameters.safetensors
sampled sampled-half 1
sampled sampled-half 2 --resume
same "and after a stop" sampled/parameters.safetensors sampled-half/parameters.safetensors
runs "translation does not sample" translate --model sampled --input joined.dev.source --format jsonl
cp out once
runs "at all" translate --model sampled --input joined.dev.source --format jsonl
same "it is the same each time" once out
fails "sampling and copying" 2 "data.source.sampling does not go together with copying" train joined.yaml --output never --set data.source.sampling=0.1 --set model.copy=pointer-generator
fails "no probability" 2 "data.target.sampling: 2 is no probability" train joined.yaml --output never --set data.target.sampling=2 --set data.target.algorithm=bpe
fails "sampling of words" 2 "data.source.sampling has no effect with the tokenizer words: it is of sentencepiece" train joined.yaml --output never --set data.source.tokenizer=words --set data.source.sampling=0.1
finish
