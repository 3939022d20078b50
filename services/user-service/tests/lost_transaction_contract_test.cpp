// SPDX-License-Identifier: Apache-2.0
// Transactions of the stores that lose against another one, or whose plans no longer fit, take effect all the same: on PostgreSQL, which
// is where that happens.
#include "platform/async/task_group.hpp"
#include "user-service/tests/user_stores.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::stores;

constexpr sql::statement stay_patient{"stay_patient", "SELECT set_config('deadlock_timeout', '60s', true)"};
constexpr sql::statement lock_sessions{"lock_sessions", "SELECT id FROM sessions WHERE account_id = $1 FOR UPDATE"};
constexpr sql::statement lock_account{"lock_account", "SELECT id FROM accounts WHERE id = $1 FOR UPDATE"};
constexpr sql::statement count_who_wait{"count_who_wait", "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"};
constexpr sql::statement count_live_sessions{"count_live_sessions", "SELECT count(*) FROM sessions WHERE revoked_at IS NULL"};
constexpr sql::statement count_events{"count_events", "SELECT count(*) FROM outbox"};

class LostTransactions : public test::user_stores {
 protected:
  /// Takes what `work` needs in the opposite order, so that PostgreSQL finds a deadlock and gives `work` up: this one is too patient to
  /// look for any.
  async::task<> lose_first(stores& in, const account& owner, std::function<async::task<>()> work) {
    auto other = co_await in.on->begin();
    co_await other->run(stay_patient);
    co_await other->run({lock_sessions, {owner.id}});
    async::task_group beside(co_await boost::asio::this_coro::executor);
    beside.spawn("loser", std::move(work));
    bool waits = false;
    for (const auto deadline = std::chrono::steady_clock::now() + 10s; !waits && std::chrono::steady_clock::now() < deadline;) {
      const auto waiting = co_await in.on->query({count_who_wait});
      waits = waiting[0].get<std::int64_t>(0) > 0;
    }
    EXPECT_TRUE(waits) << "for the sessions";
    co_await other->run({lock_account, {owner.id}});
    co_await other->commit();
    other.reset();
    co_await beside.join();
  }
};

TEST_P(LostTransactions, ADeadlockIsTriedAgain) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    co_await session_one(in, owner, digest(20));
    bool disabled = false;
    co_await lose_first(in, owner,
                        [&]() -> async::task<> { disabled = co_await in.accounts.set_status(owner.id, account_status::disabled, now_); });
    EXPECT_TRUE(disabled);
    co_await in.expect_count(count_live_sessions, 0);
    EXPECT_TRUE(co_await in.accounts.set_status(owner.id, account_status::active, now_));

    co_await session_one(in, (co_await in.accounts.find(owner.id)).value(), digest(21));
    co_await reset_one(in, owner, digest(30));
    const auto commits = in.commits;
    std::optional<std::vector<uuid>> ended;
    co_await lose_first(in, owner, [&]() -> async::task<> {
      ended = co_await in.resets.use(digest(30), "new hash", now_, event(user_event_kind::password_changed, owner.id));
    });
    EXPECT_TRUE(ended.has_value());
    EXPECT_EQ(ended->size(), 1U);
    EXPECT_EQ(in.commits, commits + 1);

    co_await in.expect_count(count_events, 4, "registration, account, reset, new password: each once");
    bool erased = false;
    co_await session_one(in, (co_await in.accounts.find(owner.id)).value(), digest(22));
    co_await lose_first(in, owner, [&]() -> async::task<> {
      erased = co_await in.accounts.erase(owner.id, now_, event(user_event_kind::deleted, owner.id));
    });
    EXPECT_TRUE(erased);
    co_await in.expect_count(count_live_sessions, 0);
    co_await in.expect_count(count_events, 1, "the deletion, and nothing else of who is deleted");
  });
}

/// The statement becomes prepared on every connection that writes for this core, before the table changes.
TEST_P(LostTransactions, APlanThatNoLongerFitsIsMadeAnew) {
  with_stores([this](stores& in) -> async::task<> {
    co_await register_one(in, digest(1));
    std::vector<std::unique_ptr<sql::transaction>> open;
    for (int i = 0; i < 3; ++i) {
      open.push_back(co_await in.on->begin());
      co_await open.back()->run({statements::registration_by_token, {sql::bytes(32)}});
    }
    open.clear();
    co_await sql::contract::run_script(*in.on, "ALTER TABLE registrations ALTER COLUMN name TYPE varchar(500)");
    const auto made = co_await in.registrations.confirm(digest(1), now_, ids_.next(), {});
    EXPECT_TRUE(made.has_value());
    co_await in.expect_count(count_events, 2);
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, LostTransactions, testing::Values("postgres"), [](const auto& given) { return given.param; });

}  // namespace
}  // namespace micro_sayur::user_service
