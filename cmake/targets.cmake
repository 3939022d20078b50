# SPDX-License-Identifier: Apache-2.0
# The vocabulary in which every CMakeLists.txt of the project is written. A target may include headers only of the
# targets that it links: check_arrows.cmake, run by each build, refuses any other include.

find_package(Threads REQUIRED)
include(arrows)

# All test programs of a lane: cmake --build build/dev --target unit_tests
foreach(lane IN ITEMS unit contract)
  add_custom_target(${lane}_tests)
endforeach()
add_custom_target(fuzz_targets)

# micro_sayur_library(NAME SOURCES file... [LINKS target...] [PRIVATE_LINKS target...])
# LINKS name both the project's own targets and imported ones. Its headers are those beside its sources; headers in a folder
# without sources are declared with micro_sayur_headers.
function(micro_sayur_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  micro_sayur_remember_arrows(${name} "${ARG_SOURCES}" "${ARG_LINKS};${ARG_PRIVATE_LINKS}")
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/services)
  target_link_libraries(${name} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
  micro_sayur_precompile(${name})
endfunction()

# micro_sayur_headers(NAME FOLDERS folder... [LINKS target...]): folders that hold nothing but headers, such as ports.
function(micro_sayur_headers name)
  cmake_parse_arguments(ARG "" "" "FOLDERS;LINKS" ${ARGN})
  list(TRANSFORM ARG_FOLDERS APPEND /any.hpp OUTPUT_VARIABLE headers)
  micro_sayur_remember_arrows(${name} "${headers}" "${ARG_LINKS}")
  add_library(${name} INTERFACE)
  target_include_directories(${name} INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/services)
  target_link_libraries(${name} INTERFACE ${ARG_LINKS})
endfunction()

# micro_sayur_program(NAME SOURCES file... LINKS target...): a binary of the product, in build/<preset>/bin.
function(micro_sayur_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  micro_sayur_remember_arrows(${name} "${ARG_SOURCES}" "${ARG_LINKS}")
  add_executable(${name} ${ARG_SOURCES})
  add_dependencies(${name} check_arrows)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/services)
  target_link_libraries(${name} PRIVATE ${ARG_LINKS})
  micro_sayur_precompile(${name})
endfunction()

# micro_sayur_test(LANE NAME SOURCES file... LINKS target...): a GoogleTest program build/<preset>/bin/tests/<LANE>_<NAME>.
function(micro_sayur_test lane name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  set(target ${lane}_${name})
  micro_sayur_remember_arrows(${target} "${ARG_SOURCES}" "${ARG_LINKS}")
  if(NOT MICRO_SAYUR_TESTS)
    return()
  endif()
  add_executable(${target} ${ARG_SOURCES})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/services)
  target_link_libraries(${target} PRIVATE ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/tests)
  target_compile_definitions(${target} PRIVATE MICRO_SAYUR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  micro_sayur_precompile(${target})
  add_dependencies(${lane}_tests ${target})
  add_dependencies(${target} check_arrows)
endfunction()

# micro_sayur_fuzzer(NAME SOURCES file... LINKS target...): a libFuzzer program build/fuzz/bin/fuzz/<NAME>, when MICRO_SAYUR_FUZZ is on.
function(micro_sayur_fuzzer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  micro_sayur_remember_arrows(fuzz_${name} "${ARG_SOURCES}" "${ARG_LINKS}")
  if(NOT MICRO_SAYUR_FUZZ)
    return()
  endif()
  add_executable(fuzz_${name} ${ARG_SOURCES})
  target_include_directories(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/services)
  target_link_libraries(fuzz_${name} PRIVATE ${ARG_LINKS})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(fuzz_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/fuzz OUTPUT_NAME ${name})
  add_dependencies(fuzz_targets fuzz_${name})
endfunction()

# One precompiled header for all: Asio's coroutines and the standard headers that nearly every file reads.
function(micro_sayur_precompile target)
  target_link_libraries(${target} PRIVATE micro_sayur_precompiled)
  target_precompile_headers(${target} REUSE_FROM micro_sayur_precompiled)
endfunction()
