// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::telemetry {
namespace {

TEST(Metrics, RendersWhatWasRegistered) {
  metrics subject("1.2.3");
  subject.counter("sayur_http_requests_total", "Requests.", {{"route", "/a"}}).Increment(2);
  subject.counter("sayur_http_requests_total", "Requests.", {{"route", "/b"}}).Increment();
  int scrapes = 0;
  subject.on_scrape([&] { ++scrapes; });
  const auto text = subject.render();
  EXPECT_EQ(scrapes, 1);
  EXPECT_THAT(text, testing::HasSubstr("sayur_http_requests_total{route=\"/a\"} 2"));
  EXPECT_THAT(text, testing::HasSubstr("sayur_http_requests_total{route=\"/b\"} 1"));
  EXPECT_THAT(text, testing::HasSubstr("sayur_build_info{version=\"1.2.3\"} 1"));
  EXPECT_THAT(text, testing::HasSubstr("process_resident_memory_bytes"));
}

}  // namespace
}  // namespace micro_sayur::telemetry
