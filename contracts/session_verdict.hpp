// SPDX-License-Identifier: Apache-2.0
// What user-service notes about sessions in the shared cache, where notification-service reads it. Notes expire; a session without
// one is asked about.
#pragma once

#include <string>
#include <string_view>

namespace micro_sayur::session_verdict {

inline constexpr std::string_view live = "live";  ///< true for half a second
inline constexpr std::string_view ended = "ended";

/// `session_id`: a UUID in its text form.
inline std::string key_of(std::string_view session_id) { return std::string("session:").append(session_id); }

}  // namespace micro_sayur::session_verdict
