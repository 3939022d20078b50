// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/session_settings.hpp"

#include <fmt/core.h>

namespace micro_sayur::sql::postgres {

std::vector<session_setting> session_settings(const settings& with) {
  std::vector<session_setting> all{{"statement_timeout", fmt::format("{}ms", with.call_timeout.count()), true},
                                   {"idle_in_transaction_session_timeout", "30s", true},
                                   {"default_transaction_isolation", "read committed"}};
  if (!with.schema.empty()) all.push_back({"search_path", with.schema});
  return all;
}

/// Of times at most that, so that instances of two versions, with different times, run behind one pooler.
std::string as_columns(const session_setting& one) {
  const auto does = one.is_time ? fmt::format("current_setting('{}')::interval BETWEEN '1ms' AND '{}'", one.name, one.value)
                                : fmt::format("current_setting('{}') = '{}'", one.name, one.value);
  return fmt::format("current_setting('{}'), {}", one.name, does);
}

std::string for_role(const session_setting& one, const std::string& role, const std::string& database) {
  return fmt::format("ALTER ROLE {} IN DATABASE {} SET {} = '{}'", role, database, one.name, one.value);
}

}  // namespace micro_sayur::sql::postgres
