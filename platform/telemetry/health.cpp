// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/health.hpp"

#include "platform/async/runtime.hpp"
#include "platform/async/task_group.hpp"
#include "platform/json/text.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace micro_sayur::telemetry {
namespace {

using namespace std::chrono_literals;

constexpr auto interval_when_healthy = 2s;
constexpr auto interval_when_unhealthy = 250ms;

}  // namespace

void health::add(std::string name, std::function<async::task<>()> probe) { checks_.emplace_back(std::move(name), std::move(probe)); }

void health::add_gate(std::function<async::task<>()> probe) { checks_.emplace_back(std::string(), std::move(probe)); }

async::task<> health::run_one(check& each) {
  while (true) {
    bool healthy = true;
    try {
      co_await each.probe();
    } catch (const std::exception&) {
      healthy = false;  // that is the answer; who depends on it logs its own failures
    }
    each.healthy = healthy;
    co_await async::sleep_for(healthy ? interval_when_healthy : interval_when_unhealthy);
  }
}

async::task<> health::run() {
  async::task_group probes(co_await boost::asio::this_coro::executor);
  for (auto& each : checks_) probes.spawn("health check", [this, &each] { return run_one(each); });
  co_await probes.join();
}

bool health::degraded() const {
  return std::any_of(checks_.begin(), checks_.end(), [](const check& each) { return !each.healthy; });
}

bool health::ready() const {
  const bool gates_open = std::all_of(checks_.begin(), checks_.end(), [](const check& each) { return !each.name.empty() || each.healthy; });
  return started_ && !draining_ && gates_open;
}

std::string health::to_json() const {
  std::string out = degraded() ? R"({"status":"degraded","timestamp":")" : R"({"status":"healthy","timestamp":")";
  out += to_rfc3339(clock_.now());
  out += R"(","services":)";
  char separator = '{';
  for (const auto& each : checks_) {
    if (each.name.empty()) continue;
    out.push_back(separator);
    json::append_string(out, each.name);
    out += each.healthy ? R"(:"healthy")" : R"(:"unhealthy")";
    separator = ',';
  }
  out += separator == '{' ? "{}}" : "}}";
  return out;
}

}  // namespace micro_sayur::telemetry
