# Tests of the project as a whole: the binary, the floors of the house, and the installed package.

# The binary, as a user calls it.
find_program(BASH_PROGRAM bash REQUIRED)
function(heed_app_tests)
  foreach(name IN LISTS ARGN)
    add_test(NAME app.${name} COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/src/app/tests/${name}_test.sh $<TARGET_FILE:heed_app> ${CMAKE_SOURCE_DIR})
    set_tests_properties(app.${name} PROPERTIES TIMEOUT 900) # under sanitizers, on a slow machine
  endforeach()
endfunction()
# Between them they run every command, on good input and on bad.
heed_app_tests(commands bad_input rescore lines parts data special_files)

# What is violent and random, for a moment; anybody can run them for hours (tests/loops/common.sh).
foreach(loop kill continue signals full-disk two-writers readers serve)
  add_test(NAME loops.${loop} COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/tests/loops/${loop} $<TARGET_FILE:heed_app>)
  set_tests_properties(loops.${loop} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endforeach()

# In what else the binary is asked for a sanitizer sees little that is new (texts, refused keys, checksums), and memory and time, which
# hostile files and lines are held to, cannot be bounded under it.
if(HEED_SANITIZE)
  return()
endif()

heed_app_tests(about board cache completion damage distill effect export features limits output_limit outputs precision readme reversed source_end streams telling text training vocabulary)

# Several processes, where mpirun is installed and libheed_mpi.so was built.
if(TARGET heed_mpi)
  add_dependencies(heed_app heed_mpi)
endif()
add_test(NAME app.ranks COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/src/app/tests/ranks_test.sh $<TARGET_FILE:heed_app>)
set_tests_properties(app.ranks PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 900)

find_program(PYTHON_PROGRAM python3)

# A room that includes a header of a higher floor must not compile.
add_test(NAME house.upward_include_does_not_compile
         COMMAND ${CMAKE_COMMAND} -DCOMPILER=${CMAKE_CXX_COMPILER} -DSOURCE_DIR=${CMAKE_SOURCE_DIR}
                 -DBINARY_DIR=${CMAKE_BINARY_DIR} -P ${CMAKE_SOURCE_DIR}/cmake/UpwardInclude.cmake)

add_test(NAME house.headers_compile_alone
         COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/cmake/headers-alone.sh ${CMAKE_CXX_COMPILER} ${CMAKE_BINARY_DIR} ${CMAKE_C_COMPILER})
set_tests_properties(house.headers_compile_alone PROPERTIES TIMEOUT 900)

# Retired words, and documents that are too wide; the steps of Containerfile; the headers that programs include.
if(PYTHON_PROGRAM)
  add_test(NAME house.texts COMMAND ${PYTHON_PROGRAM} ${CMAKE_SOURCE_DIR}/cmake/texts.py)
  add_test(NAME house.containerfile COMMAND ${PYTHON_PROGRAM} ${CMAKE_SOURCE_DIR}/tests/containerfile --parse)
  add_test(NAME house.front_door COMMAND ${PYTHON_PROGRAM} ${CMAKE_SOURCE_DIR}/cmake/front-door.py)
endif()

# The tables of Unicode are Python's, where it has the same version.
if(PYTHON_PROGRAM)
  add_test(NAME house.unicode_tables COMMAND ${PYTHON_PROGRAM} ${CMAKE_SOURCE_DIR}/src/base/unicode_tables.py --check
                                             ${CMAKE_SOURCE_DIR}/src/base/unicode_tables.h)
  set_tests_properties(house.unicode_tables PROPERTIES SKIP_RETURN_CODE 77)
endif()

add_test(NAME house.scripts_parse COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/cmake/scripts-parse.sh)
add_test(NAME house.pages_lint COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/cmake/pages-lint.sh)
set_tests_properties(house.pages_lint PROPERTIES SKIP_RETURN_CODE 77)
add_test(NAME house.library_names_no_flags COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/cmake/library-flags.sh)
add_test(NAME house.scripts_options COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/cmake/scripts-options.sh)

# What depends on the instruction set, as processors with less compute it. scripts/test --every-isa runs more.
add_test(NAME house.every_isa COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/tests/every-isa --short ${CMAKE_BINARY_DIR})
set_tests_properties(house.every_isa PROPERTIES TIMEOUT 900)

# The C interface: its binary form is the one that was committed, and Python's ctypes can use it.
add_test(NAME capi.abi COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/src/capi/tests/abi_test.sh ${CMAKE_CXX_COMPILER} ${CMAKE_BINARY_DIR})
set_tests_properties(capi.abi PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
if(PYTHON_PROGRAM)
  add_test(NAME capi.ctypes COMMAND ${PYTHON_PROGRAM} ${CMAKE_SOURCE_DIR}/src/capi/tests/ctypes_test.py $<TARGET_FILE:heed_c>
                                    $<TARGET_FILE:heed_app>)
  set_tests_properties(capi.ctypes PROPERTIES TIMEOUT 300)
endif()

# The example of the README against the installed package.
add_test(NAME package.example_builds_against_the_installed_package
         COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_SOURCE_DIR} -DBINARY_DIR=${CMAKE_BINARY_DIR}
                 -P ${CMAKE_SOURCE_DIR}/cmake/InstalledPackage.cmake)
set_tests_properties(package.example_builds_against_the_installed_package PROPERTIES TIMEOUT 300 FIXTURES_SETUP installed)

# Projects that use the package in ways of their own.
add_test(NAME package.consumers
         COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_SOURCE_DIR} -DBINARY_DIR=${CMAKE_BINARY_DIR} -DCOMPILER=${CMAKE_CXX_COMPILER}
                 -DC_COMPILER=${CMAKE_C_COMPILER} -DSHARED=${BUILD_SHARED_LIBS} -P ${CMAKE_SOURCE_DIR}/cmake/PackageConsumers.cmake)
