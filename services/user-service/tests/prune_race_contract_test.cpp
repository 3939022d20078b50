// SPDX-License-Identifier: Apache-2.0
// What is renewed while a prune waits for its row stays. SQLite has a single writer, and no such wait.
#include "platform/async/task_group.hpp"
#include "user-service/tests/user_stores.hpp"

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::stores;

constexpr sql::statement count_registrations{"count_registrations", "SELECT count(*) FROM registrations"};
constexpr sql::statement count_keys{"count_keys", "SELECT count(*) FROM idempotency_keys"};
constexpr sql::statement count_waiting{"count_waiting",
                                       "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"};

class PruneRace : public test::user_stores {
 protected:
  static async::task<> until_somebody_waits_for(sql::transaction& holder) {
    for (const auto deadline = std::chrono::steady_clock::now() + 5s; std::chrono::steady_clock::now() < deadline;) {
      const auto found = co_await holder.run(count_waiting);
      if (found[0].get<std::int64_t>(0) > 0) co_return;
      co_await async::sleep_for(1ms);
    }
    ADD_FAILURE() << "the prune waits for nothing";
  }

  async::task<> renew_while_pruned(sql::database& on, sql::call renew, const sql::statement& prune) {
    const auto holder = co_await on.begin();
    const auto renewed = co_await holder->run(std::move(renew));
    EXPECT_EQ(renewed.affected(), 1);
    std::int64_t removed = -1;
    async::task_group pruner(co_await boost::asio::this_coro::executor);
    pruner.spawn("pruner", [&]() -> async::task<> {
      const auto done = co_await on.execute_one({prune, {now_, std::int64_t{10}}});
      removed = done.affected();
    });
    co_await until_somebody_waits_for(*holder);
    co_await holder->commit();
    co_await pruner.join();
    EXPECT_EQ(removed, 0);
  }
};

TEST_P(PruneRace, ARegistrationThatIsRenewedStays) {
  with_stores([this](stores& in) -> async::task<> {
    const auto waiting = co_await register_one(in, digest(1));
    co_await in.let_pass(25h);
    const std::int64_t day = std::chrono::microseconds(24h).count();
    const sql::bytes token(32, 2);
    co_await renew_while_pruned(*in.on, {statements::replace_registration_token, {waiting.id, token, day}},
                                statements::prune_registrations);
    co_await in.expect_count(count_registrations, 1);
  });
}

TEST_P(PruneRace, AnIdempotencyKeyThatIsClaimedAnewStays) {
  with_stores([this](stores& in) -> async::task<> {
    co_await register_one(in, digest(1), claim(1));
    co_await in.let_pass(25h);
    const std::int64_t day = std::chrono::microseconds(24h).count();
    const sql::bytes fingerprint(32, 2);
    co_await renew_while_pruned(*in.on,
                                {statements::claim_idempotency_key, {"/register", "key-1", fingerprint, std::int64_t{202}, "{}", day}},
                                statements::prune_idempotency_keys);
    co_await in.expect_count(count_keys, 1);
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, PruneRace, testing::Values("postgres"), [](const auto& given) { return given.param; });

}  // namespace
}  // namespace micro_sayur::user_service
