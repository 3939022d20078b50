// SPDX-License-Identifier: Apache-2.0
// How many mails of one kind strangers can have sent to one address, and how many new passwords a client can ask for
// (docs/adr/0009-mails-are-rationed.md).
#pragma once

#include <chrono>
#include <cstdint>

namespace micro_sayur::user_service {

inline constexpr auto mail_window = std::chrono::hours(1);
inline constexpr std::int64_t most_mails_by_one_client = 10;
inline constexpr std::int64_t most_mails_by_a_home = 20;  ///< by all networks of an IPv6 /56
inline constexpr std::int64_t most_mails_by_a_site = 30;  ///< by all of a /48: one home does not use that up, nor one site what all have
inline constexpr std::int64_t most_mails_by_all_clients = 40;

/// Requests of a client network for a new password, whatever the address: as many as it may fail to log in.
inline constexpr auto request_window = std::chrono::minutes(15);
inline constexpr std::int64_t most_requests_by_one_client = 100;

/// In all instances together, about: no more are taken then.
inline constexpr std::int64_t most_waiting_requests = 10'000;

}  // namespace micro_sayur::user_service
