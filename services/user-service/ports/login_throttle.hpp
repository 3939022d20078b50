// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// Failed attempts per account and per client address. Answers always: without its store each instance counts for itself. An attempt counts
/// as failed from its beginning, so that many at once do not slip by; each `begin` that lets one proceed is followed by one of the others.
class login_throttle {
 public:
  virtual ~login_throttle() = default;

  /// How long this attempt has to wait, and then it was not counted; nullopt when it may proceed.
  virtual async::task<std::optional<std::chrono::seconds>> begin(std::string account, std::string client_address) = 0;

  /// The password was wrong.
  virtual async::task<> failed(std::string account, std::string client_address) = 0;

  /// The password was right: the failures of the account are forgotten.
  virtual async::task<> succeeded(std::string account, std::string client_address) = 0;

  /// Nobody knows whether the password was right.
  virtual async::task<> abandoned(std::string account, std::string client_address) = 0;
};

}  // namespace micro_sayur::user_service
