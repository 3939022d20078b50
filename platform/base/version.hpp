// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace micro_sayur {

/// What the file VERSION said when this program was built, such as "1.0.0" (SemVer).
extern const std::string_view version;

}  // namespace micro_sayur
