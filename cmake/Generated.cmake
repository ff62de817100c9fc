# Source files that the build makes: protobuf messages, and the page of `heed report`.

# heed_protobuf(room FILE.proto SOURCE...): the generated code becomes a part of the room, compiled without our warnings. SOURCE are the files
# that use it: like the generated code they export nothing of protobuf (cmake/Dependencies.cmake says why).
function(heed_protobuf room file)
  get_filename_component(stem ${file} NAME_WE)
  get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR}/${file} DIRECTORY)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/proto)
  file(MAKE_DIRECTORY ${generated})
  add_custom_command(OUTPUT ${generated}/${stem}.pb.cc ${generated}/${stem}.pb.h
                     DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file} VERBATIM
                     COMMAND protobuf::protoc --cpp_out=${generated} -I ${folder} ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  target_sources(${room} PRIVATE ${generated}/${stem}.pb.cc)
  add_custom_target(${room}_messages DEPENDS ${generated}/${stem}.pb.h)  # for scripts/tidy, which compiles nothing
  set_source_files_properties(${generated}/${stem}.pb.cc PROPERTIES COMPILE_OPTIONS "-w;-fvisibility=hidden")
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -fvisibility=hidden)
  target_include_directories(${room} SYSTEM PRIVATE ${generated})
  set_property(GLOBAL APPEND PROPERTY HEED_TEST_INCLUDES_${room} ${generated})
endfunction()

# A page's files, src/view/<folder>/, become a source file of the room that defines `constant` (src/view/page_files.h).
function(heed_embed_page room folder constant)
  set(page ${CMAKE_CURRENT_SOURCE_DIR}/src/view/${folder})
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${folder}_files.cpp)
  set(script ${CMAKE_CURRENT_SOURCE_DIR}/cmake/Embed.cmake)
  file(GLOB files CONFIGURE_DEPENDS ${page}/*.html ${page}/*.css ${page}/*.js ${page}/../shared/*.js)
  add_custom_command(OUTPUT ${output} DEPENDS ${files} ${script} VERBATIM
                     COMMAND ${CMAKE_COMMAND} -DPAGE=${page} -DCONSTANT=${constant} -DOUTPUT=${output} -P ${script})
  target_sources(${room} PRIVATE ${output})
endfunction()
