# What is made of the rooms' objects for programs.
set(heed_so_version VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

# heed_library(heed_inference ROOMS base ...): a library of C++, static or shared as BUILD_SHARED_LIBS says.
function(heed_library name)
  cmake_parse_arguments(LIBRARY "" "" "ROOMS" ${ARGN})
  add_library(${name})
  heed_link_rooms(${name} ${LIBRARY_ROOMS})
  target_include_directories(${name} PUBLIC $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  foreach(room IN LISTS LIBRARY_ROOMS)
    target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/src/${room}/include>)
  endforeach()
  target_compile_features(${name} PUBLIC cxx_std_20)
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()

# heed_c_library(heed_c ROOMS base ...): always shared, with the symbols of heed.map and all that they need of the rooms.
function(heed_c_library name)
  cmake_parse_arguments(LIBRARY "" "" "ROOMS" ${ARGN})
  add_library(${name} SHARED)
  heed_link_rooms(${name} ${LIBRARY_ROOMS})
  if(NOT HEED_SANITIZE) # in which nothing is left out, and so what trains SentencePiece is in
    get_target_property(libraries ${name} LINK_LIBRARIES)
    list(REMOVE_ITEM libraries heed::deps::sentencepiece)
    set(only_uses ${HEED_sentencepiece_LINK_LIBRARIES})
    list(FILTER only_uses EXCLUDE REGEX "sentencepiece_train")
    set_target_properties(${name} PROPERTIES LINK_LIBRARIES "${libraries};${only_uses}")
    target_link_options(${name} PRIVATE -Wl,--no-undefined)
  endif()
  set(map ${CMAKE_CURRENT_SOURCE_DIR}/src/capi/heed.map)
  target_include_directories(${name} INTERFACE $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/src/capi/include>
                                               $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_options(${name} PRIVATE -Wl,--version-script=${map} -Wl,--gc-sections -Wl,--as-needed)
  set_target_properties(${name} PROPERTIES EXPORT_NAME c LINK_DEPENDS ${map})
endfunction()

function(heed_link_rooms name)
  set(libraries "")
  foreach(room IN LISTS ARGN)
    target_sources(${name} PRIVATE $<TARGET_OBJECTS:${room}>)
    get_property(own GLOBAL PROPERTY HEED_OWN_LIBRARIES_${room})
    list(APPEND libraries ${own})
  endforeach()
  list(REMOVE_DUPLICATES libraries)
  list(REMOVE_ITEM libraries nlohmann_json::nlohmann_json) # headers only
  target_link_libraries(${name} PRIVATE ${libraries} Threads::Threads)
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX DEFINE_SYMBOL "" ${heed_so_version})
endfunction()
