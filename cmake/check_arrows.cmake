# SPDX-License-Identifier: Apache-2.0
# cmake -DSOURCE_DIR=... -DARROWS=build/.../arrows.cmake -P check_arrows.cmake: fails when a file includes what its place in the
# architecture does not allow. The rules: what its target links (arrows.cmake), the layers of a
# service, and that no service knows another.
cmake_minimum_required(VERSION 3.25)
include(${ARROWS})

# What each layer of services/<service> may include of the project and of the libraries; `@` stands for the service.
set(LAYER_domain "^(services/@/domain|platform/base)/")
set(LAYER_ports "^(services/@/(domain|ports)|platform/(base|async))/")
set(LAYER_app "^(services/@/(domain|ports|app)|platform/(base|async|crypto))/")
set(FOREIGN_TO_ports "^(boost/(beast|json)|libpq-fe|sqlite3|hiredis|rabbitmq-c|amqp|curl/)")
set(FOREIGN_TO_app "${FOREIGN_TO_ports}")
set(FOREIGN_TO_domain "^(boost/|libpq-fe|sqlite3|hiredis|rabbitmq-c|amqp|curl/)")

set(faults "")

function(refuse file header reason)
  set(faults ${faults} "${file} includes ${header}: ${reason}" PARENT_SCOPE)
endfunction()

# The nearest folder above `path` that belongs to a target.
function(owner_of path result)
  cmake_path(GET path PARENT_PATH folder)
  while(folder AND NOT folder IN_LIST OWNED)
    cmake_path(GET folder PARENT_PATH folder)
  endwhile()
  set(${result} "${folder}" PARENT_SCOPE)
endfunction()

# The path from the root of the project's header `name`, or "" for a library's header.
function(resolve name result)
  set(${result} "" PARENT_SCOPE)
  foreach(path IN ITEMS ${name} services/${name})
    if(path MATCHES "^(platform|services)/" AND EXISTS ${SOURCE_DIR}/${path})
      set(${result} ${path} PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

function(check_layer file name header)
  if(NOT file MATCHES "^services/([^/]+)/(domain|ports|app)/")
    return()
  endif()
  set(layer ${CMAKE_MATCH_2})
  string(REPLACE "@" "${CMAKE_MATCH_1}" allowed "${LAYER_${layer}}")
  if(header AND NOT header MATCHES "${allowed}")
    refuse(${file} ${header} "${layer}/ may include ${allowed} only")
  elseif(NOT header AND name MATCHES "${FOREIGN_TO_${layer}}")
    refuse(${file} ${name} "${layer}/ knows no such library")
  endif()
  set(faults "${faults}" PARENT_SCOPE)
endfunction()

# The platform knows no service, and the services know each other only by their events; micro-sayur composes both.
function(check_service file header)
  if(NOT header MATCHES "^services/([^/]+)/")
    return()
  endif()
  if(NOT file MATCHES "^services/(${CMAKE_MATCH_1}|micro-sayur)/")
    refuse(${file} ${header} "it belongs to another service")
  endif()
  set(faults "${faults}" PARENT_SCOPE)
endfunction()

function(check_targets file header)
  owner_of(${file} from)
  owner_of(${header} to)
  if(from AND NOT from STREQUAL to AND NOT to IN_LIST "ALLOWED_${from}")
    refuse(${file} ${header} "no target of ${from} links the one of ${to}")
  endif()
  set(faults "${faults}" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE files RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/platform/*.[ch]pp ${SOURCE_DIR}/services/*.[ch]pp)
foreach(file IN LISTS files)
  file(STRINGS ${SOURCE_DIR}/${file} includes REGEX "^[ \t]*#[ \t]*include[ \t]*[<\"]")
  foreach(line IN LISTS includes)
    string(REGEX REPLACE "^[^<\"]*[<\"]([^>\"]+).*" "\\1" name "${line}")
    resolve("${name}" header)
    check_layer("${file}" "${name}" "${header}")
    if(header)
      check_service("${file}" "${header}")
      check_targets("${file}" "${header}")
    endif()
  endforeach()
endforeach()

if(faults)
  list(JOIN faults "\n  " text)
  message(FATAL_ERROR "forbidden includes:\n  ${text}")
endif()
