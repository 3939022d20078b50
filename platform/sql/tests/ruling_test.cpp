// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/ruling.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace micro_sayur::sql {
namespace {

template <typename Error>
bool becomes(answer told) {
  try {
    std::rethrow_exception(make_error(told, "", "text"));
  } catch (const error& failure) {
    return typeid(failure) == typeid(Error);
  }
}

TEST(Ruling, KnowsWhatPassesByItself) {
  for (const auto passing :
       {"08006", "25006", "25P03", "40001", "40P01", "53100", "53200", "53300", "55P03", "57014", "57P01", "57P03", "58030"})
    EXPECT_NE(of_sqlstate(passing).told, answer::fault) << passing;
  for (const auto passing : {SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT, SQLITE_LOCKED, SQLITE_NOMEM, SQLITE_READONLY, SQLITE_READONLY_DBMOVED,
                             SQLITE_IOERR, SQLITE_IOERR_FSYNC, SQLITE_FULL, SQLITE_CANTOPEN, SQLITE_INTERRUPT, SQLITE_PROTOCOL})
    EXPECT_NE(of_sqlite(passing).told, answer::fault) << passing;
}

TEST(Ruling, ClosesWhatWillNotServeAgain) {
  for (const auto ended : {"08003", "08006", "25006", "25P03", "57P01", "57P02", "57P03"}) EXPECT_TRUE(of_sqlstate(ended).close) << ended;
  for (const auto kept : {"0A000", "26000", "40001", "53100", "55P03", "57014", "23505", "42P01"})
    EXPECT_FALSE(of_sqlstate(kept).close) << kept;
}

TEST(Ruling, RepeatsWhatTookNoEffect) {
  for (const auto lost : {"40001", "40P01"}) EXPECT_TRUE(of_sqlstate(lost).try_again) << lost;
  for (const auto unfit : {"0A000", "26000"}) EXPECT_TRUE(of_sqlstate(unfit).prepare_again) << unfit;
  for (const auto ours : {"42P01", "23505", "23503", "22P05", "57014"}) {
    EXPECT_FALSE(of_sqlstate(ours).try_again) << ours;
    EXPECT_FALSE(of_sqlstate(ours).prepare_again) << ours;
  }
}

TEST(Ruling, RemembersThatTheDiskTakesNoMore) {
  for (const auto full : {"53100", "58030"}) EXPECT_TRUE(of_sqlstate(full).refuses_rows) << full;
  for (const auto other : {"53200", "53300", "58P01", "25006", "57014"}) EXPECT_FALSE(of_sqlstate(other).refuses_rows) << other;
}

TEST(Ruling, LeavesOurOwnFaultsToUs) {
  for (const auto ours : {"42P01", "42601", "22P05", "23503", "XX000", ""}) EXPECT_EQ(of_sqlstate(ours).told, answer::fault) << ours;
  for (const auto ours : {SQLITE_ERROR, SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_MISUSE, SQLITE_CORRUPT})
    EXPECT_EQ(of_sqlite(ours).told, answer::fault) << ours;
}

TEST(Ruling, NamesTheErrorOfThePort) {
  EXPECT_TRUE(becomes<unique_violation>(of_sqlstate("23505").told));
  EXPECT_TRUE(becomes<unique_violation>(of_sqlite(SQLITE_CONSTRAINT_UNIQUE).told));
  EXPECT_TRUE(becomes<conflict>(of_sqlstate("40P01").told));
  EXPECT_TRUE(becomes<ended>(of_sqlstate("57014").told));
  EXPECT_TRUE(becomes<locked>(of_sqlstate("55P03").told));
  EXPECT_TRUE(becomes<timed_out>(of_sqlite(SQLITE_INTERRUPT).told));
  EXPECT_TRUE(becomes<read_only>(of_sqlstate("25006").told));
  EXPECT_TRUE(becomes<read_only>(of_sqlite(SQLITE_READONLY_DIRECTORY).told));
  EXPECT_TRUE(becomes<unavailable>(of_sqlite(SQLITE_IOERR_WRITE).told));
  EXPECT_TRUE(becomes<error>(of_sqlstate("42P01").told));
}

}  // namespace
}  // namespace micro_sayur::sql
