# `cmake --install build/release --prefix DIR`: the binary, libheed, its headers, and what find_package(heed) needs.
include(CMakePackageConfigHelpers)
set(heed_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/heed)
install(TARGETS heed heed_commands heed_app EXPORT heedTargets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
set(installed_rooms ${rooms} app)
list(REMOVE_ITEM installed_rooms kernels) # no header of another room needs them
foreach(room IN LISTS installed_rooms)
  install(DIRECTORY src/${room}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endforeach()
install(FILES ${heed_generated}/heed/base/version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/heed/base)
# For mechanisms of one's own: the tests that every mechanism passes. They need GoogleTest.
install(FILES src/nn/tests/attention_conformance.h src/nn/tests/attention_probes.h src/autograd/tests/gradient_check.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/heed/testing)
install(EXPORT heedTargets NAMESPACE heed:: DESTINATION ${heed_package_dir})
configure_package_config_file(cmake/heedConfig.cmake.in ${CMAKE_BINARY_DIR}/heedConfig.cmake
                              INSTALL_DESTINATION ${heed_package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/heedConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/heedConfig.cmake ${CMAKE_BINARY_DIR}/heedConfigVersion.cmake
        cmake/Dependencies.cmake DESTINATION ${heed_package_dir})
