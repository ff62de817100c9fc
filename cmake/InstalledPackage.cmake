# Installs into a fresh prefix, builds examples/ against it with find_package(heed), and runs what came out.
set(prefix ${BINARY_DIR}/installed)
set(example ${BINARY_DIR}/installed-example)
file(REMOVE_RECURSE ${prefix} ${example})
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
endfunction()
run(${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${prefix})
run(${CMAKE_COMMAND} -S ${SOURCE_DIR}/examples -B ${example} -G Ninja -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_BUILD_TYPE=Release)
run(${CMAKE_COMMAND} --build ${example})
# Without a model it must say so in one line, which shows that it links and runs.
execute_process(COMMAND ${example}/translate no-such-model RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT status EQUAL 1 OR NOT output MATCHES "no-such-model")
  message(FATAL_ERROR "the example should name the missing model: ${status} ${output}")
endif()

execute_process(COMMAND ${example}/translate-c no-such-model RESULT_VARIABLE status ERROR_VARIABLE errors)
if(NOT status EQUAL 1 OR NOT errors MATCHES "no-such-model")
  message(FATAL_ERROR "the example in C should name the missing model: ${status} ${errors}")
endif()

# A mechanism from outside: it conforms, trains by name from a config, translates, and is drawn.
run(${example}/custom-attention-test)
set(lines "")
foreach(number RANGE 100 399)
  string(REGEX REPLACE "(.)(.)(.)" "\\1 \\2 \\3" digits ${number})
  string(APPEND lines "${digits}\n")
endforeach()
set(seed 1)
if(DEFINED ENV{HEED_TEST_SEED_OFFSET}) # tests/ten-seeds
  math(EXPR seed "1 + $ENV{HEED_TEST_SEED_OFFSET}")
endif()
file(WRITE ${example}/digits ${lines})
file(WRITE ${example}/custom.yaml "data:
  train: {source: digits, target: digits}
  validation: {source: digits, target: digits}
  source: {tokenizer: spaces}
  target: {tokenizer: spaces}
model:
  embedding: 32
  encoder: {hidden: 32}
  decoder: {hidden: 32}
  attention: {kind: gated-general}
  dropout: 0
training: {epochs: 20, learning_rate: 0.01, batch_sentences: 16, best_by: accuracy, threads: 1, seed: ${seed}}
output: custom
")
file(WRITE ${example}/input "1 2 3\n")
execute_process(COMMAND ${example}/custom-attention custom.yaml WORKING_DIRECTORY ${example} INPUT_FILE ${example}/input
                RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE progress)
if(NOT status EQUAL 0 OR NOT output MATCHES "^1 2 3\n" OR NOT output MATCHES "weight")
  message(FATAL_ERROR "custom-attention should repeat its input and draw its attention: ${status} ${output} ${progress}")
endif()
if(NOT progress MATCHES "epoch 20 ")
  message(FATAL_ERROR "custom-attention should say how its training goes: ${progress}")
endif()
string(ASCII 27 escape)
if(output MATCHES "${escape}")
  message(FATAL_ERROR "custom-attention writes colour codes into a file: ${output}")
endif()

# The same mechanism in a heed of one's own: every command knows it, the installed heed does not.
set(mine ${example}/heed-of-my-own)
function(mine_says pattern)
  execute_process(COMMAND ${mine} ${ARGN} WORKING_DIRECTORY ${example} INPUT_FILE ${example}/input
                  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT status EQUAL 0 OR NOT "${output}${errors}" MATCHES "${pattern}")
    message(FATAL_ERROR "heed-of-my-own ${ARGN}: expected ${pattern}: ${status} ${output} ${errors}")
  endif()
endfunction()
mine_says("gated-general +bilinear score of a gated query" list attentions)
mine_says("holds the model" train custom.yaml --set training.epochs=1 --output mine)
mine_says("gated-general" info mine)
mine_says("weight" translate --model custom --show-attention)
mine_says("" translate --model custom --format jsonl --attention --output lines.jsonl)
mine_says("<html" view --input lines.jsonl --format html)
# From C, a model that the installed heed trained.
execute_process(COMMAND ${prefix}/bin/heed train custom.yaml --set model.attention.kind=luong-general --output plain
                WORKING_DIRECTORY ${example} RESULT_VARIABLE status ERROR_VARIABLE errors)
execute_process(COMMAND ${example}/translate-c plain --attention WORKING_DIRECTORY ${example} INPUT_FILE ${example}/input
                RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
if(NOT status EQUAL 0 OR NOT output MATCHES "^1 2 3\n  1 1:[01][.]")
  message(FATAL_ERROR "translate-c should repeat its input and show its attention: ${status} ${output} ${errors}")
endif()
execute_process(COMMAND ${prefix}/bin/heed info custom WORKING_DIRECTORY ${example} RESULT_VARIABLE status ERROR_VARIABLE errors)
if(NOT status EQUAL 1 OR NOT errors MATCHES "unknown attention 'gated-general'")
  message(FATAL_ERROR "the installed heed should not know gated-general: ${status} ${errors}")
endif()
