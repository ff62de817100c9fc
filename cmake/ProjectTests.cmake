# Tests of the project as a whole: the floors of the house, and the installed package.

# A room that includes a header of a higher floor must not compile.
add_test(NAME house.upward_include_does_not_compile
         COMMAND ${CMAKE_COMMAND} -DCOMPILER=${CMAKE_CXX_COMPILER} -DSOURCE_DIR=${CMAKE_SOURCE_DIR}
                 -DBINARY_DIR=${CMAKE_BINARY_DIR} -P ${CMAKE_SOURCE_DIR}/cmake/UpwardInclude.cmake)

# The example of the README against the installed package.
add_test(NAME package.example_builds_against_the_installed_package
         COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_SOURCE_DIR} -DBINARY_DIR=${CMAKE_BINARY_DIR}
                 -DSANITIZE=${HEED_SANITIZE} -P ${CMAKE_SOURCE_DIR}/cmake/InstalledPackage.cmake)
set_tests_properties(package.example_builds_against_the_installed_package PROPERTIES TIMEOUT 300)

# The binary, as a user calls it.
find_program(BASH_PROGRAM bash REQUIRED)
add_test(NAME app.commands COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/src/app/tests/commands_test.sh $<TARGET_FILE:heed_app>)
add_test(NAME app.bad_input COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/src/app/tests/bad_input_test.sh $<TARGET_FILE:heed_app>)
set_tests_properties(app.commands app.bad_input PROPERTIES TIMEOUT 300)
