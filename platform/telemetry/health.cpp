// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/health.hpp"

#include "platform/async/runtime.hpp"
#include "platform/async/task_group.hpp"
#include "platform/base/foreign_text.hpp"
#include "platform/json/text.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <utility>

namespace micro_sayur::telemetry {
namespace {

using namespace std::chrono_literals;

constexpr auto interval_when_healthy = 2s;
constexpr auto interval_when_unhealthy = 250ms;
constexpr auto worth_a_line = 1s;

}  // namespace

void health::tell(const logger& log, metrics& to) {
  log_ = &log;
  metrics_ = &to;
}

void health::add(std::string name, std::function<async::task<>()> probe, whereabouts of) {
  auto& made = checks_.emplace_back(std::move(name), std::move(probe), std::move(of));
  if (metrics_ != nullptr)
    made.up = &metrics_->gauge("sayur_dependency_up", "1 while the check of /health passes, 0 while it fails.", {{"name", made.name}});
}

void health::add_gate(std::function<async::task<>()> probe) { checks_.emplace_back(std::string(), std::move(probe)); }

async::task<> health::run_one(check& each) {
  while (true) {
    std::optional<std::string> fault;
    try {
      co_await each.probe();
    } catch (const std::exception& failure) {
      fault = failure.what();
    }
    each.healthy = !fault;
    note(each, fault);
    co_await async::sleep_for(fault ? interval_when_unhealthy : interval_when_healthy);
  }
}

/// At the start, and after a hiccup, a connection may take a moment: that is not worth a line.
void health::note(check& of, const std::optional<std::string>& fault) const {
  if (of.up == nullptr) return;
  of.up->Set(fault ? 0 : 1);
  const auto now = clock_.steady_now();
  if (!fault) {
    if (std::exchange(of.told, false)) {
      const auto away = std::chrono::duration_cast<std::chrono::seconds>(now - *of.failing_since);
      log_->info("works again",
                 {{"dependency.name", of.name}, {"dependency.address", of.of.address}, {"dependency.after_seconds", away.count()}});
    }
    of.failing_since.reset();
    return;
  }
  if (!of.failing_since) of.failing_since = now;
  if (of.told || now - *of.failing_since < worth_a_line) return;
  of.told = true;
  log_->warning("does not work", {{"dependency.name", of.name},
                                  {"dependency.address", of.of.address},
                                  {"error.message", foreign_text(*fault)},
                                  {"dependency.advice", of.of.advice ? of.of.advice(*fault) : std::string()}});
}

async::task<> health::run() {
  async::task_group probes(co_await boost::asio::this_coro::executor);
  for (auto& each : checks_) probes.spawn("health check", [this, &each] { return run_one(each); });
  co_await probes.join();
}

void health::set_versions(std::string_view program, std::int64_t schema) {
  std::string members = R"(,"version":)";
  json::append_string(members, program);
  members += R"(,"schema_version":)" + std::to_string(schema);
  versions_ = std::move(members);
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
  out.push_back('"');
  if (started_) out += versions_;
  out += R"(,"services":)";
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
