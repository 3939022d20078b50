// SPDX-License-Identifier: Apache-2.0
// The port through which use cases hash passwords.
#pragma once

#include "platform/async/task.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace micro_sayur::crypto {

using password_salt = std::array<std::uint8_t, 16>;

/// Hashes are PHC strings, which carry their own salt and parameters. Thread-safe. The coroutines compute elsewhere than on the
/// caller's thread and throw async::overloaded at once when too many wait. Passwords handed over are wiped.
class password_hasher {
 public:
  virtual ~password_hasher() = default;

  virtual async::task<std::string> hash(std::string password) = 0;

  /// With that salt: the same password yields the same hash, which can be looked for. The salt must differ from user to user.
  virtual async::task<std::string> hash(std::string password, password_salt salt) = 0;

  /// False also for a stored hash that is malformed or costs more than this program is willing to spend.
  virtual async::task<bool> verify(std::string password, std::string stored) = 0;

  /// Costs what verify() does. For accounts that do not exist, so that the time of the answer does not tell.
  virtual async::task<> verify_dummy(std::string password) = 0;

  /// Whether `stored` was made with other parameters than hash() uses now.
  virtual bool needs_rehash(std::string_view stored) const = 0;
};

}  // namespace micro_sayur::crypto
