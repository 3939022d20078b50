// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/system.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace micro_sayur::user_service {

/// A profile as it goes out.
struct rendered_profile {
  std::string body;
  std::string tag;  ///< of the ETag, without its quotes
};

/// Profiles of the last moments. What this process changes is seen at once, what another instance changes within `lifetime`. Thread-safe.
class profile_cache {
 public:
  static constexpr auto lifetime = std::chrono::milliseconds(1000);
  static constexpr std::size_t most_entries = 20'000;

  explicit profile_cache(const clock_source& clock) : clock_(clock) {}

  std::shared_ptr<const rendered_profile> find(const uuid& id);

  /// A generation to be taken before the account is read, and given to `keep`: what was read before a change is then not kept.
  std::uint64_t generation() const;
  void keep(const uuid& id, std::shared_ptr<const rendered_profile> profile, std::uint64_t read_in);
  void forget(const uuid& id);

 private:
  struct entry {
    std::shared_ptr<const rendered_profile> profile;
    std::chrono::steady_clock::time_point expires;
  };

  const clock_source& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<uuid, entry> entries_;
  std::uint64_t generation_ = 0;
};

}  // namespace micro_sayur::user_service
