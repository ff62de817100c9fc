# The program of a page (src/page): the rooms that translate, compiled by Debian's emscripten. scripts/wasm calls this with
#   cmake --preset wasm -DHEED_WASM_SOURCES=DIR     DIR: yaml-cpp/ and sentencepiece/, Debian's sources of these libraries
# What Dependencies.cmake finds in a Debian is here made: headers of libraries are given one by one, as the system's own headers are not those
# of WebAssembly, and of yaml-cpp and SentencePiece the sources are compiled. docs/page.md says why these and not others.
set(HEED_WASM_SOURCES "" CACHE PATH "Debian's sources of yaml-cpp and SentencePiece")
foreach(library yaml-cpp sentencepiece)
  if(NOT IS_DIRECTORY ${HEED_WASM_SOURCES}/${library})
    message(FATAL_ERROR "HEED_WASM_SOURCES has no ${library}/: scripts/wasm gets it")
  endif()
endforeach()

# Exceptions are WebAssembly's own; the vectors are of 128 bits; emmalloc would be smaller, but is slow with many blocks.
add_compile_options(-fwasm-exceptions -msimd128)
add_link_options(-fwasm-exceptions -sWASM_BIGINT)

set(heed_wasm_headers ${CMAKE_CURRENT_BINARY_DIR}/headers)
file(MAKE_DIRECTORY ${heed_wasm_headers})
foreach(header fmt nlohmann hwy protozero xxhash.h zlib.h zconf.h zstd.h)
  find_path(found_${header} ${header} PATHS /usr/include /usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu NO_DEFAULT_PATH REQUIRED NO_CMAKE_FIND_ROOT_PATH)
  file(CREATE_LINK ${found_${header}}/${header} ${heed_wasm_headers}/${header} SYMBOLIC)
endforeach()
set(HEED_HIGHWAY ${heed_wasm_headers})

# heed_wasm_headers_of(TARGET DEFINITION...): a library that is its headers.
function(heed_wasm_headers_of target)
  add_library(${target} INTERFACE IMPORTED)
  target_include_directories(${target} SYSTEM INTERFACE ${heed_wasm_headers})
  target_compile_definitions(${target} INTERFACE ${ARGN})
endfunction()
heed_wasm_headers_of(fmt::fmt FMT_HEADER_ONLY)
heed_wasm_headers_of(nlohmann_json::nlohmann_json)
heed_wasm_headers_of(heed::deps::xxhash)
heed_wasm_headers_of(ZLIB::ZLIB) # the linker leaves out what reads compressed files: nothing of a page does
heed_wasm_headers_of(heed::deps::zstd)
heed_wasm_headers_of(heed::deps::icu)

file(GLOB yaml_sources ${HEED_WASM_SOURCES}/yaml-cpp/src/*.cpp)
add_library(yaml-cpp STATIC ${yaml_sources})
target_include_directories(yaml-cpp SYSTEM PUBLIC ${HEED_WASM_SOURCES}/yaml-cpp/include)
target_compile_options(yaml-cpp PRIVATE -w)
target_compile_definitions(yaml-cpp PUBLIC YAML_CPP_STATIC_DEFINE)

set(pieces ${HEED_WASM_SOURCES}/sentencepiece)
file(GLOB protobuf_sources ${pieces}/third_party/protobuf-lite/*.cc)
set(pieces_sources ${protobuf_sources} ${pieces}/third_party/absl/flags/flag.cc ${pieces}/src/builtin_pb/sentencepiece.pb.cc
                   ${pieces}/src/builtin_pb/sentencepiece_model.pb.cc)
foreach(name bpe_model char_model error filesystem model_factory model_interface normalizer sentencepiece_processor unigram_model util word_model)
  list(APPEND pieces_sources ${pieces}/src/${name}.cc)
endforeach()
add_library(sentencepiece STATIC ${pieces_sources})
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/sentencepiece/config.h CONTENT "#define VERSION \"\"\n#define PACKAGE \"sentencepiece\"\n#define PACKAGE_STRING \"sentencepiece\"\n")
target_include_directories(sentencepiece SYSTEM PUBLIC ${pieces}/src PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/sentencepiece ${pieces} ${pieces}/src/builtin_pb
                           ${pieces}/third_party/protobuf-lite ${pieces}/third_party)
target_compile_definitions(sentencepiece PRIVATE _USE_INTERNAL_STRING_VIEW HAVE_PTHREAD=1)
target_compile_options(sentencepiece PRIVATE -w)
add_library(heed::deps::sentencepiece ALIAS sentencepiece)

# Files of rooms that write, lock, or read what is larger than memory, by system calls that WebAssembly has not. Where one of the rest would
# need them, linking fails.
set(HEED_LEFT_OUT "base/(kept_files|directory_swap|processors|cgroup)\\.cpp$|text/normal_form\\.cpp$")
