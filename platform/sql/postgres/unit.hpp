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

  /// A transaction that lost against others is sent again so often at most, within its deadline.
  static constexpr int most_repeats = 4;

  /// Whether its failure may pass, and somebody still waits.
  bool may_be_sent_again(time_point now) const {
    if (!whole || !reply.is_awaited() || now >= deadline) return false;
    return (means.prepare_again && !prepared_again) || (means.try_again && repeats < most_repeats);
  }

  /// Counts it; then the unit is as it was before it was sent.
  void forget_failure() {
    prepared_again = prepared_again || means.prepare_again;
    repeats += means.try_again ? 1 : 0;
    error = nullptr;
    answers.clear();
  }
};

}  // namespace micro_sayur::sql::postgres
