// SPDX-License-Identifier: Apache-2.0
// Compiled once: Asio's implementation for every target that includes its declarations (BOOST_ASIO_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
