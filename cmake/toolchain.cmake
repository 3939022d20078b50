# SPDX-License-Identifier: Apache-2.0
# The compiler and the flags that every target shares.

# g++ before 13.3 miscompiles common co_await forms into double frees without a warning (docs/adr/0001-clang-and-coroutines.md).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13.3)
  message(FATAL_ERROR "g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutines; use a preset (clang++-19): cmake --preset dev")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

find_program(CCACHE ccache)
if(CCACHE)
  # A precompiled header is used through its content, not through its time stamp.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wno-missing-designated-field-initializers -Werror
                    -fPIE -Xclang -fno-pch-timestamp -fstack-protector-strong)
if(MICRO_SAYUR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
add_link_options(-pie -fuse-ld=lld -Wl,--as-needed -Wl,-z,relro,-z,now)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_FORTIFY_SOURCE=2)
  add_link_options(-Wl,--gc-sections,--icf=safe,-z,pack-relative-relocs)
  add_compile_options(-ffunction-sections -fdata-sections)
endif()
