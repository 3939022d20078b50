// SPDX-License-Identifier: Apache-2.0
// What travels to the server in one piece and succeeds or fails as one.
#pragma once

#include "platform/async/reply.hpp"
#include "platform/sql/database.hpp"
#include "platform/sql/ruling.hpp"

#include <chrono>
#include <exception>
#include <string>
#include <vector>

namespace micro_sayur::sql::postgres {

using time_point = std::chrono::steady_clock::time_point;
using results = std::vector<result>;

/// Calls up to one Sync, or a script.
struct unit {
  std::vector<call> calls = {};
  std::string script = {};  ///< when not empty, runs instead of the calls, by the simple protocol
  time_point deadline = time_point::max();
  async::reply<results> reply = {};
  results answers = {};
  bool whole = true;  ///< a transaction by itself, which may be sent again when it took no effect; false: a part of one
  std::exception_ptr error = {};
  ruling means = {};  ///< of `error`
  int repeats = 0;
  bool prepared_again = false;
};

}  // namespace micro_sayur::sql::postgres
