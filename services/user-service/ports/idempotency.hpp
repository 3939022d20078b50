// SPDX-License-Identifier: Apache-2.0
// Idempotency-Key: the same request again gets the same answer, and happens once.
#pragma once

#include "platform/async/task.hpp"
#include "platform/base/time.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace micro_sayur::user_service {

inline constexpr auto idempotency_lifetime = std::chrono::hours(24);

/// What a request with a key leaves behind, in the same transaction as its effect.
struct idempotency_claim {
  std::string route;
  std::string key;
  std::array<std::uint8_t, 32> fingerprint{};                           ///< an HMAC of the body, since bodies hold passwords
  std::vector<std::array<std::uint8_t, 32>> earlier_fingerprints = {};  ///< the same under keys that were in use before
  unsigned status = 0;
  std::string body;
};

/// What an earlier request with the same route and key left.
struct idempotency_record {
  std::array<std::uint8_t, 32> fingerprint{};
  unsigned status = 0;
  std::string body;
};

enum class claim_outcome {
  done,      ///< the effect took place
  repeated,  ///< the key was used before; the record tells by which request
  running    ///< another request with this key has not ended yet
};

class idempotency_store {
 public:
  virtual ~idempotency_store() = default;

  /// A record not older than idempotency_lifetime, by the store's clock.
  virtual async::task<std::optional<idempotency_record>> find(std::string route, std::string key) = 0;
};

}  // namespace micro_sayur::user_service
