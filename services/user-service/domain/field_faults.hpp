// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace micro_sayur::user_service {

/// What is wrong with one field of a command. Codes as in platform/json/about.hpp, and `too_weak` for passwords.
struct field_fault {
  std::string field;
  std::string code;
  std::string message;
};

using field_faults = std::vector<field_fault>;

}  // namespace micro_sayur::user_service
