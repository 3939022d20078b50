// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/error.hpp"
#include "platform/sql/postgres/encoding.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace micro_sayur::sql::postgres {
namespace {

using namespace std::string_view_literals;

TEST(PostgresEncoding, WritesNumbersAsTextAndIdsAsBytes) {
  encoded_parameters encoded;
  const std::vector<value> values{null{}, std::numeric_limits<std::int64_t>::min(), true, uuid{}, bytes{}};
  encoded.assign(values);
  EXPECT_EQ(encoded.texts()[0], nullptr);
  EXPECT_EQ(encoded.texts()[1], "-9223372036854775808"sv);
  EXPECT_EQ(encoded.texts()[2], "t"sv);
  EXPECT_EQ(encoded.lengths()[3], 16);
  EXPECT_NE(encoded.texts()[4], nullptr);
}

TEST(PostgresEncoding, RefusesWhatPostgresCannotHold) {
  encoded_parameters encoded;
  EXPECT_THROW(encoded.assign(std::vector<value>{std::string("a\0b", 3)}), error);
  EXPECT_THROW(encoded.assign(std::vector<value>{timestamp::min()}), error);
}

TEST(PostgresDecoding, RefusesInfiniteTimesAndUnknownTypes) {
  constexpr std::uint32_t timestamptz = 1184, numeric = 1700;
  EXPECT_THROW(decode(timestamptz, "\x7f\xff\xff\xff\xff\xff\xff\xff"sv), error);
  EXPECT_THROW(decode(timestamptz, "\x80\0\0\0\0\0\0\0"sv), error);
  EXPECT_THROW(decode(numeric, "\0\0"sv), error);
}

}  // namespace
}  // namespace micro_sayur::sql::postgres
