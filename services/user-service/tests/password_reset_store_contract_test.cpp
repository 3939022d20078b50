// SPDX-License-Identifier: Apache-2.0
// What the store of password resets has to do with requests, on PostgreSQL, on SQLite and in the memory of tests.
#include "platform/async/task_group.hpp"
#include "user-service/tests/user_stores.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::stores;

constexpr sql::statement count_requests{"count_requests", "SELECT count(*) FROM password_reset_requests"};
constexpr sql::statement count_mails{"count_mails", "SELECT count(*) FROM outbox WHERE type = 'user.password_reset_requested'"};
constexpr sql::statement count_tokens{"count_tokens", "SELECT count(*) FROM password_resets"};

class PasswordResetStore : public test::user_stores {
 protected:
  async::task<> ask(stores& in, const std::string& email_key) {
    co_await in.resets.add(
        {.id = ids_.next(), .email_key = email_key, .from = {.request_id = "request-1", .traceparent = "trace", .network = "192.0.2.1"}});
  }
  password_reset token_for(const account& of) {
    token_digest token{};
    random_.fill(token);
    return {of.id, token, 1h, event(user_event_kind::password_reset_requested, of.id)};
  }
};

TEST_P(PasswordResetStore, ARequestIsSettledOnceWithItsEvent) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    co_await ask(in, "budi@example.com");
    co_await ask(in, "nobody@example.com");
    std::vector<std::string> seen;
    const auto decide = [&](password_reset_request what) -> async::task<std::optional<password_reset>> {
      seen.push_back(what.email_key + " " + what.from.request_id + " " + what.from.traceparent + " " + what.from.network);
      if (what.email_key != owner.email_key) co_return std::nullopt;
      co_return token_for(owner);
    };
    EXPECT_TRUE(co_await in.resets.settle_oldest(decide));
    EXPECT_TRUE(co_await in.resets.settle_oldest(decide));
    EXPECT_FALSE(co_await in.resets.settle_oldest(decide));
    EXPECT_THAT(
        seen, testing::UnorderedElementsAre("budi@example.com request-1 trace 192.0.2.1", "nobody@example.com request-1 trace 192.0.2.1"));
    co_await in.expect_count(count_mails, 1);
    co_await in.expect_count(count_tokens, 1);
  });
}

TEST_P(PasswordResetStore, AFailureLeavesTheRequest) {
  with_stores([this](stores& in) -> async::task<> {
    co_await account_one(in);
    co_await ask(in, "budi@example.com");
    const auto broken = [](password_reset_request) -> async::task<std::optional<password_reset>> { throw std::runtime_error("away"); };
    bool failed = false;
    try {
      co_await in.resets.settle_oldest(broken);
    } catch (const std::runtime_error&) {
      failed = true;
    }
    EXPECT_TRUE(failed);
    co_await in.expect_count(count_requests, 1);
  });
}

TEST_P(PasswordResetStore, ADisabledAccountGetsNoToken) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    co_await ask(in, "budi@example.com");
    const auto decide = [&](password_reset_request) -> async::task<std::optional<password_reset>> {
      co_await in.accounts.set_status(owner.id, account_status::disabled, now_);
      co_return token_for(owner);
    };
    if (is_postgres()) {
      EXPECT_TRUE(co_await in.resets.settle_oldest(decide));
    } else {
      // SQLite has one writer: the change comes before.
      co_await in.accounts.set_status(owner.id, account_status::disabled, now_);
      EXPECT_TRUE(co_await in.resets.settle_oldest(
          [&](password_reset_request) -> async::task<std::optional<password_reset>> { co_return token_for(owner); }));
    }
    co_await in.expect_count(count_tokens, 0);
    co_await in.expect_count(count_requests, 0);
  });
}

TEST_P(PasswordResetStore, SeveralInstancesSettleEachOnce) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    for (int i = 0; i < 12; ++i) co_await ask(in, "budi@example.com");
    async::task_group instances(co_await boost::asio::this_coro::executor);
    for (int i = 0; i < 3; ++i)
      instances.spawn("instance", [this, &in, &owner]() -> async::task<> {
        const auto decide = [this, &owner](password_reset_request) -> async::task<std::optional<password_reset>> {
          co_return token_for(owner);
        };
        bool more = true;
        while (more) more = (co_await in.resets.settle_oldest(decide)).has_value();
      });
    co_await instances.join();
    co_await in.expect_count(count_mails, 12);
    co_await in.expect_count(count_requests, 0);
  });
}

TEST_P(PasswordResetStore, OneTokenOfASessionMayBeLateInADay) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    const auto made = co_await session_one(in, owner, digest(10));
    EXPECT_TRUE(co_await in.sessions.note_late(made.id, digest(10)));
    co_await in.let_pass(1h);
    EXPECT_TRUE(co_await in.sessions.note_late(made.id, digest(10))) << "the same one again";
    co_await in.let_pass(1h);
    EXPECT_FALSE(co_await in.sessions.note_late(made.id, digest(11)));
    co_await in.let_pass(late_token_interval - 2h);
    EXPECT_TRUE(co_await in.sessions.note_late(made.id, digest(11))) << "a day after the first time";
    co_await in.sessions.revoke(made.id);
    EXPECT_FALSE(co_await in.sessions.note_late(made.id, digest(11)));
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, PasswordResetStore, test::every_store, [](const auto& given) { return given.param; });

}  // namespace
}  // namespace micro_sayur::user_service
