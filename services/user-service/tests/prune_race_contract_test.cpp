// SPDX-License-Identifier: Apache-2.0
// What is renewed while a prune waits for its row stays. SQLite has a single writer, and no such wait.
#include "user-service/tests/user_stores.hpp"

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::stores;

constexpr sql::statement count_registrations{"count_registrations", "SELECT count(*) FROM registrations"};
constexpr sql::statement count_keys{"count_keys", "SELECT count(*) FROM idempotency_keys"};
class PruneRace : public test::user_stores {
 protected:
  async::task<> renew_while_pruned(sql::database& on, sql::call renew, const sql::statement& prune) {
    const auto removed = co_await sql::contract::changed_after(on, std::move(renew), {prune, {now_, std::int64_t{10}}});
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
