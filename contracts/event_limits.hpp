// SPDX-License-Identifier: Apache-2.0
// How long texts in events may be, once for both ends: whoever writes more than its reader takes has its events set aside, and no mail goes
// out. The schemas beside this file say the same, in code points where they count characters.
#pragma once

#include <cstddef>

namespace micro_sayur::event_limits {

inline constexpr std::size_t most_bytes_of_code_point = 4;  // RFC 3629

inline constexpr std::size_t most_code_points_of_name = 400;
inline constexpr std::size_t longest_name = most_code_points_of_name * most_bytes_of_code_point;
inline constexpr std::size_t longest_address = 254;  // RFC 5321 section 4.5.3.1.3 without its angle brackets
inline constexpr std::size_t longest_link = 2048;
inline constexpr std::size_t longest_network = 64;

}  // namespace micro_sayur::event_limits
