// SPDX-License-Identifier: Apache-2.0
// How many mails of one kind strangers can have sent to one address (docs/adr/0009-mails-are-rationed.md).
#pragma once

#include <chrono>
#include <cstdint>

namespace micro_sayur::user_service {

inline constexpr auto mail_window = std::chrono::hours(1);
inline constexpr std::int64_t most_mails_by_one_client = 10;
inline constexpr std::int64_t most_mails_by_all_clients = 40;

}  // namespace micro_sayur::user_service
