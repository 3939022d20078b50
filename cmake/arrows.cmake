# SPDX-License-Identifier: Apache-2.0
# The direction of dependencies, enforced: a file may include headers of its own target and of those that this links,
# directly or not. Which target a header belongs to follows from its folder. check_arrows.cmake compares, at each build.

# micro_sayur_remember_arrows(TARGET FILES LINKS)
function(micro_sayur_remember_arrows target files links)
  set(folders "")
  foreach(file IN LISTS files)
    get_filename_component(path ${file} ABSOLUTE)
    get_filename_component(folder ${path} DIRECTORY)
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${folder})
    list(APPEND folders ${folder})
  endforeach()
  list(REMOVE_DUPLICATES folders)
  set_property(GLOBAL PROPERTY MICRO_SAYUR_FOLDERS_${target} ${folders})
  set_property(GLOBAL PROPERTY MICRO_SAYUR_LINKS_${target} ${links})
  set_property(GLOBAL APPEND PROPERTY MICRO_SAYUR_TARGETS ${target})
endfunction()

# Every target that `target` links, directly or not, and itself.
function(micro_sayur_closure target result)
  set(seen ${target})
  set(open ${target})
  while(open)
    list(POP_FRONT open next)
    get_property(links GLOBAL PROPERTY MICRO_SAYUR_LINKS_${next})
    foreach(link IN LISTS links)
      if(NOT link IN_LIST seen)
        list(APPEND seen ${link})
        list(APPEND open ${link})
      endif()
    endforeach()
  endwhile()
  set(${result} ${seen} PARENT_SCOPE)
endfunction()

# Writes `set(ALLOWED_<folder> folder...)` lines for check_arrows.cmake. Called when every target is known.
function(micro_sayur_write_arrows)
  get_property(targets GLOBAL PROPERTY MICRO_SAYUR_TARGETS)
  set(owned "")
  foreach(target IN LISTS targets)
    micro_sayur_closure(${target} closure)
    set(reachable "")
    foreach(linked IN LISTS closure)
      get_property(folders GLOBAL PROPERTY MICRO_SAYUR_FOLDERS_${linked})
      list(APPEND reachable ${folders})
    endforeach()
    get_property(folders GLOBAL PROPERTY MICRO_SAYUR_FOLDERS_${target})
    foreach(folder IN LISTS folders)
      list(APPEND owned ${folder})
      list(APPEND "allowed_${folder}" ${reachable})
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES owned)
  set(text "set(OWNED \"${owned}\")\n")
  foreach(folder IN LISTS owned)
    list(REMOVE_DUPLICATES "allowed_${folder}")
    string(APPEND text "set(\"ALLOWED_${folder}\" \"${allowed_${folder}}\")\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/arrows.cmake CONTENT "${text}" @ONLY)
endfunction()

file(GLOB_RECURSE micro_sayur_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/platform/*.[ch]pp ${CMAKE_SOURCE_DIR}/services/*.[ch]pp)
add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/arrows.stamp
  COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_SOURCE_DIR} -DARROWS=${CMAKE_BINARY_DIR}/arrows.cmake -P ${CMAKE_SOURCE_DIR}/cmake/check_arrows.cmake
  COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/arrows.stamp
  DEPENDS ${micro_sayur_files} ${CMAKE_BINARY_DIR}/arrows.cmake ${CMAKE_SOURCE_DIR}/cmake/check_arrows.cmake
  COMMENT "Checking the direction of includes" VERBATIM)
add_custom_target(check_arrows ALL DEPENDS ${CMAKE_BINARY_DIR}/arrows.stamp)
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL micro_sayur_write_arrows)
