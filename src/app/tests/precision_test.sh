#!/usr/bin/env bash
# bfloat16 and int8, as a user asks for them: precision_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

make_copy_task 800

# ---- training ----
runs "train in the fastest numbers" train config.yaml --set training.precision=auto --set training.epochs=8
matches "the log says which" ' \(training.threads\), (bfloat16|float32)$' "$(grep training.threads err)"
matches "and the run keeps which" 'precision: (bfloat16|float32)' "$(<model/config.yaml)"
runs "train in bfloat16" train config.yaml --set training.precision=bfloat16 --set training.epochs=4 --output straight
runs "train the first half" train config.yaml --set training.precision=bfloat16 --set training.epochs=2 --output halves
runs "and go on" train config.yaml --set training.precision=bfloat16 --set training.epochs=4 --output halves --resume
same "half and half ends where the whole ends, to the bit" straight/training_state/parameters.safetensors halves/training_state/parameters.safetensors
fails "train in int8" 2 "training.precision.*int8" train config.yaml --set training.precision=int8 --output never
HEED_MAX_CPU_ISA=AVX2 run train config.yaml --set training.precision=auto --set training.epochs=1 --output lesser
equal "auto on a processor without AVX-512" 0 "$status"
matches "is float32" 'precision: float32' "$(<lesser/config.yaml)"
runs "and goes on in it elsewhere" train config.yaml --set training.precision=auto --set training.epochs=2 --output lesser --resume
matches "still float32" 'precision: float32' "$(<lesser/config.yaml)"
HEED_MAX_CPU_ISA=AVX2 run train config.yaml --set training.precision=bfloat16 --set training.epochs=1 --output lesser --replace
matches "bfloat16 there is said to bring nothing" "bfloat16 \(no faster than float32" "$(<err)"

# ---- translation ----
{ letters 99 40; echo; letters 17 30; } >input
runs "translate in float32" translate --model model --input input --precision float32
cp out float32
runs "translate as the model is stored" translate --model model --input input
same "is float32" float32 out
for precision in bfloat16 int8; do
  runs "translate in $precision" translate --model model --input input --precision $precision --format jsonl --attention
  cp out $precision.jsonl
  for setting in "--batch 1 --threads 1" "--batch 7 --threads 2" "--batch 500 --threads 4"; do
    runs "translate in $precision $setting" translate --model model --input input --precision $precision --format jsonl --attention $setting
    same "$setting gives the same JSON lines, byte for byte" $precision.jsonl out
  done
  runs "translate in $precision as text" translate --model model --input input --precision $precision
  equal "nearly all lines are as in float32" yes "$(paste -d '|' float32 out | awk -F '|' '$1 == $2 { ++n } END { print (n > 0.9 * NR ? "yes" : n " of " NR) }')"
done
# Whole numbers have the same products in every arithmetic; vector code rounds sums otherwise, so that now and then a number is rounded to
# the next byte.
HEED_MAX_CPU_ISA=AVX2 run translate --model model --input input --precision int8 --format jsonl --attention
close "int8 on a processor without its instructions" int8.jsonl out 0.01
cp out lesser.jsonl
runs "score in int8" score --model model --source dev.source --target dev.target --precision int8
runs "align in bfloat16" align --model model --source dev.source --target dev.target --precision bfloat16

# ---- quantize ----
runs "quantize" quantize model --output small
equal "the quantized bundle" "checksums config.yaml parameters.safetensors source.vocabulary target.vocabulary" "$(ls small | xargs)"
runs "translate with it" translate --model small --input input --format jsonl --attention
same "is as the model in int8, byte for byte" int8.jsonl out
HEED_MAX_CPU_ISA=AVX2 run translate --model small --input input --format jsonl --attention
same "and so without the instructions, byte for byte" lesser.jsonl out
runs "info of it" info small --format json
matches "names its numbers" '"precision":"int8"' "$(<out)"
runs "an ensemble of both" translate --model small --model model --input input --beam 2
equal "has a line for each line" 71 "$(wc -l <out)"
fails "float32 of an int8 model" 1 "small/parameters.safetensors has int8 weights, which cannot become float32" translate --model small --input input --precision float32
fails "quantize what is quantized" 1 "has int8 weights" quantize small --output smaller
fails "average what is quantized" 1 "has int8 weights" average small small --output smaller
fails "quantize nothing" 1 "nowhere.* does not exist" quantize nowhere --output smaller
fails "quantize over something else" 1 "input' exists and is not a model" quantize model --output input
absent "nothing was written" smaller
runs "quantize over a model" quantize straight --output small
head -c 20000 small/parameters.safetensors >cut && cp cut small/parameters.safetensors
fails "a truncated one" 1 "small/parameters.safetensors: truncated" translate --model small --input input

# ---- bfloat16 ----
runs "quantize to bfloat16" quantize model --output half --precision bfloat16
ok "half of the size" awk -v whole="$(stat -c %s model/parameters.safetensors)" -v half="$(stat -c %s half/parameters.safetensors)" \
  'BEGIN { exit !(half < 0.56 * whole && half > 0.45 * whole) }'
runs "info of it" info half --format json
matches "names its numbers" '"precision":"bfloat16"' "$(<out)"
runs "translate with it" translate --model half --input input --format jsonl --attention
cp out half.jsonl
runs "in the precision that it is stored in" translate --model half --input input --format jsonl --attention --precision bfloat16
same "byte for byte" half.jsonl out
for precision in float32 int8; do
  runs "or in $precision" translate --model half --input input --format jsonl --attention --precision $precision
  equal "with a line for each line" 71 "$(wc -l <out)"
done
runs "score with it" score --model half --source dev.source --target dev.target
runs "average it" average half model --output mean
runs "which is in float32" info mean --format json
matches "as all means are" '"precision":"float32"' "$(<out)"
runs "start from it" train config.yaml --set training.start_from=half --set training.epochs=1 --output begun
runs "quantize it again" quantize half --output half.int8
runs "translate with that" translate --model half.int8 --input input
runs "quantize it to what it is" quantize half --output half.again --precision bfloat16
same "the same bytes" half/parameters.safetensors half.again/parameters.safetensors
fails "to what there is not" 2 "\-\-precision: .*int4" quantize model --output never --precision int4
fails "to what it is trained in" 2 "\-\-precision" quantize model --output never --precision float32
absent "nothing is left" never
head -c 20000 half/parameters.safetensors >cut && cp cut half/parameters.safetensors
fails "a truncated one" 1 "half/parameters.safetensors: truncated" translate --model half --input input

# ---- bench ----
sizes="--vocabulary 50 --embedding 16 --hidden 32 --layers 1 --batch 4 --source-length 5 --target-length 6"
runs "bench train in bfloat16" bench train $sizes --precision bfloat16 --threads 2 --updates 3
matches "tells the shares of an update" '"shares":\{"products":0\.[0-9]+,"vector":' "$(<out)"
runs "bench translate in int8" bench translate $sizes --precision int8 --threads 1 --sentences 6
fails "bench train in int8" 2 "int8" bench train $sizes --precision int8 --updates 1

finish
