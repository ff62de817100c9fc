#!/usr/bin/env bash
# What a bundle says of itself, from the config to `heed info`: about_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"
make_copy_task 40
short="--set training.epochs=1 --set training.threads=1"

# about BUNDLE: its object in JSON.
about() { "$heed" info "$1" --format json | grep -o '"about":{.*}' | sed 's/}}$/}/'; }
said() { printf '"about":{"licence":"%s","source":"%s","citation":"%s","text":"%s"}' "$@"; }

runs "train without it" train config.yaml $short --output plain
equal "nothing is said" "$(said "" "" "" "")" "$(about plain)"
runs "info" info plain
equal "nor shown" "" "$(grep -E '^(about|licence|data|citation)' out)"

cat config.yaml >said.yaml
cat >>said.yaml <<'YAML'
about:
  licence: "CC BY 4.0: see #7"
  source: 2016
  citation: |
    Somebody et al. 2016,
      « é »
YAML
runs "train" train said.yaml $short --output model --set "about.text=Small."
equal "it is in the bundle" "$(said "CC BY 4.0: see #7" 2016 'Somebody et al. 2016,\n  « é »\n' Small.)" "$(about model)"
runs "info" info model
equal "and shown" "about       Small.
licence     CC BY 4.0: see #7
data        2016
citation    Somebody et al. 2016,
              « é »" "$(tail -n 5 out)"
same "it changes no weight" plain/parameters.safetensors model/parameters.safetensors
runs "go on with another" train said.yaml $short --output model --set training.epochs=2 --set about.text=Other. --resume

# ---- what is made of it ----
runs "quantize" quantize model --output small
equal "says the same" "$(about model)" "$(about small)"
runs "quantize --about" quantize model --precision bfloat16 --output small --about licence='a: "b" \c' --about text=$'two\nlines' --about citation=
equal "says that, and the rest" "$(said 'a: \"b\" \\c' 2016 "" 'two\nlines')" "$(about small)"
fails "what there is not" 2 "unknown key 'about.licens'; did you mean 'about.licence'" quantize model --output never --about licens=x
fails "nothing" 2 "\-\-about: expected KEY=TEXT" quantize model --output never --about licence
fails "bytes" 2 "\-\-about: invalid UTF-8" quantize model --output never --about licence=$'\xff'
fails "a sequence for terminals" 2 "about.licence: has a control character" quantize model --output never --about licence=$'\e[31m'
absent "nothing is made" never
runs "another" train said.yaml $short --output other --set training.seed=2 --set about.licence=MIT
runs "average" average model other --output mean
equal "says what is said of any, once" "$(said 'CC BY 4.0: see #7\nMIT' 2016 'Somebody et al. 2016,\n  « é »\n' "$(about model | grep -o 'Small.\|Other.')")" "$(about mean)"
runs "start from it" train config.yaml $short --output begun --set training.start_from=small --set training.start_from.vocabulary=keep --set about.text=Begun.
equal "says what its config leaves out" "$(said 'a: \"b\" \\c' 2016 "" Begun.)" "$(about begun)"
runs "which goes on" train config.yaml $short --output begun --set training.start_from=small --set about.text=Begun. --set training.epochs=2 --resume

# ---- what is no text ----
fails "a list" 2 "about.licence. has a list; it takes one value" train config.yaml $short --output never --set "about.licence=[a, b]"
fails "a mapping" 2 "about.licence. has a mapping" train config.yaml $short --output never --set "about.licence={a: b}"
fails "nothing" 2 "about.licence. has no value; expected: text" train config.yaml $short --output never --set "about.licence="
fails "a text for all" 2 "about. is a section; it takes a mapping with keys of: licence, source, citation, text" train config.yaml $short --output never --set about=x
fails "an escape" 2 "about.text: has a control character; expected text" train config.yaml $short --output never --set 'about.text="\e[31mred"'
fails "one of the second set" 2 "about.text: has a control character" train config.yaml $short --output never --set 'about.text="\x9b31m"'
fails "too much" 2 "about.text: has 10001 bytes; expected at most 10000" train config.yaml $short --output never --set "about.text=$(printf '%010001d' 0)"
absent "nothing is trained" never
runs "just enough" train config.yaml $short --output full --set "about.text=$(printf '%010000d' 0)"
finish
