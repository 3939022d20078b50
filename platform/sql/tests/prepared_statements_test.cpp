// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/prepared_statements.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::sql::postgres {
namespace {

constexpr statement read{"read", "SELECT n FROM numbers"};

TEST(PreparedStatements, BehindAPoolerHaveATextThatNobodyHasSentOnceTheSchemaChanged) {
  const auto known = std::make_shared<common_knowledge>();
  prepared_statements one(known), another(known);
  EXPECT_EQ(one.text_behind_pooler(read), read.text);
  EXPECT_TRUE(one.name_of(read).is_new);
  one.note_changed_schema();
  another.forget_old();
  EXPECT_TRUE(one.name_of(read).is_new);
  const auto first = one.text_behind_pooler(read);
  EXPECT_TRUE(first.starts_with("SELECT n FROM numbers /* ")) << first;
  EXPECT_EQ(another.text_behind_pooler(read), first) << "PgBouncer may share it";
  another.note_changed_schema();
  EXPECT_NE(another.text_behind_pooler(read), first);
  prepared_statements elsewhere(std::make_shared<common_knowledge>());
  elsewhere.note_changed_schema();
  EXPECT_NE(elsewhere.text_behind_pooler(read), first) << "of another process, which may have met an earlier change";
}

}  // namespace
}  // namespace micro_sayur::sql::postgres
