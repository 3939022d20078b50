// SPDX-License-Identifier: Apache-2.0
#include "platform/base/synchronised_clock.hpp"

#include <gtest/gtest.h>

namespace micro_sayur {
namespace {

using namespace std::chrono_literals;

TEST(SynchronisedClock, IsTheMachinesUntilItFollows) {
  const synchronised_clock subject;
  EXPECT_LT(std::chrono::abs(subject.machine_ahead()), 1s);
}

TEST(SynchronisedClock, StandsInTheMiddleOfQuestionAndAnswer) {
  synchronised_clock subject;
  const auto steady = subject.steady_now();
  const clock_reading reading{.asked = steady - 30ms, .theirs = *parse_rfc3339("2030-01-01T00:00:00Z"), .answered = steady - 10ms};
  EXPECT_EQ(reading.error(), 10ms);
  subject.follow(reading);
  const auto now = subject.now();
  EXPECT_GE(now, *parse_rfc3339("2030-01-01T00:00:00.020Z"));
  EXPECT_LT(now, *parse_rfc3339("2030-01-01T00:00:01Z"));
}

TEST(SynchronisedClock, TellsHowFarTheMachineIsOff) {
  synchronised_clock subject;
  const auto steady = subject.steady_now();
  const auto machine = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  subject.follow({.asked = steady, .theirs = machine - 10min, .answered = steady});
  EXPECT_GT(subject.machine_ahead(), 10min - 1s);
  EXPECT_LT(subject.machine_ahead(), 10min + 1s);
}

}  // namespace
}  // namespace micro_sayur
