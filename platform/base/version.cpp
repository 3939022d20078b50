// SPDX-License-Identifier: Apache-2.0
#include "platform/base/version.hpp"

namespace micro_sayur {

const std::string_view version = MICRO_SAYUR_VERSION;

}  // namespace micro_sayur