set_tests_properties(package.consumers PROPERTIES TIMEOUT 120 FIXTURES_REQUIRED installed)

# The tutorial: its code is compiled against the installed package, its commands are run.
add_test(NAME package.tutorial COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/docs/tutorial/run ${CMAKE_BINARY_DIR}/installed
                                       ${CMAKE_BINARY_DIR}/tutorial)
set_tests_properties(package.tutorial PROPERTIES TIMEOUT 300 FIXTURES_REQUIRED installed)

# Every key and flag is there that a document names, and has an effect, which a table names; its pages, in a browser.
if(PYTHON_PROGRAM)
  add_test(NAME app.documented COMMAND ${PYTHON_PROGRAM} ${CMAKE_SOURCE_DIR}/src/app/tests/documented_test.py $<TARGET_FILE:heed_app>
                                       ${CMAKE_SOURCE_DIR})
  add_test(NAME app.options COMMAND ${PYTHON_PROGRAM} ${CMAKE_SOURCE_DIR}/src/app/tests/options_test.py $<TARGET_FILE:heed_app>)
  set_tests_properties(app.options PROPERTIES TIMEOUT 900) # on a busy machine
  foreach(test serve serve_life serve_learn)
    add_test(NAME app.${test} COMMAND ${PYTHON_PROGRAM} ${CMAKE_SOURCE_DIR}/src/app/tests/${test}_test.py $<TARGET_FILE:heed_app>)
    set_tests_properties(app.${test} PROPERTIES TIMEOUT 300)
  endforeach()
  foreach(page page report_page probe_page live_page live_page_looks live_page_learning)
    add_test(NAME app.${page} COMMAND ${PYTHON_PROGRAM} ${CMAKE_SOURCE_DIR}/src/app/tests/${page}_test.py $<TARGET_FILE:heed_app>)
    set_tests_properties(app.${page} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
  endforeach()
  # A page with its program in it, where scripts/wasm has built that.
  add_test(NAME wasm.page COMMAND ${PYTHON_PROGRAM} ${CMAKE_SOURCE_DIR}/src/wasm/tests/page_test.py $<TARGET_FILE:heed_app>)
  set_tests_properties(wasm.page PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endif()

# Predictions for more machines are those of the formula beside them.
if(PYTHON_PROGRAM)
  add_test(NAME house.scale COMMAND ${PYTHON_PROGRAM} ${CMAKE_SOURCE_DIR}/bench/scale/check)
endif()

# Where the field's own readers and metrics are installed: they read the files, and give the same figures.
foreach(reader tensorboard metrics sentencepiece bundle onnx openapi)
  add_test(NAME interop.${reader} COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/tests/interop/python
                                          ${CMAKE_SOURCE_DIR}/tests/interop/${reader}_test.py $<TARGET_FILE:heed_app>)
  set_tests_properties(interop.${reader} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endforeach()

# Models of other toolkits: in one build, since no code of ours but the importers' Python is tried that other tests do not try. Where
# PyTorch is installed, it reads the checkpoints; elsewhere they are read without it.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(importing_tests ${CMAKE_SOURCE_DIR}/bindings/python/tests/importing)
  foreach(python tests/interop bench/pytorch)
    get_filename_component(python_name ${python} NAME)
    add_test(NAME importing.models.${python_name} COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/${python}/python
                                                          ${importing_tests}/models.py $<TARGET_FILE:heed_app>)
    add_test(NAME importing.bad_input.${python_name} COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/${python}/python
                                                             ${importing_tests}/bad_input.py)
    set_tests_properties(importing.models.${python_name} importing.bad_input.${python_name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
  endforeach()
endif()

# Where PyTorch is installed: the golden files are what it computes now, and the twin of the benchmarks is the same model.
foreach(check scripts/make-golden bench/pytorch/check)
  get_filename_component(check_name ${check} NAME)
  add_test(NAME pytorch.${check_name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
           COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/bench/pytorch/python ${check} --check)
  set_tests_properties(pytorch.${check_name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endforeach()

# What takes longest begins first, so that no processor waits for it in the end.
foreach(long app.options app.board app.ranks house.headers_compile_alone house.every_isa package.example_builds_against_the_installed_package
        pytorch.make-golden interop.onnx)
  if(TEST ${long})
    set_tests_properties(${long} PROPERTIES COST 1000)
  endif()
endforeach()
