// SPDX-License-Identifier: Apache-2.0
#include "platform/program/loop_watch.hpp"

#include "platform/async/event.hpp"

#include <boost/asio/co_spawn.hpp>

#include <string>

namespace micro_sayur::program {
namespace {

using namespace std::chrono_literals;

constexpr auto interval = 100ms;

/// On the core that is measured: a timer of its own, and when its turn came.
async::task<std::chrono::steady_clock::time_point> turn_after_interval(async::executor core) {
  async::steady_timer timer(core, interval);
  co_await timer.async_wait(async::use_task);
  co_return std::chrono::steady_clock::now();
}

}  // namespace

loop_watch::loop_watch(async::runtime& cores, telemetry::metrics& to) : cores_(cores) {
  for (std::size_t core = 0; core < cores.core_count(); ++core)
    lags_.push_back(&to.histogram("sayur_io_loop_lag_seconds", "For how long what is ready waits for its io thread.",
                                  {{"core", std::to_string(core)}}));
}

async::task<> loop_watch::run() {
  while (true) {
    for (std::size_t core = 0; core < lags_.size(); ++core) {
      const auto where = cores_.core(core).get_executor();
      const auto began = std::chrono::steady_clock::now();
      const auto turn = co_await boost::asio::co_spawn(where, turn_after_interval(where), async::use_task);
      lags_[core]->observe(std::chrono::duration<double>(turn - began - interval).count());
    }
  }
}

}  // namespace micro_sayur::program
