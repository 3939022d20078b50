// SPDX-License-Identifier: Apache-2.0
// One GET with libcurl, on a connection of its own.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace micro_sayur::curl {

struct get_request {
  std::string url;                             ///< http or https
  std::vector<std::string> header_lines = {};  ///< such as "Accept: application/json"
  std::chrono::milliseconds deadline;
  std::size_t size_limit;  ///< of the answer's body
};

struct get_answer {
  long status;
  std::string body;
};

/// Blocking; callable on any thread. No redirects, no proxy. Throws std::runtime_error with the reason when no whole answer came within
/// the deadline and the limit, setup_error when libcurl refuses the request.
get_answer get(const get_request& what);

}  // namespace micro_sayur::curl
