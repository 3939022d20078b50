// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace micro_sayur::telemetry {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double total_pages = 0;
  double resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double open_file_descriptors() {
  std::error_code ignored;
  double count = 0;
  for (auto entry = std::filesystem::directory_iterator("/proc/self/fd", ignored); entry != std::filesystem::directory_iterator();
       entry.increment(ignored))
    ++count;
  return count;
}

double file_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

void add_process_metrics(metrics& registry) {
  auto& cpu = registry.counter("process_cpu_seconds_total", "User and system CPU time spent, in seconds.");
  auto& resident = registry.gauge("process_resident_memory_bytes", "Resident memory size, in bytes.");
  auto& descriptors = registry.gauge("process_open_fds", "Open file descriptors.");
  auto& limit = registry.gauge("process_max_fds", "The limit of open file descriptors.");
  auto& start = registry.gauge("process_start_time_seconds", "Start time of the process since the Unix epoch, in seconds.");
  start.Set(std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count());
  registry.on_scrape([&] {
    catch_up(cpu, cpu_seconds());
    resident.Set(resident_bytes());
    descriptors.Set(open_file_descriptors());
    limit.Set(file_descriptor_limit());
  });
}

}  // namespace micro_sayur::telemetry
