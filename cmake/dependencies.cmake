# SPDX-License-Identifier: Apache-2.0
# Every library the project uses, once. All are Debian 12 packages, named in tools/packages/*.txt.
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)

add_library(boost_asio INTERFACE)
target_link_libraries(boost_asio INTERFACE Boost::headers Boost::json Boost::url OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
target_compile_definitions(boost_asio INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_DISABLE_BOOST_COROUTINE)

foreach(package IN ITEMS libpq sqlite3 hiredis librabbitmq libcurl libsodium cjose prometheus-cpp-core libidn2)
  string(REPLACE "prometheus-cpp-core" "prometheus" target ${package})
  pkg_check_modules(${target} REQUIRED IMPORTED_TARGET GLOBAL ${package})
endforeach()

add_library(unistring INTERFACE)
target_link_libraries(unistring INTERFACE -lunistring)

add_library(zxcvbn INTERFACE)
target_link_libraries(zxcvbn INTERFACE -lzxcvbn)

if(MICRO_SAYUR_TESTS OR NOT DEFINED MICRO_SAYUR_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()

# The header that micro_sayur_precompile() hands to every target.
add_library(micro_sayur_precompiled STATIC ${CMAKE_SOURCE_DIR}/cmake/precompiled.cpp)
target_link_libraries(micro_sayur_precompiled PUBLIC boost_asio fmt::fmt)
target_precompile_headers(micro_sayur_precompiled PRIVATE
  <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp> <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>
  <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp> <fmt/core.h>
  <algorithm> <array> <chrono> <cstdint> <deque> <expected> <functional> <map> <memory> <optional> <span> <string> <string_view> <thread>
  <unordered_map> <utility> <variant> <vector>)
