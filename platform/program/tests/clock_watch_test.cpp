// SPDX-License-Identifier: Apache-2.0
#include "platform/program/clock_watch.hpp"

#include "platform/async/runtime.hpp"
#include "platform/sql/sqlite/sqlite.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace micro_sayur::program {
namespace {

/// A database that goes away for its next calls, as the real one behind it does not.
class absent_at_first final : public sql::database {
 public:
  absent_at_first(sql::database& inner, int calls) : inner_(inner), absent_(calls) {}

  async::task<sql::result> query(sql::call what) override {
    if (absent_-- > 0) throw sql::unavailable("away");
    return inner_.query(std::move(what));
  }
  async::task<std::vector<sql::result>> execute(std::vector<sql::call> calls) override { return inner_.execute(std::move(calls)); }
  async::task<std::unique_ptr<sql::transaction>> begin() override { return inner_.begin(); }
  std::chrono::milliseconds call_timeout() const override { return inner_.call_timeout(); }
  std::string_view system() const override { return inner_.system(); }
  sql::pool_state state() const override { return inner_.state(); }
  async::task<> close() override { return inner_.close(); }

 private:
  sql::database& inner_;
  int absent_;
};

class ClockWatch : public testing::Test {
 protected:
  ClockWatch() {
    std::string name = std::filesystem::temp_directory_path() / "micro-sayur-clock-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
  }
  ~ClockWatch() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(ClockWatch, AwaitsADatabaseThatGoesAwayBeforeTheFirstMeasurement) {
  async::runtime cores(1);
  const auto database = sql::sqlite::open({.file = folder_ / "test.db"});
  absent_at_first fragile(*database, 2);
  telemetry::metrics metrics("test");
  synchronised_clock clock;
  clock_watch watch(fragile, clock, metrics);
  cores.run_until_done([&]() -> async::task<> {
    co_await watch.await_first();
    co_await database->close();
  });
  EXPECT_NE(metrics.render().find("sayur_clock_error_seconds "), std::string::npos);
  EXPECT_EQ(metrics.render().find("sayur_clock_error_seconds 0\n"), std::string::npos) << "it was measured";
}

}  // namespace
}  // namespace micro_sayur::program
