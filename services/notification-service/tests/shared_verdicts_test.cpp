// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/sessions/shared_verdicts.hpp"

#include "contracts/session_verdict.hpp"
#include "platform/async/runtime.hpp"
#include "platform/base/system.hpp"
#include "platform/test_support/fragile_store.hpp"
#include "platform/test_support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;

class SharedVerdicts : public testing::Test {
 protected:
  void note(std::string_view word) {
    run([this, word]() -> async::task<> {
      co_await shared_.set(session_verdict::key_of(claims_.session.to_string()), std::string(word), 1min);
    });
  }
  bool ask() {
    bool live = false;
    run([this, &live]() -> async::task<> { live = co_await check_(http::request(), claims_); });
    return live;
  }

  manual_clock clock_;
  system_random random_;
  id_source ids_{clock_, random_};
  test::fragile_store shared_{clock_};
  crypto::access_token_claims claims_{.session = ids_.next()};
  bool live_ = true;
  int asked_ = 0;

 private:
  static void run(std::function<async::task<>()> body) {
    async::runtime cores(1);
    cores.run_until_done(std::move(body));
  }

  const session_check check_ =
      shared_verdicts(shared_, [this](const http::request&, const crypto::access_token_claims&) -> async::task<bool> {
        ++asked_;
        co_return live_;
      });
};

TEST_F(SharedVerdicts, AreBelievedWithoutAsking) {
  live_ = false;
  note(session_verdict::live);
  EXPECT_TRUE(ask());
  live_ = true;
  note(session_verdict::ended);
  EXPECT_FALSE(ask());
  EXPECT_EQ(asked_, 0);
}

TEST_F(SharedVerdicts, AreAskedForWhenThereIsNone) {
  EXPECT_TRUE(ask());
  live_ = false;
  EXPECT_FALSE(ask());
  EXPECT_EQ(asked_, 2);
}

TEST_F(SharedVerdicts, OfUnknownWordsAreNone) {
  live_ = false;
  note("alive");
  EXPECT_FALSE(ask());
  EXPECT_EQ(asked_, 1);
}

TEST_F(SharedVerdicts, AreAskedForWhileTheCacheIsAway) {
  note(session_verdict::live);
  shared_.away = true;
  live_ = false;
  EXPECT_FALSE(ask());
  EXPECT_EQ(asked_, 1);
}

}  // namespace
}  // namespace micro_sayur::notification_service
