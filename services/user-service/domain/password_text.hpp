// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace micro_sayur::user_service {

/// The password as it is hashed, whatever keyboard typed it: spaces outside ASCII become U+0020, then NFC (the mapping of RFC 8265
/// section 4.2, OpaqueString; not its refusals, which hit most emoji). Text that is not UTF-8 stays as it is. What it
/// returns is the only copy that it leaves.
std::string opaque_string(std::string_view typed);

}  // namespace micro_sayur::user_service
