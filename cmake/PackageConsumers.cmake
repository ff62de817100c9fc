# What ordinary projects ask of the package that InstalledPackage.cmake installed: to be found twice, beside targets of the project's own, from
# a folder below, or not at all; to be linked through pkg-config; to need no engine headers; and to have in a shared library what examples use.
# One program is compiled; the other objects are those of the examples.
set(prefix ${BINARY_DIR}/installed)
set(work ${BINARY_DIR}/package-consumers)
set(objects ${BINARY_DIR}/installed-example/CMakeFiles)
set(example ${objects}/translate.dir/translate.cpp.o)
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work})

# run(COMMAND...): must end well; its output is in `output`.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
  set(output ${output} PARENT_SCOPE)
endfunction()

# Each example links, and names the model that it misses.
function(check_translate program)
  execute_process(COMMAND ${program} no-such-model RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 1 OR NOT output MATCHES "no-such-model")
    message(FATAL_ERROR "${program}: ${status} ${output}")
  endif()
endfunction()

# Nothing is asked of a project that only building Heed needs.
set(consumer ${CMAKE_COMMAND} -S ${SOURCE_DIR}/tests/package -G Ninja -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Release -DEXAMPLE=${example})
foreach(package CLI11 nlohmann_json Protobuf protozero GTest)
  list(APPEND consumer -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
endforeach()
run(${consumer} -B ${work}/found -DCMAKE_PREFIX_PATH=${prefix})
run(${CMAKE_COMMAND} --build ${work}/found)
check_translate(${work}/found/below/consumer)
run(${consumer} -B ${work}/lacks -DLACKS=ON -DCMAKE_DISABLE_FIND_PACKAGE_heed=ON)
if(NOT SHARED) # a shared libheed asks for nothing
  run(${CMAKE_COMMAND} -E env PKG_CONFIG_LIBDIR=${work} ${consumer} -B ${work}/lacks-libraries -DLACKS=ON -DCMAKE_PREFIX_PATH=${prefix})
endif()

# pkg-config
file(GLOB_RECURSE pc ${prefix}/*/heed.pc)
get_filename_component(pc_folder ${pc} DIRECTORY)
run(${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${pc_folder} pkg-config --cflags --libs heed)
string(STRIP "${output}" output)
separate_arguments(libraries UNIX_COMMAND "${output}")
get_filename_component(lib ${pc_folder} DIRECTORY)
run(${COMPILER} ${example} ${libraries} -Wl,-rpath,${lib} -o ${work}/by-pkg-config)
check_translate(${work}/by-pkg-config)

# Who only uses models links no Pango; who does it from C links one library, which has no symbol but those of heed.h.
function(pc_libraries module result)
  run(${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${pc_folder} pkg-config --cflags --libs ${module})
  string(STRIP "${output}" output)
  separate_arguments(words UNIX_COMMAND "${output}")
  set(${result} ${words} -Wl,-rpath,${lib} PARENT_SCOPE)
endfunction()
pc_libraries(heed-inference inference)
run(${COMPILER} ${example} ${inference} -o ${work}/inference)
check_translate(${work}/inference)
pc_libraries(heed-c c)
run(${C_COMPILER} -std=c11 -pedantic -Wall -Wextra -Werror ${SOURCE_DIR}/examples/translate.c ${c} -o ${work}/c)
check_translate(${work}/c)
foreach(program inference c)
  run(ldd ${work}/${program})
  if(output MATCHES "pango|cairo|fontconfig|libedit|microhttpd|dnnl|gomp")
    message(FATAL_ERROR "${program} needs what draws or measures: ${output}")
  endif()
endforeach()
if(output MATCHES "sentencepiece_train")
  message(FATAL_ERROR "libheed_c.so needs what trains SentencePiece: ${output}")
endif()
run(nm -D --defined-only ${lib}/libheed_c.so)
string(REGEX REPLACE "[^\n]* [TA] (heed_[a-z_]+@@HEED_0.2|HEED_0.2)" "" rest "${output}")
string(STRIP "${rest}" rest)
if(rest OR NOT output MATCHES " T heed_translate@@HEED_0.2")
  message(FATAL_ERROR "libheed_c.so exports more than heed.h says, or less: ${rest}")
endif()

# HEED_INFERENCE_ONLY asks for less.
run(${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${work}/inference-only -G Ninja -DHEED_INFERENCE_ONLY=ON -DCMAKE_DISABLE_FIND_PACKAGE_CLI11=ON
    -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON)

# The front door stands without the engine's headers: a program compiles, links and runs that uses all of it.
foreach(component runtime library devel)
  run(${CMAKE_COMMAND} --install ${BINARY_DIR} --component ${component} --prefix ${work}/devel)
endforeach()
if(EXISTS ${work}/devel/include/heed/tensor)
  message(FATAL_ERROR "the component devel has headers of the engine")
endif()
string(REPLACE ${prefix} ${work}/devel devel "${libraries};-Wl,-rpath,${lib}")
run(${COMPILER} -std=c++20 -O0 -Wall -Wextra -Werror ${SOURCE_DIR}/tests/package/front_door.cpp ${devel} -o ${work}/front_door)
execute_process(COMMAND ${work}/front_door no-such-config RESULT_VARIABLE status OUTPUT_VARIABLE output)
if(NOT status EQUAL 1 OR NOT output MATCHES " 100 33.3.*no-such-config")
  message(FATAL_ERROR "front_door: ${status} ${output}")
endif()

# Shared libraries have all that a mechanism of one's own and its tests use: of the same objects, for compiling them again takes minutes.
if(NOT SHARED)
  list(REMOVE_ITEM libraries -lheed -lheed_inference)
  set(shared ${work}/libheed_inference.so)
  run(${COMPILER} -shared -Wl,--whole-archive ${lib}/libheed_inference.a -Wl,--no-whole-archive ${libraries} -Wl,--no-undefined -o ${shared})
  run(${COMPILER} ${example} ${shared} -Wl,-rpath,${work} -o ${work}/translate)
  check_translate(${work}/translate)
  run(${COMPILER} -shared -Wl,--whole-archive ${lib}/libheed.a -Wl,--no-whole-archive ${shared} ${libraries} -Wl,--no-undefined
      -o ${work}/libheed.so)
  list(PREPEND shared ${work}/libheed.so)
  run(${COMPILER} ${objects}/custom-attention.dir/custom_attention.cpp.o ${shared} -o ${work}/custom-attention)
  run(${COMPILER} ${objects}/heed-of-my-own.dir/heed_of_my_own.cpp.o ${lib}/libheed_commands.a ${shared} ${libraries} -ledit -lmicrohttpd -ldnnl -lgomp
      -Wl,-rpath,${work} -o ${work}/heed-of-my-own)
  run(${work}/heed-of-my-own --version)
  set(conformance ${objects}/custom-attention-test.dir/custom_attention.cpp.o)
  if(EXISTS ${conformance})
    run(${COMPILER} ${conformance} ${shared} -lgtest -lgtest_main -o ${work}/custom-attention-test)
  endif()
endif()
