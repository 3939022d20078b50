// SPDX-License-Identifier: Apache-2.0
// Argon2id (RFC 9106) on the threads of a pool.
#pragma once

#include "platform/async/offload_pool.hpp"
#include "platform/base/client_network.hpp"
#include "platform/base/cpu_limits.hpp"
#include "platform/crypto/password_hasher.hpp"

namespace micro_sayur::crypto {

/// The defaults are OWASP's recommendation, with one lane.
struct argon2_parameters {
  std::uint32_t memory_kib = 19'456;
  std::uint32_t passes = 2;
};

/// How many hashes may be computed at a time: one per core, as far as memory beyond 96 MiB for everything else suffices; at least 1.
std::size_t concurrent_hashes(const machine_limits& limits, const argon2_parameters& parameters = {});

/// The pool on which hashes are computed, and whatever else of passwords takes milliseconds: as many threads as hashes may be computed at a
/// time, so that no client's work takes cores from the hash of another. 128 waiting per thread, some seconds of work, of which one client
/// can make half; those of one site share its turns.
struct hashing_pool : async::offload_pool {
  explicit hashing_pool(const machine_limits& limits)
      : offload_pool(concurrent_hashes(limits), 128 * concurrent_hashes(limits), 64 * concurrent_hashes(limits), client_site) {}
};

class argon2_password_hasher final : public password_hasher {
 public:
  /// Computes on `pool`, which outlives this. Throws std::runtime_error when libsodium cannot start.
  argon2_password_hasher(argon2_parameters parameters, async::offload_pool& pool);

  async::task<std::string> hash(password what, std::string client) override;
  async::task<std::string> hash(password what, password_salt salt, std::string client) override;
  async::task<bool> verify(password what, std::string stored, std::string client) override;
  bool needs_rehash(std::string_view stored) const override;

 private:
  const argon2_parameters parameters_;
  async::offload_pool& pool_;
};

}  // namespace micro_sayur::crypto
