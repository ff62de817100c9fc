# bench/micro: every kernel beside the machine's own rates. Off by default, so that the normal build needs no benchmark package;
# scripts/test builds it where there is one.
option(HEED_BUILD_BENCHMARKS "Build bench/micro, which needs libbenchmark-dev" OFF)
if(HEED_BUILD_BENCHMARKS)
  find_package(benchmark REQUIRED)
  file(GLOB benchmark_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/bench/micro/*.cpp)
  list(APPEND benchmark_sources src/bench/machine_rate.cpp)
  get_property(reached GLOBAL PROPERTY HEED_REACHED_autograd)
  get_property(libraries GLOBAL PROPERTY HEED_LIBRARIES_autograd)
  add_executable(bench_micro ${benchmark_sources})
  target_link_libraries(bench_micro PRIVATE heed_warnings ${reached} ${libraries} fmt::fmt benchmark::benchmark Threads::Threads)
target_link_libraries(bench_micro PRIVATE heed::deps::dnnl $<LINK_ONLY:OpenMP::OpenMP_CXX>) # the yardstick
  target_include_directories(bench_micro PRIVATE bench/micro src/bench src/products src/kernels)
  # Each way to multiply is run by name, which is for the products room and its tests; the yardstick is compiled for the same processors as the kernels.
  target_compile_definitions(bench_micro PRIVATE ${heed_vector_targets})
  # That all of them still run; what they measure then is worth nothing.
  add_test(NAME bench.micro COMMAND bench_micro --benchmark_repetitions=1 --benchmark_min_time=0.001)
  set_tests_properties(bench.micro PROPERTIES TIMEOUT 300 COST 1000) # begins with the longest: cmake/ProjectTests.cmake
endif()
