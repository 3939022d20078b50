// SPDX-License-Identifier: Apache-2.0
// The kinds of keys that user-service keeps in a cache, and how many entries of each an instance holds where the cache is in the process.
// Redis is given memory for as many (docs/operations/servers.md).
#pragma once

#include "platform/cache/in_process.hpp"

#include <string_view>
#include <vector>

namespace micro_sayur::user_service::cache_keys {

inline constexpr std::string_view blocked = "throttle:blocked:";
inline constexpr std::string_view turn = "throttle:turn:";
inline constexpr std::string_view watched = "throttle:watched:";
inline constexpr std::string_view failures = "throttle:failures:";
inline constexpr std::string_view account = "account:";
inline constexpr std::string_view device = "device:";
inline constexpr std::string_view network = "network:";
inline constexpr std::string_view mails = "mails:";
inline constexpr std::string_view requests = "throttle:requests:";

/// A delay never makes room for another: a stranger who fills the store would end those that bind him.
inline std::vector<cache::budget> budgets() {
  const auto of = [](std::string_view kind, std::string_view subject = "") { return std::string(kind) + std::string(subject); };
  return {{of(blocked), 100'000, cache::budget::when_full::refuse},
          {of(turn), 10'000},
          {of(watched, network), 50'000},
          {of(failures, account), 100'000},
          {of(failures, device), 50'000},
          {of(failures, network), 50'000},
          {of(mails), 100'000},
          {of(requests), 50'000}};
}

}  // namespace micro_sayur::user_service::cache_keys
