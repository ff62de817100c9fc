# heed.wasm, the program of a page: what src/wasm/page.cpp exports, and what that reaches of the rooms. No JavaScript of emscripten's comes
# with it: what it asks of the system is WASI, which the script in src/view/single/ answers.
add_executable(heed_wasm src/wasm/page.cpp src/wasm/program.cpp src/wasm/normal_form.cpp src/wasm/processors.cpp)
get_property(page_rooms GLOBAL PROPERTY HEED_REACHED_translate)
get_property(page_libraries GLOBAL PROPERTY HEED_LIBRARIES_translate)
target_include_directories(heed_wasm PRIVATE src/wasm src/text)
target_compile_definitions(heed_wasm PRIVATE ${heed_program_mark})
target_link_libraries(heed_wasm PRIVATE heed_warnings ${page_rooms} ${page_libraries})
set_target_properties(heed_wasm PROPERTIES OUTPUT_NAME heed SUFFIX .wasm)
target_link_options(heed_wasm PRIVATE --no-entry -sSTANDALONE_WASM -sALLOW_MEMORY_GROWTH -sINITIAL_MEMORY=33554432 -sMAXIMUM_MEMORY=2147483648
                    -sTOTAL_STACK=1048576 -sERROR_ON_UNDEFINED_SYMBOLS=1)
heed_unite(base tensor text data search record metrics optim autograd nn model translate)
