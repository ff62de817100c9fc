# Source files that the build makes of others: the pages of `heed view`, `report`, `serve` and `export`, and the description of the server.

# A page's files, src/view/<folder>/, with those of src/view/shared/ and of the folders that are named behind it, become a source file of
# the room that defines `constant` (src/view/page_files.h).
function(heed_embed_page room folder constant)
  set(view ${CMAKE_CURRENT_SOURCE_DIR}/src/view)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${constant}.cpp)
  set(script ${CMAKE_CURRENT_SOURCE_DIR}/cmake/Embed.cmake)
  list(TRANSFORM ARGN PREPEND ${view}/ OUTPUT_VARIABLE shared)
  list(PREPEND shared ${view}/shared)
  set(patterns "")
  foreach(each IN LISTS shared ITEMS ${view}/${folder})
    list(APPEND patterns ${each}/*.html ${each}/*.css ${each}/*.js)
  endforeach()
  file(GLOB files CONFIGURE_DEPENDS ${patterns})
  add_custom_command(OUTPUT ${output} DEPENDS ${files} ${script} VERBATIM
                     COMMAND ${CMAKE_COMMAND} -DPAGE=${view}/${folder} "-DSHARED=${shared}" -DCONSTANT=${constant} -DOUTPUT=${output} -P ${script})
  target_sources(${room} PRIVATE ${output})
endfunction()

# A file becomes `constant`, a std::string_view of the namespace heed::<room>.
function(heed_embed_file room file constant)
  set(input ${CMAKE_CURRENT_SOURCE_DIR}/src/${room}/${file})
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${constant}.cpp)
  set(script ${CMAKE_CURRENT_SOURCE_DIR}/cmake/EmbedFile.cmake)
  add_custom_command(OUTPUT ${output} DEPENDS ${input} ${script} VERBATIM
                     COMMAND ${CMAKE_COMMAND} -DINPUT=${input} -DROOM=${room} -DCONSTANT=${constant} -DOUTPUT=${output} -P ${script})
  target_sources(${room} PRIVATE ${output})
endfunction()
