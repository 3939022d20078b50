// SPDX-License-Identifier: Apache-2.0
#include "platform/program/http_host.hpp"

#include "platform/program/healthcheck.hpp"
#include "platform/sql/error.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace micro_sayur::program {
namespace {

using namespace std::chrono_literals;

/// A port that was free a moment ago.
std::uint16_t free_port() {
  boost::asio::io_context context;
  const boost::asio::ip::tcp::acceptor probe(context, {boost::asio::ip::address_v4::loopback(), 0});
  return probe.local_endpoint().port();
}

TEST(HttpHost, IsReadyBetweenStartedAndDrain) {
  process base("test", {.log_level = telemetry::level::error, .io_threads = 1});
  const auto port = free_port();
  http_host host(base, "test", {.host = "127.0.0.1", .port = port, .drain = 0s, .trusted_proxies = {}, .allowed_origins = {}});
  int before = 0;
  int ready = 0;
  std::thread client;
  base.cores.run_until_done([&]() -> async::task<> {
    host.listen({});
    async::one_shot<bool> asked(base.cores.core(0).get_executor());
    client = std::thread([&, asked] {
      before = healthcheck("127.0.0.1", port);
      boost::asio::post(base.cores.core(0), [&] { host.started(); });
      ready = healthcheck("0.0.0.0", port);
      asked.set_value(true);
    });
    co_await asked.wait();
    co_await host.drain(false);
  });
  client.join();
  EXPECT_EQ(before, 1);
  EXPECT_EQ(ready, 0);
  EXPECT_EQ(healthcheck("127.0.0.1", port), 1);
}

TEST(HttpHost, NamesAnAddressThatIsTaken) {
  boost::asio::io_context context;
  const boost::asio::ip::tcp::acceptor taken(context, {boost::asio::ip::address_v4::loopback(), 0});
  process base("test", {.log_level = telemetry::level::error, .io_threads = 1});
  http_host host(base, "test",
                 {.host = "127.0.0.1", .port = taken.local_endpoint().port(), .drain = 0s, .trusted_proxies = {}, .allowed_origins = {}});
  try {
    host.listen({});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find(std::to_string(taken.local_endpoint().port())), std::string::npos) << error.what();
  }
}

TEST(TranslateFailure, KnowsWhatADatabaseCanDo) {
  EXPECT_EQ(translate_failure(sql::unavailable("away"))->type, problems::unavailable);
  EXPECT_EQ(translate_failure(sql::timed_out("late"))->type, problems::unavailable);
  EXPECT_EQ(translate_failure(sql::overloaded("full"))->type, problems::overloaded);
  EXPECT_FALSE(translate_failure(sql::error("bad SQL")));
}

}  // namespace
}  // namespace micro_sayur::program
