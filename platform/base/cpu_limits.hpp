// SPDX-License-Identifier: Apache-2.0
// How much of the machine this process may use: CPU affinity and control groups, version 1 or 2.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace micro_sayur {

struct machine_limits {
  unsigned cores = 1;                         ///< whole cores, rounded up, at least 1
  std::optional<std::uint64_t> memory_bytes;  ///< nullopt: no limit is set
};

/// Reads affinity and the control group of this process. `root` stands for "/" in tests. Never throws: what cannot be
/// read does not limit.
machine_limits read_machine_limits(const std::filesystem::path& root = "/");

}  // namespace micro_sayur
