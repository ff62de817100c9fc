# Manual pages and completions, which the binary tells: installed with it, in the folders where Debian's man, bash, zsh and fish look.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  return() # nothing runs it
endif()
set(told ${CMAKE_BINARY_DIR}/told)
set(heed_that_runs ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:heed_app>)
add_custom_command(OUTPUT ${told}/man1/heed.1.gz DEPENDS heed_app ${CMAKE_CURRENT_LIST_DIR}/TellFiles.cmake VERBATIM
                   COMMAND ${CMAKE_COMMAND} "-DHEED=${heed_that_runs}" -DFOLDER=${told} -P ${CMAKE_CURRENT_LIST_DIR}/TellFiles.cmake)
add_custom_target(heed_told ALL DEPENDS ${told}/man1/heed.1.gz)
install(DIRECTORY ${told}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT runtime)
install(FILES ${told}/bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME heed COMPONENT runtime)
install(FILES ${told}/zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _heed COMPONENT runtime)
install(FILES ${told}/fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME heed.fish COMPONENT runtime)
