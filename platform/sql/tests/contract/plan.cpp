// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/tests/contract/plan.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>

namespace micro_sayur::sql::contract {

async::task<std::string> plan_of(database& on, const statement& what) {
  std::string plan;
  const auto open = co_await on.begin();
  const std::string prepare = fmt::format(
      "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;"
      " PREPARE searched AS {}",
      what.text);
  co_await open->run_script({"prepare", prepare});
  static constexpr statement count_parameters{
      "count_parameters", "SELECT cardinality(parameter_types)::bigint FROM pg_prepared_statements WHERE name = 'searched'"};
  const auto parameters = co_await open->run(count_parameters);
  std::string arguments;
  for (std::int64_t i = 0; i < parameters[0].get<std::int64_t>(0); ++i) arguments += i == 0 ? "(NULL" : ", NULL";
  if (!arguments.empty()) arguments += ")";
  // A driver keeps statements by their address for as long as its connections live.
  static std::deque<std::string> texts;
  static std::deque<statement> explains;
  explains.push_back({"explain", texts.emplace_back(fmt::format("EXPLAIN EXECUTE searched {}", arguments))});
  const auto lines = co_await open->run(explains.back());
  for (std::size_t i = 0; i < lines.size(); ++i) plan += lines[i].get<std::string>(0) + "\n";
  co_await open->run_script({"deallocate", "DEALLOCATE searched"});
  co_return plan;
}

async::task<> expect_index(database& on, const statement& what) {
  const auto plan = co_await plan_of(on, what);
  EXPECT_NE(plan.find("Index"), std::string::npos) << what.name << "\n" << plan;
  EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << what.name << "\n" << plan;
  EXPECT_EQ(plan.find("Sort  ("), std::string::npos) << what.name << "\n" << plan;
}

}  // namespace micro_sayur::sql::contract
