// SPDX-License-Identifier: Apache-2.0
#include "platform/program/loop_watch.hpp"

#include "platform/async/task_group.hpp"

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>

#include <thread>

namespace micro_sayur::program {
namespace {

using namespace std::chrono_literals;

constexpr auto blocked_for = 400ms;
constexpr auto interval = 100ms;  // of the watch

/// What the histogram of a core has summed up, in seconds.
double waited(telemetry::metrics& in, std::size_t core) {
  const auto text = in.render();
  const auto name = "sayur_io_loop_lag_seconds_sum{core=\"" + std::to_string(core) + "\"} ";
  const auto at = text.find(name);
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size()));
}

class LoopWatch : public testing::TestWithParam<std::size_t> {};

TEST_P(LoopWatch, TellsForHowLongAThreadWasBlocked) {
  telemetry::metrics metrics("test");
  async::runtime cores(2);
  loop_watch watch(cores, metrics);
  cores.run_until_done([&]() -> async::task<> {
    async::task_group watching(co_await boost::asio::this_coro::executor);
    watching.spawn("loop watch", [&] { return watch.run(); });
    boost::asio::post(cores.core(GetParam()), [] { std::this_thread::sleep_for(blocked_for); });
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    const double least = std::chrono::duration<double>(blocked_for - interval).count();
    while (waited(metrics, GetParam()) < least && std::chrono::steady_clock::now() < deadline) co_await async::sleep_for(10ms);
    EXPECT_GE(waited(metrics, GetParam()), least);
    EXPECT_LT(waited(metrics, 1 - GetParam()), least);
    watching.cancel();
    co_await watching.join();
  });
}

INSTANTIATE_TEST_SUITE_P(EachCore, LoopWatch, testing::Values(0, 1));

}  // namespace
}  // namespace micro_sayur::program
