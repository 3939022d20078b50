// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/event.hpp"

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace micro_sayur::async {

/// Coroutines that name the same key go one after the other, first come, first served. Thread-safe; outlives whoever waits or holds.
class turns {
 public:
  /// At most `most_waiting` wait for one key.
  explicit turns(std::size_t most_waiting) : most_waiting_(most_waiting) {}

  /// Ends when its last copy is destroyed, on any thread.
  using turn = std::shared_ptr<void>;

  /// Suspends until nobody has the key; null at once when too many wait.
  task<turn> take(std::string key);

 private:
  struct waiter {
    one_shot<bool> ready;
    std::shared_ptr<bool> was_called;  ///< the turn is the waiter's by now, whether it still waits or not
  };
  using waiters = std::list<waiter>;

  turn hold(std::string key);
  void pass_on(const std::string& key);

  const std::size_t most_waiting_;
  std::mutex mutex_;
  std::map<std::string, waiters, std::less<>> lines_;  ///< a key is held as long as it is here
};

}  // namespace micro_sayur::async
