// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// Failed attempts per account and per client address. Answers always: without its store each instance counts for itself.
class login_throttle {
 public:
  virtual ~login_throttle() = default;

  /// How long this attempt has to wait, or nullopt when it may proceed.
  virtual async::task<std::optional<std::chrono::seconds>> wait_for(std::string account, std::string client_address) = 0;
  virtual async::task<> failed(std::string account, std::string client_address) = 0;
  virtual async::task<> succeeded(std::string account) = 0;
};

}  // namespace micro_sayur::user_service
