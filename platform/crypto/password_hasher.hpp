// SPDX-License-Identifier: Apache-2.0
// The port through which use cases hash passwords.
#pragma once

#include "platform/async/task.hpp"
#include "platform/crypto/password.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace micro_sayur::crypto {

using password_salt = std::array<std::uint8_t, 16>;

/// Hashes are PHC strings, which carry their own salt and parameters. Thread-safe. The coroutines compute elsewhere than on the
/// caller's thread and throw async::overloaded at once when too many wait, in all or of one client. Clients take turns: `client` names
/// whose turn it is, such as the network of an address; "" is this program itself.
class password_hasher {
 public:
  virtual ~password_hasher() = default;

  virtual async::task<std::string> hash(password what, std::string client) = 0;

  /// With that salt: the same password yields the same hash, which can be looked for. The salt must differ from user to user.
  virtual async::task<std::string> hash(password what, password_salt salt, std::string client) = 0;

  /// False also for a stored hash that is malformed or costs more than this program is willing to spend.
  virtual async::task<bool> verify(password what, std::string stored, std::string client) = 0;

  /// Whether `stored` was made with other parameters than hash() uses now.
  virtual bool needs_rehash(std::string_view stored) const = 0;
};

}  // namespace micro_sayur::crypto
