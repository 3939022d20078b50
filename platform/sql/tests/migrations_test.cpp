// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/migrations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::sql {
extern const std::span<const migration> embedded_migrations;

namespace {

constexpr std::array<migration, 2> known{{{1, "one", "CREATE 1"}, {2, "two", "CREATE 2"}}};

std::vector<applied_migration> applied(std::initializer_list<std::int64_t> versions) {
  std::vector<applied_migration> rows;
  for (const auto version : versions) rows.push_back({version, checksum("CREATE " + std::to_string(version))});
  return rows;
}

TEST(PendingMigrations, AreAllOfThemForAnEmptySchema) { EXPECT_EQ(pending_migrations("test", known, {}).size(), 2U); }

TEST(PendingMigrations, AreThoseAfterTheLastApplied) {
  const auto pending = pending_migrations("test", known, applied({1}));
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending.front().version, 2);
}

TEST(PendingMigrations, AcceptASchemaThatIsOneVersionAhead) { EXPECT_TRUE(pending_migrations("test", known, applied({1, 2, 3})).empty()); }

TEST(PendingMigrations, RefuseASchemaThatIsTwoVersionsAhead) {
  EXPECT_THROW(pending_migrations("test", known, applied({1, 2, 3, 4})), schema_error);
}

TEST(PendingMigrations, RefuseAFileThatChanged) {
  auto rows = applied({1});
  rows[0].checksum = checksum("CREATE 1 ");
  EXPECT_THROW(pending_migrations("test", known, rows), schema_error);
}

TEST(PendingMigrations, RefuseAFileOlderThanTheSchema) { EXPECT_THROW(pending_migrations("test", known, applied({2})), schema_error); }

TEST(Checksum, IsSha256) {
  EXPECT_EQ(checksum("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, B.1
}

TEST(EmbeddedMigrations, KeepNumberNameAndTextOfTheirFiles) {
  ASSERT_EQ(embedded_migrations.size(), 2U);
  EXPECT_EQ(embedded_migrations[1].version, 2);
  EXPECT_EQ(embedded_migrations[1].name, "add_first_thing");
  EXPECT_THAT(std::string(embedded_migrations[1].text), testing::HasSubstr("'semicolons; \"quotes\" and [brackets]'"));
}

}  // namespace
}  // namespace micro_sayur::sql
