// SPDX-License-Identifier: Apache-2.0
#include "platform/base/cpu_limits.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>

namespace micro_sayur {
namespace {

namespace fs = std::filesystem;

class MachineLimits : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("limits-" + std::to_string(::getpid()));
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text << "\n";
  }

  fs::path root_;
};

TEST_F(MachineLimits, VersionTwoTakesTheTightestAncestor) {
  write("proc/self/cgroup", "0::/pods/one");
  write("sys/fs/cgroup/pods/cpu.max", "20000 100000");
  write("sys/fs/cgroup/pods/one/cpu.max", "max 100000");
  write("sys/fs/cgroup/pods/one/memory.max", "268435456");
  const auto limits = read_machine_limits(root_);
  EXPECT_EQ(limits.cores, 1U);
  EXPECT_EQ(limits.memory_bytes, 268435456U);
}

TEST_F(MachineLimits, VersionOneReadsItsControllers) {
  write("proc/self/cgroup", "4:cpu,cpuacct:/box\n3:memory:/box");
  write("sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "50000");
  write("sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000");
  write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "134217728");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
  const auto limits = read_machine_limits(root_);
  EXPECT_EQ(limits.cores, 1U);
  EXPECT_EQ(limits.memory_bytes, 134217728U);
}

TEST_F(MachineLimits, NothingReadableLimitsNothing) {
  const auto limits = read_machine_limits(root_);
  EXPECT_GE(limits.cores, 1U);
  EXPECT_FALSE(limits.memory_bytes);
}

}  // namespace
}  // namespace micro_sayur
