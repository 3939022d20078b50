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

std::string as_columns(const session_setting& one) {
  const auto* const type = one.is_time ? "interval" : "text";
  return fmt::format("current_setting('{0}'), current_setting('{0}')::{2} = '{1}'::{2}", one.name, one.value, type);
}

std::string for_role(const session_setting& one, const std::string& role, const std::string& database) {
  return fmt::format("ALTER ROLE {} IN DATABASE {} SET {} = '{}'", role, database, one.name, one.value);
}

}  // namespace micro_sayur::sql::postgres
