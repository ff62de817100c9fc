#!/usr/bin/env bash
# The commands of README.md, "Use it on your own data", in their order, on a small corpus: readme_test.sh PATH_OF_HEED FOLDER_OF_THE_PROJECT
project=$(realpath "$2")
source "$(dirname "$0")/check.sh"
readme=$project/README.md

for part in train:150 dev:12 test:12; do
  letters "${#part}7${part##*:}" "${part##*:}" >${part%:*}.en
  tr a-h A-H <${part%:*}.en >${part%:*}.fr
done
mkdir -p build/release # where README's PATH looks for it
ln -s "$heed" build/release/heed

# Blocks of the section: ```yaml is my.yaml, those without a language are commands; the ones that build are left out.
awk '/^## / { inside = /^## Use it on your own data/ }
     inside && /^```/ {
       if (open) {
         if (kind == "```yaml") printf "%s", block > "my.yaml"
         else if (kind == "```" && block !~ /cmake/) printf "%s", block
       }
       open = !open; kind = $0; block = ""; next
     }
     open { block = block $0 "\n" }' "$readme" >commands
ok "README has a config" [ -s my.yaml ]
ok "and commands" [ "$(grep -c '^heed ' commands)" -gt 12 ]
# As it stands, but small.
sed -i 's/vocabulary: [0-9]*/vocabulary: 24/g; s/hidden: [0-9]*/hidden: 16/; s/embedding: [0-9]*/embedding: 16/; s/epochs: [0-9]*/epochs: 2/' my.yaml
bash -euxo pipefail commands >out 2>err </dev/null
equal "README's commands run in their order" 0 $?
[[ -s report.html ]] || tail -n 5 err
for file in runs/en-fr/config.yaml runs/none/config.yaml runs/en-fr.int8/config.yaml test.out test.jsonl test.html figure.svg report.html two.html en-fr.shortlist \
  runs/en-fr.onnx/heed.json; do
  ok "they make $file" [ -s $file ]
done
equal "each line is answered" 12 "$(wc -l <test.out)"
# docs/json-lines.md has every key, and its example is one.
runs "align" align --model runs/en-fr --source test.en --target test.fr --format jsonl --output aligned.jsonl
runs "rescore" rescore --model runs/en-fr --nbest test.jsonl --input-format jsonl --format jsonl --output ranked.jsonl
# keys SECTION: those of its table
keys() {
  awk -F '|' -v title="## $1" '/^## / { inside = $0 == title } inside && /^[|] `/ { print $2 }' "$project/docs/json-lines.md" |
    grep -o '[a-z_]*' | sort -u | xargs
}
equal "docs/json-lines.md has the keys of align" "$(grep -o '"[a-z_]*":' aligned.jsonl | tr -d '":' | sort -u | xargs)" "$(keys 'Of `heed align`')"
equal "docs/json-lines.md has what rescore adds" "features score" "$(keys 'Into and of `heed rescore`')"
equal "which each of its lines has" "$(wc -l <test.jsonl)" "$(grep -c '"score":[^"]*"features":{' ranked.jsonl)"
runs "score" score --model runs/en-fr --source test.en --target test.fr --format jsonl --attention
mv out scored.jsonl
{ cat test.en; printf 'a\0b\n'; } >odd.en
runs "translate to one token, and a line that is no text" translate --model runs/en-fr --input odd.en --max-output 1 --beam 4 --format jsonl --output odd.jsonl
equal "some are cut, one is an error" "cut error" "$(grep -o '"\(cut\|error\)":' odd.jsonl | tr -d '":' | sort -u | xargs)"
for key in $(cat scored.jsonl test.jsonl odd.jsonl ranked.jsonl | grep -o '"[a-z_]*":' | tr -d '":' | sort -u); do
  ok "docs/json-lines.md has $key" grep -q "\`$key\`" "$project/docs/json-lines.md"
done
awk '/^```json/ { inside = 1; next } /^```/ { inside = 0 } inside' "$project/docs/json-lines.md" >example.jsonl
runs "view of its example" view --input example.jsonl --format html

# What README and docs name exists.
for file in README.md $(cd "$project" && ls docs/*.md) docs/tutorial/README.md; do
  for link in $(awk '/^```/ { code = !code } !code' "$project/$file" | grep -o '](\.\{0,2\}[^)#:]*[)#]' | tr -d '()#]' | sort -u); do
    ok "$file links to $link" [ -e "$project/$(dirname "$file")/$link" ]
  done
done
finish
