// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace micro_sayur::config {

/// What to look at when a server, or its library, says this.
struct hint {
  std::string_view said;
  std::string_view advice;  ///< plain words, and the variables
};

/// The advice of the first hint whose words stand in `why`, or `otherwise`.
inline std::string advice_for(std::string_view why, std::span<const hint> hints, std::string_view otherwise) {
  for (const auto& each : hints)
    if (why.find(each.said) != std::string_view::npos) return std::string(each.advice);
  return std::string(otherwise);
}

}  // namespace micro_sayur::config
