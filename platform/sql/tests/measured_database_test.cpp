// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/measured_database.hpp"

#include "platform/async/runtime.hpp"
#include "platform/telemetry/tracing/scope.hpp"
#include "platform/test_support/span_recorder.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::sql {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr statement find_account{"find account", "SELECT 1"};
constexpr statement insert_account{"insert account", "INSERT"};

/// Answers with no rows, or with what it was told to throw.
class scripted final : public database {
 public:
  std::exception_ptr failure;

  async::task<result> query(call) override { co_return answer(); }
  async::task<std::vector<result>> execute(std::vector<call> calls) override {
    answer();
    co_return std::vector<result>(calls.size());
  }
  async::task<std::unique_ptr<transaction>> begin() override { throw error("there are no transactions here"); }
  std::chrono::milliseconds call_timeout() const override { return {}; }
  std::string_view system() const override { return "scripted"; }
  pool_state state() const override { return {}; }
  async::task<> close() override { co_return; }

 private:
  result answer() const {
    if (failure) std::rethrow_exception(failure);
    return {};
  }
};

class MeasuredDatabase : public testing::Test {
 protected:
  /// Runs one call, whatever becomes of it, and returns what is measured then.
  std::string after(call what, std::exception_ptr failure = {}) {
    inner_.failure = std::move(failure);
    async::runtime cores(1);
    cores.run_until_done([&]() -> async::task<> {
      try {
        co_await measured_.query(std::move(what));
      } catch (const error&) {
      }
    });
    return metrics_.render();
  }

  telemetry::metrics metrics_{"test"};
  scripted inner_;
  measured_database measured_{inner_, metrics_, 1};
};

TEST_F(MeasuredDatabase, MeasuresACallByTheNameOfItsStatement) {
  EXPECT_THAT(after(find_account), HasSubstr(R"(sayur_database_call_seconds_count{statement="find account"} 1)"));
  EXPECT_THAT(after(find_account), HasSubstr(R"(sayur_database_call_seconds_count{statement="find account"} 2)"));
}

TEST_F(MeasuredDatabase, MeasuresABatchByItsFirstStatement) {
  async::runtime cores(1);
  cores.run_until_done([&]() -> async::task<> {
    const auto answers = co_await measured_.execute({insert_account, find_account});
    EXPECT_EQ(answers.size(), 2);
  });
  EXPECT_THAT(metrics_.render(), HasSubstr(R"(sayur_database_call_seconds_count{statement="insert account"} 1)"));
  EXPECT_THAT(metrics_.render(), Not(HasSubstr(R"(statement="find account")")));
}

TEST_F(MeasuredDatabase, CountsWhatFailedByItsReason) {
  EXPECT_THAT(after(find_account, std::make_exception_ptr(timed_out("late"))),
              HasSubstr(R"(sayur_database_failures_total{reason="timed_out"} 1)"));
  EXPECT_THAT(after(find_account, std::make_exception_ptr(read_only("standby"))), HasSubstr(R"(reason="read_only"} 1)"));
  EXPECT_THAT(after(find_account, std::make_exception_ptr(unavailable("away"))), HasSubstr(R"(reason="unavailable"} 1)"));
  EXPECT_THAT(after(find_account, std::make_exception_ptr(error("no table"))), HasSubstr(R"(reason="other"} 1)"));
  EXPECT_THAT(metrics_.render(), HasSubstr(R"(sayur_database_call_seconds_count{statement="find account"} 4)"))
      << "these took time as well";
}

TEST_F(MeasuredDatabase, ADoubledValueIsNoFailure) {
  const auto text = after(insert_account, std::make_exception_ptr(unique_violation("accounts_email_unique", "doubled")));
  EXPECT_THAT(text, HasSubstr(R"(sayur_database_failures_total{reason="other"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(sayur_database_call_seconds_count{statement="insert account"} 1)"));
}

TEST_F(MeasuredDatabase, MakesASpanOfACallByTheNameOfItsStatement) {
  inner_.failure = std::make_exception_ptr(unavailable("away"));
  micro_sayur::test::recorded_traces traces;
  async::runtime(1).run_until_done([&]() -> async::task<> {
    const auto request =
        traces.tracer.begin_caused(telemetry::span_kind::server, "request", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    EXPECT_THROW(co_await telemetry::in_scope(request, measured_.query({find_account, {"budi@example.com"}})), unavailable);
  });
  const auto span = traces.recorder.spans().front();
  EXPECT_EQ(span.name, "find account");
  EXPECT_EQ(span.kind, telemetry::span_kind::client);
  EXPECT_TRUE(span.failed);
  std::string all;
  for (const auto& each : span.attributes) all += std::string(each.name) + "=" + std::get<std::string>(each.value) + " ";
  EXPECT_EQ(all, "db.system.name=scripted db.query.summary=find account error.type=unavailable ");
}

}  // namespace
}  // namespace micro_sayur::sql
