// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/log.hpp"

#include "platform/json/reader.hpp"
#include "platform/test_support/manual_clock.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <functional>

namespace micro_sayur::telemetry {
namespace {

/// Everything that `act` logs.
std::string logged(level threshold, const std::function<void(logger&)>& act) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  {
    const manual_clock clock(timestamp{std::chrono::seconds{1}});
    log_writer writer(ends[1]);
    logger log(writer, clock, "user-service", threshold);
    act(log);
  }
  ::close(ends[1]);
  std::string text(65536, '\0');
  const auto size = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return text;
}

TEST(Logger, WritesOneJsonObjectALine) {
  const auto text = logged(level::info, [](logger& log) {
    log.info("request", {{"http.response.status_code", 200}, {"http.route", "/a\"b"}, {"ratio", 1.5}, {"cached", true}});
    log.error("failed");
  });
  EXPECT_EQ(
      text,
      R"({"@timestamp":"1970-01-01T00:00:01.000000Z","log.level":"info","service.name":"user-service","message":"request","http.response.status_code":200,"http.route":"/a\"b","ratio":1.5,"cached":true})"
      "\n"
      R"({"@timestamp":"1970-01-01T00:00:01.000000Z","log.level":"error","service.name":"user-service","message":"failed"})"
      "\n");
}

TEST(Logger, LeavesOutWhatIsBelowTheThreshold) {
  EXPECT_EQ(logged(level::warning, [](logger& log) { log.info("quiet"); }), "");
}

TEST(Logger, StaysParsableWhateverTheBytes) {
  const auto text = logged(level::info, [](logger& log) { log.info("m", {{"path", "\xff\n\x01"}}); });
  EXPECT_TRUE(json::parse(text)) << text;
}

TEST(Logger, TellsTerminalsNothing) {
  const std::string path = "/\u009b31m\x7f\u0085\u2028\u2029 caf\u00e9 \u00a0\u2026\x1b";
  const auto text = logged(level::info, [&](logger& log) { log.info(path, {{"path", path}}); });
  for (const auto* raw : {"\u009b", "\x7f", "\u0085", "\u2028", "\u2029", "\x1b"}) EXPECT_EQ(text.find(raw), std::string::npos) << text;
  const auto line = json::parse(text);
  ASSERT_TRUE(line) << text;
  EXPECT_EQ(line->at("path").as_string(), path);
  EXPECT_EQ(line->at("message").as_string(), path);
}

}  // namespace
}  // namespace micro_sayur::telemetry
