// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/outside_transaction.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::sql {
namespace {

std::optional<concurrent_index> read(const std::string& text) { return outside_transaction({7, "find_things", text}); }

TEST(OutsideTransaction, IsForFilesThatSaySo) {
  EXPECT_FALSE(read("-- SPDX-License-Identifier: Apache-2.0\nCREATE INDEX things_n ON things (n);\n-- outside a transaction\n"));
  const auto found = read(
      "-- SPDX-License-Identifier: Apache-2.0\n\n-- outside a transaction\n-- Why.\nCREATE INDEX CONCURRENTLY IF NOT EXISTS "
      "things_n\n  ON things (n)\n  WHERE n > 0;\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "things_n");
  EXPECT_TRUE(found->is_created);
}

TEST(OutsideTransaction, MayDropAnIndex) {
  const auto found = read("-- outside a transaction\nDROP INDEX CONCURRENTLY IF EXISTS things_n;");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "things_n");
  EXPECT_FALSE(found->is_created);
}

TEST(OutsideTransaction, RefusesWhatCannotBeBegunAnew) {
  for (const auto* text :
       {"CREATE INDEX CONCURRENTLY things_n ON things (n);", "CREATE INDEX IF NOT EXISTS things_n ON things (n);",
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON things (n);\nCREATE INDEX CONCURRENTLY IF NOT EXISTS b ON things (n);",
        "ALTER TABLE things ADD COLUMN m bigint;", "DROP INDEX CONCURRENTLY things_n;", ""})
    EXPECT_THROW(read(std::string("-- outside a transaction\n") + text), schema_error) << text;
}

}  // namespace
}  // namespace micro_sayur::sql
