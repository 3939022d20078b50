// SPDX-License-Identifier: Apache-2.0
// What the store of requests for mails has to do, on PostgreSQL, on SQLite and in the memory of tests.
#include "platform/async/task_group.hpp"
#include "user-service/adapters/sql/retention.hpp"
#include "user-service/tests/user_stores.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::stores;

constexpr sql::statement count_requests{"count_requests", "SELECT count(*) FROM password_reset_requests"};
constexpr sql::statement count_events{"count_events", "SELECT count(*) FROM outbox"};
constexpr sql::statement count_mails{"count_mails", "SELECT count(*) FROM outbox WHERE type = 'user.password_reset_requested'"};
constexpr sql::statement count_tokens{"count_tokens", "SELECT count(*) FROM password_resets"};

class MailRequestStore : public test::user_stores {
 protected:
  async::task<> ask(stores& in, const std::string& email_key, const std::string& network = "192.0.2.1") {
    co_await in.requests.add({.id = ids_.next(),
                              .email_key = email_key,
                              .registration_id = {},
                              .from = {.request_id = "request-1", .traceparent = "trace", .network = network}});
  }
  /// The addresses of the next requests, in order.
  async::task<std::vector<std::string>> settle(stores& in, std::size_t most) {
    std::vector<std::string> seen;
    co_await in.requests.settle(most, [&seen](mail_request what) -> async::task<std::optional<mailed_token>> {
      seen.push_back(what.email_key);
      co_return std::nullopt;
    });
    std::ranges::sort(seen);
    co_return seen;
  }
  mailed_token token_for(const account& of) {
    token_digest token{};
    random_.fill(token);
    return {of.id, token, 1h, event(user_event_kind::password_reset_requested, of.id)};
  }
};

TEST_P(MailRequestStore, ARequestIsSettledOnceWithItsEvent) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    co_await ask(in, "budi@example.com");
    co_await ask(in, "nobody@example.com");
    std::vector<std::string> seen;
    const auto decide = [&](mail_request what) -> async::task<std::optional<mailed_token>> {
      seen.push_back(what.email_key + " " + what.from.request_id + " " + what.from.traceparent + " " + what.from.network);
      if (what.email_key != owner.email_key) co_return std::nullopt;
      co_return token_for(owner);
    };
    for (const std::size_t settled : {1, 1, 0}) {
      const auto ids = co_await in.requests.settle(1, decide);
      EXPECT_EQ(ids.size(), settled);
    }
    EXPECT_THAT(
        seen, testing::UnorderedElementsAre("budi@example.com request-1 trace 192.0.2.1", "nobody@example.com request-1 trace 192.0.2.1"));
    co_await in.expect_count(count_mails, 1);
    co_await in.expect_count(count_tokens, 1);
  });
}

TEST_P(MailRequestStore, AFailureLeavesTheRequest) {
  with_stores([this](stores& in) -> async::task<> {
    co_await account_one(in);
    co_await ask(in, "budi@example.com");
    const auto broken = [](mail_request) -> async::task<std::optional<mailed_token>> { throw std::runtime_error("away"); };
    bool failed = false;
    try {
      co_await in.requests.settle(1, broken);
    } catch (const std::runtime_error&) {
      failed = true;
    }
    EXPECT_TRUE(failed);
    co_await in.expect_count(count_requests, 1);
  });
}

TEST_P(MailRequestStore, ADisabledAccountGetsNoToken) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    co_await ask(in, "budi@example.com");
    const auto decide = [&](mail_request) -> async::task<std::optional<mailed_token>> {
      co_await in.accounts.set_status(owner.id, account_status::disabled, now_);
      co_return token_for(owner);
    };
    if (is_postgres()) {
      co_await in.requests.settle(1, decide);
    } else {
      // SQLite has one writer: the change comes before.
      co_await in.accounts.set_status(owner.id, account_status::disabled, now_);
      co_await in.requests.settle(1, [&](mail_request) -> async::task<std::optional<mailed_token>> { co_return token_for(owner); });
    }
    co_await in.expect_count(count_tokens, 0);
    co_await in.expect_count(count_requests, 0);
  });
}

