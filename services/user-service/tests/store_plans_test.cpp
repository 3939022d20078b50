// SPDX-License-Identifier: Apache-2.0
#include "platform/events/outbox.hpp"
#include "platform/events/replay.hpp"
#include "platform/sql/tests/contract/contract.hpp"
#include "platform/sql/tests/contract/plan.hpp"
#include "user-service/adapters/sql/migrations.hpp"
#include "user-service/adapters/sql/statements.hpp"

#include <regex>

namespace micro_sayur::user_service {
namespace {

TEST(UserStoresOnPostgres, FindRowsThroughIndexes) {
  const auto in = sql::contract::make_postgres_sandbox();
  sql::contract::on_database(*in, {}, [](sql::database& on) -> async::task<> {
    co_await sql::migrate(on, "user-service", postgres_migrations);
    for (const auto* what : statements::all_that_search) co_await sql::contract::expect_index(on, *what);
    for (const auto* what : {&events::prune_outbox, &events::forget_subject, &events::unpublish})
      co_await sql::contract::expect_index(on, *what);
  });
}

/// Also where PostgreSQL thinks that next to nothing is old. All prunes are of one text.
TEST(UserStoresOnPostgres, PruneRowsByTheirPlace) {
  const auto in = sql::contract::make_postgres_sandbox();
  sql::contract::on_database(*in, {}, [](sql::database& on) -> async::task<> {
    co_await sql::migrate(on, "user-service", postgres_migrations);
    co_await sql::contract::run_script(
        on,
        "INSERT INTO registrations SELECT gen_random_uuid(), '', '', '', '', '', sha256(i::text::bytea), 1, now(), now() + '1 h'"
        " FROM generate_series(1, 10000) AS i; ANALYZE registrations");
    auto text = std::regex_replace(std::string(statements::prune_registrations.text), std::regex(R"(\$1)"), "(now() - interval '1 h')");
    text = std::regex_replace(text, std::regex(R"(\$2)"), "500");
    const auto plan = co_await sql::contract::plan_of(on, {"prune_now", text});
    EXPECT_NE(plan.find("Tid Scan"), std::string::npos) << plan;
  });
}

/// Prunes are given what is old by sql::prune_forever, which asks the store.
TEST(UserStatements, CompareTimesWithTheStoresClock) {
  const std::regex compared(R"((expires_at|created_at|used_at|late_at) *(<|>|=|<=|>=) *\(?\$)");
  for (const auto* what : statements::all_that_search)
    for (const auto text : {what->text, what->sqlite_text})
      if (!what->name.starts_with("prune_")) EXPECT_FALSE(std::regex_search(text.begin(), text.end(), compared)) << what->name;
}

}  // namespace
}  // namespace micro_sayur::user_service
