// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/replica.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::sql::postgres {
namespace {

using namespace std::chrono_literals;

class WriterTime : public testing::Test {
 protected:
  const writer_time::steady_time now{1000s};
  const timestamp theirs{2'000'000s};
  writer_time time;
};

TEST_F(WriterTime, NothingIsKnownBeforeTheWriterHasAnswered) { EXPECT_FALSE(time.lag_of({theirs, 1}, now)); }

TEST_F(WriterTime, StandsStillWhileTheWriterIsAway) {
  EXPECT_FALSE(time.now(now));
  time.note(theirs, 1, now);
  EXPECT_EQ(time.now(now + 3s), theirs + 3s);
  time.note_away();
  EXPECT_EQ(time.now(now + 90s), theirs);
}

TEST_F(WriterTime, GoesOnWhileTheWriterAnswers) {
  time.note(theirs, 1, now);
  EXPECT_EQ(time.lag_of({theirs - 300ms, 1}, now), 300ms);
  EXPECT_EQ(time.lag_of({theirs - 300ms, 1}, now + 1s), 1300ms);
}

TEST_F(WriterTime, StandsStillWhileTheWriterIsAwayAndEndsAfterAMinute) {
  time.note(theirs, 1, now);
  time.note_away();
  EXPECT_EQ(time.lag_of({theirs - 300ms, 1}, now + 60s), 300ms);
  EXPECT_FALSE(time.lag_of({theirs - 300ms, 1}, now + 61s));
}

TEST_F(WriterTime, WhoHasNotFollowedToTheNextTimelineIsNotCompared) {
  time.note(theirs, 1, now);
  time.note(theirs + 1s, 2, now + 1s);
  EXPECT_FALSE(time.lag_of({theirs, 1}, now + 1s));
  EXPECT_EQ(time.lag_of({theirs + 1s, 2}, now + 1s), 0s);
}

TEST(LogPosition, IsReadAsItIsWritten) {
  const log_position position{.timeline = 3, .offset = 0x3000148};
  EXPECT_EQ(log_position::parse(position.to_text()), position);
  for (const auto* text : {"", "3", "3/", "/3", "3/x", "-1/3", "3/-1", "3/9223372036854775808", "3/4/5", " 3/4"})
    EXPECT_FALSE(log_position::parse(text)) << text;
}

}  // namespace
}  // namespace micro_sayur::sql::postgres
