// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/session_settings.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace micro_sayur::sql::postgres {
namespace {

std::string schemas_of_deployments() {
  std::ostringstream text;
  text << std::ifstream(MICRO_SAYUR_SOURCE_DIR "/deployments/compose/postgres-schemas.sql").rdbuf();
  return text.str();
}

std::size_t count_of(std::string_view what, std::string_view text) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

/// A pooler takes no setting from us: the roles have the same ones.
TEST(SessionSettings, AreThoseThatTheRolesOfTheDeploymentsHave) {
  const auto sql = schemas_of_deployments();
  for (const std::string service : {"user_service", "notification_service"}) {
    const auto all = session_settings({.schema = service});
    for (const auto& each : all) {
      const auto wanted = for_role(each, service, "micro_sayur") + ";\n";
      EXPECT_EQ(count_of(wanted, sql), 1U) << wanted;
    }
    EXPECT_EQ(count_of("ALTER ROLE " + service + " ", sql), all.size());
  }
}

}  // namespace
}  // namespace micro_sayur::sql::postgres
