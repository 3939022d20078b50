// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/measured_store.hpp"

#include "platform/async/runtime.hpp"
#include "platform/test_support/fragile_store.hpp"
#include "platform/test_support/manual_clock.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::cache {
namespace {

using ::testing::HasSubstr;

TEST(MeasuredStore, MeasuresEachCallAndCountsThoseThatFailed) {
  telemetry::metrics metrics("test");
  manual_clock clock;
  test::fragile_store inner(clock);
  measured_store measured(inner, metrics);
  async::runtime cores(1);
  cores.run_until_done([&]() -> async::task<> {
    co_await measured.set("key", "value", std::chrono::seconds(10));
    EXPECT_EQ(co_await measured.get("key"), "value");
    inner.away = true;
    EXPECT_THROW(co_await measured.get("key"), unavailable);
  });
  EXPECT_THAT(metrics.render(), HasSubstr("sayur_cache_call_seconds_count 3"));
  EXPECT_THAT(metrics.render(), HasSubstr("sayur_cache_failures_total 1"));
}

}  // namespace
}  // namespace micro_sayur::cache
