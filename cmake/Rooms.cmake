# A room is one folder under src/: headers in include/heed/<room>/, sources beside it, tests in tests/.
#
#   heed_room(products USES kernels tensor base LIBRARIES fmt::fmt)
#
# Each room is an OBJECT library with its own include root, so a header of a room that is not named under USES is
# not found by the compiler, and a cycle fails at configure time. Third-party LIBRARIES are private: they can
# not appear in a public header, because nobody above would find them.

function(heed_room name)
  cmake_parse_arguments(ROOM "" "" "USES;LIBRARIES" ${ARGN})
  set(root ${CMAKE_CURRENT_SOURCE_DIR}/src/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${root}/*.cpp ${root}/*/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/tests/|/openmpi/") # the last is loaded where it is needed: cmake/Mpi.cmake
  if(HEED_LEFT_OUT)
    list(FILTER sources EXCLUDE REGEX ${HEED_LEFT_OUT})
  endif()
  add_library(${name} OBJECT ${sources})
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${root}/include> PRIVATE ${root})
  foreach(used IN LISTS ROOM_USES)
    if(NOT TARGET ${used})
      message(FATAL_ERROR "room '${name}' uses '${used}', which is not on a lower floor")
    endif()
  endforeach()
  target_link_libraries(${name} PUBLIC ${ROOM_USES} PRIVATE heed_warnings ${ROOM_LIBRARIES})
  if(NOT HEED_WASM) # whose code has no address
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
  if(HEED_SANITIZE AND name MATCHES "^(base|text|data|record|metrics|view|train)$") # no test waits for these: they compile in two thirds of the time
    target_compile_options(${name} PRIVATE -O0)
  endif()
  set_property(GLOBAL APPEND PROPERTY HEED_ROOM_LIST ${name})
  set_property(GLOBAL PROPERTY HEED_OWN_LIBRARIES_${name} ${ROOM_LIBRARIES})
  # What a test of this room links: its objects and those of every room below that it reaches.
  set(reached ${name})
  set(libraries ${ROOM_LIBRARIES})
  foreach(used IN LISTS ROOM_USES)
    get_property(below GLOBAL PROPERTY HEED_REACHED_${used})
    get_property(below_libraries GLOBAL PROPERTY HEED_LIBRARIES_${used})
    list(APPEND reached ${below})
    list(APPEND libraries ${below_libraries})
  endforeach()
  list(REMOVE_DUPLICATES reached)
  list(REMOVE_DUPLICATES libraries)
  set_property(GLOBAL PROPERTY HEED_REACHED_${name} ${reached})
  set_property(GLOBAL PROPERTY HEED_LIBRARIES_${name} ${libraries})
endfunction()

# Compiles the files of a target eight at a time: headers, and what is made of their templates, are most of the work. Not for
# vector code, which includes itself for each kind of processor.
option(HEED_UNITE "Compile the files of a room together" ON)
function(heed_unite)
  foreach(target IN LISTS ARGN)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${HEED_UNITE} UNITY_BUILD_BATCH_SIZE 8)
  endforeach()
endfunction()

# The headers that tests have in common, parsed once for all of them: compiled with the options of every test.
function(heed_test_headers)
  file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/test_headers.cpp CONTENT "")
  add_library(heed_test_headers OBJECT ${CMAKE_CURRENT_BINARY_DIR}/test_headers.cpp)
  heed_test_options(heed_test_headers)
  target_precompile_headers(heed_test_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h> <algorithm> <filesystem> <fstream> <functional> <random>)
endfunction()

function(heed_test_options target)
  target_link_libraries(${target} PRIVATE heed_warnings GTest::gmock GTest::gtest_main Threads::Threads)
  target_compile_definitions(${target} PRIVATE HEED_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # Compiling the tests is most of what scripts/test does, and what they test is optimised anyway.
  target_compile_options(${target} PRIVATE -O0 -pthread) # -pthread as Pango asks for: tests could not read headers parsed without
  if(HEED_SANITIZE)
    target_compile_definitions(${target} PRIVATE HEED_SANITIZED) # the tests themselves may not be, see below
  endif()
  if(HEED_SANITIZE MATCHES address) # that halves the time again; memory that tests hand to what they test is watched all the same
    target_compile_options(${target} PRIVATE -fno-sanitize=all)
  endif()
endfunction()

# One test program per room: heed_test(tensor) takes every file of src/tensor/tests and links that room and what it uses.
function(heed_test name)
  cmake_parse_arguments(TEST "" "" "LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/${name}/tests/*.cpp)
  if(NOT sources)
    return()
  endif()
  get_property(reached GLOBAL PROPERTY HEED_REACHED_${name})
  get_property(libraries GLOBAL PROPERTY HEED_LIBRARIES_${name})
  add_executable(test_${name} ${sources})
  heed_test_options(test_${name})
  target_link_libraries(test_${name} PRIVATE ${reached} ${libraries} ${TEST_LIBRARIES})
  target_include_directories(test_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src/${name})
  foreach(room IN LISTS reached) # what the tests of a room below are made with, its own may use too
    target_include_directories(test_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src/${room}/tests)
  endforeach()
  target_precompile_headers(test_${name} REUSE_FROM heed_test_headers)
  heed_unite(test_${name})
  if(HEED_SANITIZE) # a process for each test would take longer to start than to run
    set(filter *)
    if(HEED_SANITIZE MATCHES thread AND name STREQUAL train) # the others have no threads of their own
      set(filter "Updater.*:CopyTask.*:Teachers.*:Resume.TheSameSeed*")
    endif()
    # The longest first and in two parts, so that none runs on alone.
    set(longest search nn products translate model train)
    list(FIND longest ${name} cost)
    set(parts 1)
    if(cost GREATER 1)
      set(parts 2)
    endif()
    foreach(part RANGE 1 ${parts})
      math(EXPR index "${part} - 1")
      add_test(NAME ${name}.part_${part}_of_${parts} COMMAND test_${name} --gtest_brief=1)
      set_tests_properties(${name}.part_${part}_of_${parts} PROPERTIES TIMEOUT 1200 COST ${cost} FAIL_REGULAR_EXPRESSION "PASSED  . 0 tests"
                           ENVIRONMENT "GTEST_FILTER=${filter};GTEST_TOTAL_SHARDS=${parts};GTEST_SHARD_INDEX=${index}")
    endforeach()
  else()
    gtest_discover_tests(test_${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES NO_PRETTY_TYPES PROPERTIES TIMEOUT 300)
  endif()
endfunction()
