// SPDX-License-Identifier: Apache-2.0
#include "platform/program/service.hpp"

#include "platform/async/task_group.hpp"

#include <ranges>

namespace micro_sayur::program {
namespace {

async::task<> start_all(const std::vector<service*>& services) {
  for (auto* each : services) co_await each->start();
}

async::task<> drain_all(async::runtime& cores, const std::vector<service*>& services, bool at_once) {
  async::task_group draining(cores.core(0).get_executor());
  for (auto* each : services) draining.spawn("drain", [each, at_once] { return each->drain(at_once); });
  co_await draining.join();
}

/// Until the signal, or until a start has failed; returns that failure.
async::task<std::exception_ptr> serve(async::runtime& cores, const std::vector<service*>& services, stop_signal& signal) {
  async::event over(cores.core(0).get_executor());
  async::task_group work(cores.core(0).get_executor());
  std::exception_ptr failure;
  work.spawn("signal", [&]() -> async::task<> {
    co_await signal.wait();
    over.set();
  });
  work.spawn("start", [&]() -> async::task<> {
    try {
      co_await start_all(services);
    } catch (...) {
      if (!over.is_set()) failure = std::current_exception();
      over.set();
    }
  });
  co_await over.wait();
  work.cancel();
  co_await work.join();
  co_return failure;
}

}  // namespace

async::task<> run_services(async::runtime& cores, std::vector<service*> services, std::function<async::task<>()> close_all) {
  // Lives to the end: a second signal must not kill what drains.
  stop_signal signal(cores);
  const auto failure = co_await serve(cores, services, signal);
  co_await drain_all(cores, services, failure != nullptr);
  for (auto* each : std::views::reverse(services)) co_await each->stop();
  co_await close_all();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace micro_sayur::program
