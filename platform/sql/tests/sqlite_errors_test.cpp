// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/sqlite/errors.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::sql::sqlite {
namespace {

TEST(SqliteConstraintName, JoinsTableAndColumns) {
  EXPECT_EQ(constraint_name("UNIQUE constraint failed: users.email_key", false), "users_email_key_unique");
  EXPECT_EQ(constraint_name("UNIQUE constraint failed: keys.route, keys.key", false), "keys_route_key_unique");
}

TEST(SqliteConstraintName, NamesPrimaryKeysAsPostgresDoes) {
  EXPECT_EQ(constraint_name("UNIQUE constraint failed: users.id", true), "users_pkey");
}

TEST(SqliteConstraintName, KeepsTheNameOfAnIndexOverAnExpression) {
  EXPECT_EQ(constraint_name("UNIQUE constraint failed: index 'users_lower_unique'", false), "users_lower_unique");
}

TEST(SqliteConstraintName, IsEmptyForOtherMessages) { EXPECT_EQ(constraint_name("disk full", false), ""); }

}  // namespace
}  // namespace micro_sayur::sql::sqlite
