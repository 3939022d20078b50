// SPDX-License-Identifier: Apache-2.0
#include "platform/base/cpu_limits.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

namespace micro_sayur {
namespace {

namespace fs = std::filesystem;

unsigned affinity_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
}

std::optional<std::string> first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  return line;
}

std::optional<double> number(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  try {
    return std::stod(*text);
  } catch (const std::exception&) {
    return std::nullopt;  // "max", the word for no limit
  }
}

/// The folders of this process's group from the innermost to the root, for version 1 with `controller`, for version 2 with "".
std::vector<fs::path> group_folders(const fs::path& root, const std::string& controller) {
  std::ifstream in(root / "proc/self/cgroup");
  std::string line;
  std::string path = "/";
  while (std::getline(in, line)) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const auto controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    if (controller.empty() ? controllers == ",," : controllers.find("," + controller + ",") != std::string::npos)
      path = line.substr(second + 1);
  }
  const fs::path mount = root / "sys/fs/cgroup" / controller;
  std::vector<fs::path> folders;
  for (fs::path group = path;; group = group.parent_path()) {
    folders.push_back(mount / group.relative_path());
    if (group == group.parent_path()) return folders;
  }
}

std::optional<double> cpu_quota(const fs::path& root) {
  std::optional<double> lowest;
  const auto keep = [&](double cores) { lowest = std::min(lowest.value_or(cores), cores); };
  for (const auto& folder : group_folders(root, "")) {
    const auto line = first_line(folder / "cpu.max");  // "20000 100000" or "max 100000"
    if (!line) continue;
    const auto space = line->find(' ');
    const auto quota = number(line->substr(0, space));
    const auto period = space == std::string::npos ? std::nullopt : number(line->substr(space + 1));
    if (quota && period && *period > 0) keep(*quota / *period);
  }
  for (const auto& folder : group_folders(root, "cpu")) {
    const auto quota = number(first_line(folder / "cpu.cfs_quota_us"));
    const auto period = number(first_line(folder / "cpu.cfs_period_us"));
    if (quota && period && *quota > 0 && *period > 0) keep(*quota / *period);
  }
  return lowest;
}

std::optional<std::uint64_t> memory_limit(const fs::path& root) {
  constexpr double unlimited = 1e15;  // version 1 says "no limit" with a number near 2^63
  std::optional<double> lowest;
  const auto keep = [&](std::optional<double> bytes) {
    if (bytes && *bytes > 0 && *bytes < unlimited) lowest = std::min(lowest.value_or(*bytes), *bytes);
  };
  for (const auto& folder : group_folders(root, "")) keep(number(first_line(folder / "memory.max")));
  for (const auto& folder : group_folders(root, "memory")) keep(number(first_line(folder / "memory.limit_in_bytes")));
  if (!lowest) return std::nullopt;
  return static_cast<std::uint64_t>(*lowest);
}

}  // namespace

machine_limits read_machine_limits(const fs::path& root) {
  machine_limits limits{.cores = affinity_cores(), .memory_bytes = memory_limit(root)};
  if (const auto quota = cpu_quota(root)) limits.cores = std::min(limits.cores, std::max(1U, static_cast<unsigned>(std::ceil(*quota))));
  return limits;
}

}  // namespace micro_sayur
