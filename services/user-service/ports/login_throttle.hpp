// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace micro_sayur::user_service {

/// Who tries a password, and on which account.
struct login_attempt {
  std::string account;  ///< the key of an address, whether it has an account or not
  std::string network;  ///< of the client
  std::string device;   ///< of a client that has signed in to this account before; "" for a stranger
};

enum class attempt_result { succeeded, failed, unknown };

/// Counts failures per account, per client network and per its site, and of known devices for each by itself: what strangers do never binds
/// the owner's devices. Attempts on one account take turns over all instances, and in each instance those of a network that has no free
/// failures left, so that many at once get no more tries than one after the other. Answers always: without its store each instance counts
/// for itself.
class login_throttle {
 public:
  virtual ~login_throttle() = default;

  /// Ends when `settle` was called, or when it is destroyed.
  struct turn {
    login_attempt of;
    std::shared_ptr<void> place;  ///< in this process
    std::vector<std::shared_ptr<void>> network_places;
    std::string owner;  ///< of the turn over all instances
  };
  struct refused {
    std::chrono::seconds wait;
  };

  /// Waits for the attempt's turn; refused when it has to wait longer, and then nothing was counted.
  virtual async::task<std::variant<turn, refused>> begin(login_attempt what) = 0;

  /// To be called once for each turn. How long the next attempt has to wait, when this one began a delay or made it longer; else 0 s.
  virtual async::task<std::chrono::seconds> settle(turn which, attempt_result result) = 0;

  /// Forgets the failures of strangers on an account: its owner has proved who he is by other means.
  virtual async::task<> clear(std::string account) = 0;
};

}  // namespace micro_sayur::user_service
