# `cpack -G DEB` in a build folder makes Debian packages for the release that it was built on: heed, libheed0.2 (the C interface), libheed-dev
# (C and C++), and with HEED_PYTHON python3-heed. scripts/packages builds for them, and checks them.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME heed)
set(CPACK_PACKAGE_VENDOR "The Heed authors")
set(CPACK_PACKAGE_CONTACT "The Heed authors <packages@heed.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "attentional sequence-to-sequence LSTM models")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_CURRENT_SOURCE_DIR}/LICENSE)

set(soname ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(packages_runtime heed)
set(packages_library libheed${soname})
set(packages_devel libheed-dev)
set(packages_debian_python python3-heed)
set(packaged runtime library devel)
if(HEED_PYTHON)
  list(APPEND packaged debian_python)
endif()
set(control ${CMAKE_BINARY_DIR}/debian)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH where that is set
file(WRITE ${control}/changelog "heed (${PROJECT_VERSION}) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
execute_process(COMMAND gzip -9nf ${control}/changelog)
file(READ LICENSE license)
string(REPLACE "\n\n" "\n.\n" license "${license}")
string(REGEX REPLACE "\n([^\n])" "\n \\1" license "${license}")
file(WRITE ${control}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: heed

Files: *
Copyright: 2026 The Heed authors
License: Expat
 ${license}")
foreach(component IN LISTS packaged)
  install(FILES ${control}/copyright ${control}/changelog.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${packages_${component}}
          COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${packages_runtime})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION science)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${packages_library})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
file(WRITE ${control}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${control}/triggers)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME ${packages_devel})
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "models of heed for programs: headers and C++ libraries
 What programs in C and C++ are compiled with that use models of heed, train
 their own, or have attention mechanisms of their own.")
string(JOIN ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${packages_library} (= ${PROJECT_VERSION})" libdnnl-dev libgomp1 libsentencepiece-dev libprotobuf-dev
       libicu-dev libyaml-cpp-dev libfmt-dev zlib1g-dev libzstd-dev libxxhash-dev libedit-dev libmicrohttpd-dev libcairo2-dev libpango1.0-dev libfontconfig-dev)

if(HEED_PYTHON)
  find_package(Python 3.10 REQUIRED COMPONENTS Interpreter)
  set(modules lib/python3/dist-packages/heed)
  install(TARGETS _heed LIBRARY DESTINATION ${modules} COMPONENT debian_python EXCLUDE_FROM_ALL)
  install(DIRECTORY bindings/python/heed/ DESTINATION ${modules} COMPONENT debian_python EXCLUDE_FROM_ALL PATTERN __pycache__ EXCLUDE)
  set(CPACK_DEBIAN_DEBIAN_PYTHON_PACKAGE_NAME ${packages_debian_python})
  set(CPACK_DEBIAN_DEBIAN_PYTHON_PACKAGE_SECTION python)
  set(CPACK_DEBIAN_DEBIAN_PYTHON_PACKAGE_SHLIBDEPS ON)
  math(EXPR next_minor "${Python_VERSION_MINOR} + 1")
  set(CPACK_DEBIAN_DEBIAN_PYTHON_PACKAGE_DEPENDS
      "python3-numpy, python3 (>= 3.${Python_VERSION_MINOR}), python3 (<< 3.${next_minor})")
  set(CPACK_DEBIAN_DEBIAN_PYTHON_DESCRIPTION "models of heed for Python: train, translate, score, align
 The module heed translates with models of heed, trains them, and shows what
 they attend to, with NumPy arrays.")
endif()
set(CPACK_COMPONENTS_ALL ${packaged} engine)

include(CPack)
cpack_add_component(runtime DESCRIPTION "trains models that attend, translates with them, and shows what they attend to
 One command trains a sequence-to-sequence LSTM with an attention mechanism,
 translates, scores and aligns with it, evaluates what it says, and draws what
 it attends to.")
cpack_add_component(library DESCRIPTION "models of heed for programs: translate, score, align
 A library with a C interface that translates with models of heed, and tells
 what they attend to.")
cpack_add_component_group(development)
foreach(component devel engine)
  cpack_add_component(${component} GROUP development)
endforeach()
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