TEST_P(MailRequestStore, SeveralInstancesSettleEachOnce) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    for (int i = 0; i < 12; ++i) co_await ask(in, "budi@example.com");
    async::task_group instances(co_await boost::asio::this_coro::executor);
    for (int i = 0; i < 3; ++i)
      instances.spawn("instance", [this, &in, &owner]() -> async::task<> {
        const auto decide = [this, &owner](mail_request) -> async::task<std::optional<mailed_token>> { co_return token_for(owner); };
        bool more = true;
        while (more) {
          const auto settled = co_await in.requests.settle(2, decide);
          more = !settled.empty();
        }
      });
    co_await instances.join();
    co_await in.expect_count(count_mails, 12);
    co_await in.expect_count(count_requests, 0);
  });
}

TEST_P(MailRequestStore, ARegistrationIsNamedByItsId) {
  with_stores([this](stores& in) -> async::task<> {
    const auto wanted = ids_.next();
    co_await in.requests.add({.id = ids_.next(), .email_key = "", .registration_id = wanted, .from = {}});
    const auto gone = [&](mail_request what) -> async::task<std::optional<mailed_token>> {
      EXPECT_EQ(what.registration_id, wanted);
      co_return mailed_token{wanted, digest(1), 1h, event(user_event_kind::email_verification_requested, wanted)};
    };
    const auto settled = co_await in.requests.settle(1, gone);
    EXPECT_EQ(settled.size(), 1U);
    co_await in.expect_count(count_events, 0, "there is no such registration");
  });
}

TEST_P(MailRequestStore, NetworksAreServedInTurns) {
  with_stores([this](stores& in) -> async::task<> {
    for (const auto* each : {"a1", "a2", "a3", "a4"}) co_await ask(in, each, "192.0.2.1");
    for (const auto* each : {"b1", "b2"}) co_await ask(in, each, "192.0.2.2");
    auto next = co_await settle(in, 2);
    EXPECT_THAT(next, testing::ElementsAre("a1", "b1"));
    co_await ask(in, "c1", "192.0.2.3");
    next = co_await settle(in, 3);
    EXPECT_THAT(next, testing::ElementsAre("a2", "b2", "c1")) << "who comes later does not wait for all that one has asked for";
    next = co_await settle(in, 3);
    EXPECT_THAT(next, testing::ElementsAre("a3", "a4"));
  });
}

TEST_P(MailRequestStore, CountsWhatWaits) {
  with_stores([this](stores& in) -> async::task<> {
    for (const auto* each : {"a1", "a2", "a3"}) co_await ask(in, each);
    EXPECT_EQ(co_await in.requests.count_waiting(10), 3);
    EXPECT_EQ(co_await in.requests.count_waiting(2), 2);
  });
}

TEST_P(MailRequestStore, RequestsThatNobodySettledAreCountedWhenTheyGo) {
  if (is_memory()) GTEST_SKIP() << "nothing prunes it";
  with_stores([this](stores& in) -> async::task<> {
    for (const auto* each : {"a1", "a2", "a3"}) co_await ask(in, each);
    co_await in.let_pass(1h + 1min);
    co_await ask(in, "a4");
    std::int64_t lost = 0;
    const auto count = [&lost](std::int64_t more) { lost += more; };
    async::task_group pruner(co_await boost::asio::this_coro::executor);
    pruner.spawn("pruner", [&] { return sql::prune_forever(*in.on, retention(1h, count), {.batch = 2, .between_batches = 1ms}); });
    for (const auto deadline = std::chrono::steady_clock::now() + 10s; lost < 3 && std::chrono::steady_clock::now() < deadline;)
      co_await async::sleep_for(1ms);
    pruner.cancel();
    co_await pruner.join();
    EXPECT_EQ(lost, 3);
    co_await in.expect_count(count_requests, 1);
  });
}

TEST_P(MailRequestStore, OneTokenOfASessionMayBeLateInADay) {
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

INSTANTIATE_TEST_SUITE_P(Drivers, MailRequestStore, test::every_store, [](const auto& given) { return given.param; });

}  // namespace
}  // namespace micro_sayur::user_service
