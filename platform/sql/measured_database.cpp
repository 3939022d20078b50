// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/measured_database.hpp"

#include "platform/async/runtime.hpp"
#include "platform/telemetry/tracing/scope.hpp"

#include <array>
#include <string>

namespace micro_sayur::sql {
namespace {

constexpr statement begin_transaction{"begin", "BEGIN"};
constexpr statement commit_transaction{"commit", "COMMIT"};

constexpr std::array<std::string_view, 6> reasons{"timed_out", "overloaded", "read_only", "unavailable", "conflict", "other"};

template <typename Kind>
bool is(const error& failure) {
  return dynamic_cast<const Kind*>(&failure) != nullptr;
}

std::string_view reason_of(const error& failure) {
  if (is<timed_out>(failure)) return "timed_out";
  if (is<overloaded>(failure)) return "overloaded";
  if (is<read_only>(failure)) return "read_only";
  if (is<unavailable>(failure)) return "unavailable";
  return is<conflict>(failure) ? "conflict" : "other";
}

}  // namespace

class measured_database::measured_transaction final : public transaction {
 public:
  measured_transaction(measured_database& of, std::unique_ptr<transaction> inner) : of_(of), inner_(std::move(inner)) {}

  async::task<result> run(call what) override {
    const auto& named = *what.what;
    return of_.measure(named, inner_->run(std::move(what)));
  }
  async::task<> run_script(statement script) override { return inner_->run_script(script); }
  async::task<> commit() override { return of_.measure(commit_transaction, inner_->commit()); }

 private:
  measured_database& of_;
  std::unique_ptr<transaction> inner_;
};

measured_database::measured_database(database& inner, telemetry::metrics& to, std::size_t cores)
    : inner_(inner), metrics_(to), latencies_(cores) {
  for (const auto reason : reasons)
    failures_.emplace(reason, &to.counter("sayur_database_failures_total", "Calls of the database that failed, unique constraints apart.",
                                          {{"reason", std::string(reason)}}));
}

async::task<result> measured_database::query(call what) {
  const auto& named = *what.what;
  return measure(named, inner_.query(std::move(what)));
}

async::task<std::vector<result>> measured_database::execute(std::vector<call> calls) {
  if (calls.empty()) co_return co_await inner_.execute(std::move(calls));
  const auto& named = *calls.front().what;
  co_return co_await measure(named, inner_.execute(std::move(calls)));
}

async::task<std::unique_ptr<transaction>> measured_database::begin() {
  auto begun = co_await measure(begin_transaction, inner_.begin());
  co_return std::make_unique<measured_transaction>(*this, std::move(begun));
}

template <typename T>
async::task<T> measured_database::measure(const statement& what, async::task<T> work) {
  struct stopwatch {
    telemetry::latency& to;
    const std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    ~stopwatch() { to.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count()); }
  } const running{.to = latency_of(what)};
  auto span = telemetry::begin_child(co_await boost::asio::this_coro::executor, telemetry::span_kind::client, what.name);
  span.set("db.system.name", inner_.system());
  span.set("db.query.summary", what.name);
  try {
    co_return co_await std::move(work);
  } catch (const unique_violation&) {
    throw;
  } catch (const error& failure) {
    const auto reason = reason_of(failure);
    failures_.at(reason)->Increment();
    span.fail(reason);
    throw;
  }
}

telemetry::latency& measured_database::latency_of(const statement& what) {
  auto& known = latencies_[async::runtime::this_core()][&what];
  if (known == nullptr)
    known = &metrics_.histogram("sayur_database_call_seconds",
                                "Time of calls of the database by their first statement, waits for a connection included.",
                                {{"statement", std::string(what.name)}});
  return *known;
}

}  // namespace micro_sayur::sql
