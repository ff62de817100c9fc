# The commands, heed::app for who wants a main of his own (heed/app/run_app.h), and the binary, which is such a main.
file(GLOB app_sources CONFIGURE_DEPENDS src/app/*.cpp)
list(FILTER app_sources EXCLUDE REGEX "/main.cpp$")
# What they measure, export and serve are rooms beside them, which nobody else uses.
heed_room(bench USES train ranks translate record model nn optim autograd products kernels tensor data text base
          LIBRARIES nlohmann_json::nlohmann_json heed::deps::dnnl $<LINK_ONLY:OpenMP::OpenMP_CXX> fmt::fmt)
target_include_directories(bench PRIVATE src/products) # ways.h
heed_room(onnx USES model nn autograd products kernels tensor data text base LIBRARIES nlohmann_json::nlohmann_json fmt::fmt)
heed_room(serve USES view translate record model nn optim autograd products kernels tensor search data text metrics base
          LIBRARIES nlohmann_json::nlohmann_json heed::deps::microhttpd fmt::fmt)
heed_embed_file(serve openapi.json kOpenApi)
add_library(heed_commands ${app_sources} $<TARGET_OBJECTS:bench> $<TARGET_OBJECTS:onnx> $<TARGET_OBJECTS:serve>)
set_target_properties(heed_commands PROPERTIES EXPORT_NAME app POSITION_INDEPENDENT_CODE ON DEFINE_SYMBOL "" ${heed_so_version})
target_include_directories(heed_commands PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/src/app/include>
                                                $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}> PRIVATE src/app src/bench/include src/onnx/include src/serve/include)
# Header-only giants that every command reads: parsed once.
target_precompile_headers(heed_commands PRIVATE <CLI/CLI.hpp> <nlohmann/json.hpp>)
if(HEED_SANITIZE) # undefined behaviour is looked for in the rooms: the checks are a third of the time that commands take to compile
  target_compile_options(heed_commands PRIVATE -O0 -fno-sanitize=undefined)
  target_compile_options(bench PRIVATE -O0 -fno-sanitize=undefined)
else()
  target_compile_options(heed_commands PRIVATE -O1) # all that takes time is in the rooms
endif()
target_link_libraries(heed_commands PUBLIC heed PRIVATE $<BUILD_INTERFACE:heed_warnings> $<BUILD_INTERFACE:CLI11::CLI11>
                                                        $<BUILD_INTERFACE:nlohmann_json::nlohmann_json> fmt::fmt heed::deps::libedit heed::deps::microhttpd
                                                        heed::deps::dnnl $<LINK_ONLY:OpenMP::OpenMP_CXX>)
add_executable(heed_app src/app/main.cpp)
set_target_properties(heed_app PROPERTIES OUTPUT_NAME heed)
target_link_libraries(heed_app PRIVATE $<BUILD_INTERFACE:heed_warnings> heed_commands)

heed_unite(train view onnx serve heed_commands)
# One has structs of which parts have no linkage; and who draws no pictures need not link Pango.
set_source_files_properties(src/view/typesetter.cpp src/view/layout.cpp src/view/drawing.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
