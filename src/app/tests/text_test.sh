#!/usr/bin/env bash
# Text that means something to a tokenizer, to SentencePiece or to a file format, and still is text: text_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

nbsp=$'\u00a0'
wide=$'\u3000'
make_copy_task 200
# No-break and ideographic spaces inside words and alone between blanks, tabs, double blanks, marks of tokenizers.
odd() { sed -E "s/^(.) (.)/\1$nbsp\2/; 2~5s/ /  /; 3~5s/ (.)$/\t\1$wide/; 4~5s/ / $wide /; 5~5s/ (.)$/ ￭\1▁/"; }
for side in train.source train.target dev.source dev.target; do odd <$side >$side.odd && mv $side.odd $side; done
rates() { grep -o '"error_rate":[-0-9.e]*' "$1" | sort -u; }

# The bytes of each token in its text: whatever ranges.py finds wrong with JSON lines.
cat >ranges.py <<'END'
import json, sys

tokenizer = sys.argv[2]

def plain(token):
    if tokenizer == "words":
        return token.strip("\uffed").replace("&#65517;", "\uffed")
    if tokenizer == "characters":
        return {"\u2581": " ", "\u2581\u2581": "\u2581"}.get(token, token)
    if tokenizer == "sentencepiece":
        return token.replace("\u2581", " ").replace("\ufdd1", "\u2581")
    return token

def same(a, b):
    a, b = (each.lower().replace("\t", " ").strip(" ") or " " for each in (a, b))
    return a == b

def check(number, text, tokens, ranges):
    if len(ranges) != len(tokens):
        return print(number, "ranges:", len(ranges), "tokens:", len(tokens))
    at = 0
    for token, span in zip(tokens, ranges):
        if span is None:
            if token not in ("</s>", "\u2581", "\uffed"):
                print(number, "no range of", token)
            continue
        if not at <= span[0] < span[1]:
            print(number, "range", span, "behind", at)
        between, part = (text.encode()[a:b].decode() for a, b in ((at, span[0]), span))
        at = span[1]
        if between.strip() or not same(part, plain(token)):
            print(number, repr(between), repr(part), "of", repr(token))
    if text.encode()[at:].decode().strip():
        print(number, "nothing has the end of", text)

for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
    line = json.loads(line)
    check(number, line["source"], line["source_tokens"], line["source_ranges"])
    for each in line.get("translations", []):
        check(number, each["text"], each["tokens"], each["ranges"])
    if "target" in line:
        check(number, line["target"], line["target_tokens"], line["ranges"])
END
ranges() { python3 ranges.py "$@" 2>&1 | head -n 5; }

# Words are the same in align, evaluate and view: what the attention of a model says is what it says.
for tokenizer in words characters spaces sentencepiece; do
  size=0
  [[ $tokenizer != sentencepiece ]] || size=40
  runs "$tokenizer: train" train config.yaml --output "$tokenizer" --set training.epochs=1 --set data.source.tokenizer=$tokenizer \
    --set data.target.tokenizer=$tokenizer --set data.source.vocabulary=$size --set data.target.vocabulary=$size
  runs "$tokenizer: align" align --model "$tokenizer" --source dev.source --target dev.target --output links
  equal "$tokenizer: align has a link for each line at least" 0 "$(grep -c '^$' links)"
  runs "$tokenizer: evaluate" evaluate --alignments links --sure links --metrics aer
  matches "$tokenizer: no error" "aer +0.00|0\.00" "$(<out)"
  runs "$tokenizer: score" score --model "$tokenizer" --source dev.source --target dev.target --format jsonl --attention --output scored.jsonl
  runs "$tokenizer: view" view --input scored.jsonl --sure links --format html --output page.html
  matches "$tokenizer: view sees the same words" '^"error_rate":(0|0\.0)$' "$(rates page.html)"
  equal "$tokenizer: scored tokens are where their ranges say" "" "$(ranges scored.jsonl $tokenizer)"
  runs "$tokenizer: translate" translate --model "$tokenizer" --input dev.source --beam 3 --nbest 3 --format jsonl --output translated.jsonl
  equal "$tokenizer: so are translated ones" "" "$(ranges translated.jsonl $tokenizer)"
  sed -E 's/,"(source_)?ranges":\[(\[[0-9]+,[0-9]+\]|null|,)*\]//g' scored.jsonl >older.jsonl
  equal "$tokenizer: older lines have no ranges" 0 "$(grep -c ranges older.jsonl)"
  runs "$tokenizer: view reads them" view --input older.jsonl --sure links --format html --output older.html
  matches "$tokenizer: and sees the same words" '^"error_rate":(0|0\.0)$' "$(rates older.html)"
done

# Lower case moves bytes, and a word that the model does not know stands in the text as its mark.
sed 's/a/İ/; s/b/Zebra/' dev.source >dev.cased
runs "a small vocabulary in lower case" train config.yaml --output cased --set training.epochs=1 --set data.source.lowercase=true \
  --set data.target.vocabulary=5 --set data.source.tokenizer=words --set data.target.tokenizer=words
runs "translate what it does not know" translate --model cased --input dev.cased --format jsonl
matches "which has unknown words" '"tokens":[^]]*"<unk>"' "$(<out)"
equal "with their ranges" "" "$(ranges out words)"

# Case, as sacreBLEU has it.
printf 'ΟΙ ΑΝΘΡΩΠΟΙ ΤΗΣ ΠΟΛΗΣ\nİ Ⅳ Ꭰ ΣΑΣ\n' >upper
printf 'οι ανθρωποι της πολης\ni\u0307 ⅳ ꭰ σας\n' >lower
runs "evaluate --lowercase" evaluate --hypotheses upper --references lower --metrics bleu,chrf,ter,accuracy --lowercase --format json
matches "letters of every script, a final sigma and a dotted I" '"bleu":(100|99\.99)[0-9.]*,"chrf":100[0-9.]*,"ter":0(\.0)?,"accuracy":100' "$(tr -d ' \n' <out)"

# Specials of the vocabulary, typed; a word without end; reserved characters.
yes '<s> x<unk></s> ▅ ▁ <unk>' | head -n 40 >typed.source
head -c 96000 /dev/zero | tr '\0' 'a' >long.source
for name in typed long; do
  cp $name.source $name.target
  sed "s/spaces, vocabulary: 0/sentencepiece, vocabulary: 40/; s/train\.\(source\|target\)/$name.\1/g" config.yaml >$name.yaml
done
runs "SentencePiece is trained on typed specials" train typed.yaml --output typed --set training.epochs=1
fails "and on a word of 96,000 letters, which then is too long a sentence" 1 "no training pair is left: .* 1 longer than max_length" \
  train long.yaml --output long
runs "score of typed specials" score --model typed --source typed.source --target typed.target --format jsonl
equal "no token of them is unknown" 0 "$(grep -c '"<unk>"' out)"
finish
