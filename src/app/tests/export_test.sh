#!/usr/bin/env bash
# What `heed export` writes, and what it leaves alone: export_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

files="decoder_step.onnx encoder.onnx heed.json source.vocabulary target.vocabulary"
listed() { ls "$1" 2>/dev/null | xargs; }

make_copy_task 40
runs "train" train config.yaml --set training.epochs=1
runs "export" export --model model --format onnx --output exported
equal "tells nothing" "" "$(cat out err)"
equal "its files" "$files" "$(listed exported)"
same "with the model's vocabulary" model/target.vocabulary exported/target.vocabulary
matches "heed.json names the states" '"next": "decoder.0.hidden.next"' "$(<exported/heed.json)"
matches "the graphs say who wrote them" "heed" "$(head -c 30 exported/encoder.onnx | tr -d '\0')"
cp -r exported first
echo mine >exported/notes
echo broken >exported/heed.json
runs "export again" export --model model --format onnx --output exported
equal "replaces the files as a whole, and leaves those of others" "${files/json/json notes}" "$(listed exported)"
for name in $files; do same "the same bytes: $name" "first/$name" "exported/$name"; done
runs "export without --model before it" export model --format onnx --output exported

# ---- what is refused ----
runs "quantize" quantize model --output small
runs "quantize to bfloat16" quantize model --output half --precision bfloat16
runs "export of bfloat16" export --model half --format onnx --output half.onnx
fails "export of int8" 1 "small/parameters.safetensors has int8 weights, which cannot become float32" export --model small --format onnx --output never
fails "another format" 2 "\-\-format: .*onnx" export --model model --format tensorflow --output never
fails "no format" 2 "\-\-format is required" export --model model --output never
fails "no output" 2 "\-\-output is required" export --model model --format onnx
fails "no model" 1 "nowhere.* does not exist" export --model nowhere --format onnx --output never
absent "nothing was written" never
fails "over its model" 2 "\-\-output: 'model' is read" export --model model --format onnx --output model
fails "over another model" 1 "'half' exists and is not an export to ONNX; it is not replaced" export --model model --format onnx --output half
fails "over a training" 2 "\-\-output: 'model' holds a training" export --model half --format onnx --output model
mkdir -p thesis && echo words >thesis/heed.json
fails "over a folder of others" 1 "'thesis' exists and is not an export to ONNX" export --model model --format onnx --output thesis
equal "which stays" "heed.json" "$(listed thesis)"
mkdir empty
runs "into an empty folder" export --model model --format onnx --output empty
# The page itself: src/wasm/tests/page_test.py.
fails "a page with another program" 1 "config.yaml is no program of WebAssembly" export --model model --format page --program config.yaml --output never
printf '\0asm' >old.wasm
fails "a page with that of another version" 1 "old.wasm is not the program of this version of heed" export --model model --format page --program old.wasm --output never
fails "a program for ONNX" 2 "\-\-program: has no effect with --format onnx" export --model model --format onnx --program old.wasm --output never
absent "still nothing was written" never
equal "nothing is left beside them" "" "$(find . -name '.heed-tmp*')"
finish
