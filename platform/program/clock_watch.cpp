// SPDX-License-Identifier: Apache-2.0
#include "platform/program/clock_watch.hpp"

#include "platform/async/backoff.hpp"
#include "platform/async/runtime.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace micro_sayur::program {
namespace {

using namespace std::chrono_literals;

constexpr auto interval = 10s;
constexpr int readings = 3;
constexpr auto tolerated = 5s;

double seconds(std::chrono::microseconds from) { return std::chrono::duration<double>(from).count(); }

}  // namespace

clock_watch::clock_watch(sql::database& on, synchronised_clock& clock, telemetry::metrics& metrics)
    : on_(on),
      clock_(clock),
      ahead_(metrics.gauge("sayur_clock_ahead_seconds",
                           "How far this machine's clock is ahead of the database's, by which leases and expiry go.")),
      error_(metrics.gauge("sayur_clock_error_seconds", "By how much that may be wrong: half of the time that the question took.")) {}

async::task<> clock_watch::measure() {
  std::optional<clock_reading> closest;
  for (int i = 0; i < readings; ++i) {
    const auto asked = clock_.steady_now();
    const auto answer = co_await on_.query(sql::ask_time);
    const clock_reading reading{.asked = asked, .theirs = answer[0].get<timestamp>(0), .answered = clock_.steady_now()};
    if (!closest || reading.error() < closest->error()) closest = reading;
  }
  clock_.follow(*closest);
  ahead_.Set(seconds(clock_.machine_ahead()));
  error_.Set(seconds(closest->error()));
}

/// False while the database is away, of which the health checks tell.
async::task<bool> clock_watch::try_to_measure() {
  try {
    co_await measure();
  } catch (const sql::error& failure) {
    if (!sql::passes_by_itself(failure)) throw;
    co_return false;
  }
  co_return true;
}

async::task<> clock_watch::await_first() {
  async::backoff retry(100ms, 2s);
  for (bool done = co_await try_to_measure(); !done; done = co_await try_to_measure()) co_await async::sleep_for(retry.next());
}

async::task<> clock_watch::run() {
  while (true) {
    co_await async::sleep_for(interval);
    co_await try_to_measure();
  }
}

async::task<> clock_watch::expect_small_offset() const {
  const auto ahead = clock_.machine_ahead();
  if (std::chrono::abs(ahead) > tolerated)
    throw std::runtime_error(fmt::format("this machine's clock is {:.1f} s {} the database's", std::abs(seconds(ahead)),
                                         ahead.count() > 0 ? "ahead of" : "behind"));
  co_return;
}

}  // namespace micro_sayur::program
