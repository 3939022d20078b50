// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/jwks/jwks_client.hpp"

#include "platform/async/runtime.hpp"
#include "platform/async/task_group.hpp"
#include "platform/http/problem.hpp"
#include "platform/test_support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;

class JwksClient : public testing::Test {
 protected:
  using key_set = std::shared_ptr<const crypto::jwk_set>;

  void run(std::function<async::task<>(jwks_client&)> body) {
    jwks_settings settings;
    settings.url = "http://keys.example/jwks.json";
    const auto fetch = [this](const std::string&) {
      ++fetches_;
      std::this_thread::sleep_for(2ms);
      if (away_) throw std::runtime_error("away");
      return document_;
    };
    jwks_client client(settings, fetch, clock_, [this](std::string_view) { ++failures_; });
    async::runtime(1).run_until_done([&] { return body(client); });
  }

  static async::task<key_set> keys_of(jwks_client& client, bool refresh = false) {
    try {
      co_return co_await client.keys(refresh);
    } catch (const http::problem_error& error) {
      EXPECT_EQ(error.details().type, problems::unavailable);
      EXPECT_TRUE(error.details().retry_after);
      co_return nullptr;
    }
  }

  static std::string document(std::string_view kid) {
    return crypto::jwk_set({crypto::jwk::from_private_pem(kid, crypto::jwk::generate_private_pem()).value()}).to_json();
  }

  manual_clock clock_;
  std::string document_ = document("one");
  std::atomic<bool> away_ = false;
  std::atomic<int> fetches_ = 0;
  int failures_ = 0;
};

TEST_F(JwksClient, FetchesWhenAskedAndRemembers) {
  run([this](jwks_client& client) -> async::task<> {
    EXPECT_EQ(fetches_, 0);
    const auto first = co_await keys_of(client);
    const auto again = co_await keys_of(client);
    EXPECT_TRUE(first && first->find("one"));
    EXPECT_EQ(first, again);
    clock_.advance(crypto::jwks_cache_time - 1s);
    co_await keys_of(client);
    EXPECT_EQ(fetches_, 1);
    clock_.advance(2s);
    co_await keys_of(client);
    EXPECT_EQ(fetches_, 2);
  });
}

TEST_F(JwksClient, SharesOneFetchAmongThoseThatWait) {
  run([this](jwks_client& client) -> async::task<> {
    async::task_group callers(co_await boost::asio::this_coro::executor);
    int served = 0;
    for (int i = 0; i < 20; ++i)
      callers.spawn("caller", [&]() -> async::task<> {
        const auto keys = co_await keys_of(client, true);
        if (keys) ++served;
      });
    co_await callers.join();
    EXPECT_EQ(served, 20);
    EXPECT_EQ(fetches_, 1);
  });
}

TEST_F(JwksClient, RefreshesAtMostEveryFewSeconds) {
  run([this](jwks_client& client) -> async::task<> {
    co_await keys_of(client);
    document_ = document("two");
    for (int i = 0; i < 10; ++i) co_await keys_of(client, true);
    EXPECT_EQ(fetches_, 1) << "tokens with made-up key ids cause no storm";
    clock_.advance(5s);
    const auto keys = co_await keys_of(client, true);
    EXPECT_TRUE(keys && keys->find("two"));
    EXPECT_EQ(fetches_, 2);
  });
}

TEST_F(JwksClient, HasNoKeysUntilTheAddressAnswers) {
  away_ = true;
  run([this](jwks_client& client) -> async::task<> {
    EXPECT_FALSE(co_await keys_of(client));
    EXPECT_FALSE(co_await keys_of(client));
    EXPECT_EQ(fetches_, 1);
    EXPECT_EQ(failures_, 1);
    away_ = false;
    clock_.advance(5s);
    EXPECT_TRUE(co_await keys_of(client));
  });
}

TEST_F(JwksClient, KeepsOldKeysForAWhileWhenTheAddressIsAway) {
  run([this](jwks_client& client) -> async::task<> {
    const auto first = co_await keys_of(client);
    away_ = true;
    clock_.advance(30min);
    EXPECT_EQ(co_await keys_of(client), first);
    EXPECT_EQ(co_await keys_of(client, true), first);
    EXPECT_EQ(fetches_, 2);
    clock_.advance(1h);
    EXPECT_FALSE(co_await keys_of(client));
  });
}

TEST_F(JwksClient, TakesNoDocumentWithoutAKey) {
  for (const auto* text : {"", "[]", "{}", R"({"keys":[]})", R"({"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]})"}) {
    document_ = text;
    run([](jwks_client& client) -> async::task<> { EXPECT_FALSE(co_await keys_of(client)); });
  }
  EXPECT_EQ(failures_, 5);
}

}  // namespace
}  // namespace micro_sayur::notification_service
