// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/tests/contract/contract.hpp"

#include <limits>

namespace micro_sayur::sql::contract {
namespace {

constexpr statement create_table{
    "create_all_types",
    "CREATE TABLE all_types (id bigint PRIMARY KEY, b boolean, i bigint, s integer, d double precision, t text, v bytea, u uuid, w "
    "timestamptz)",
    "CREATE TABLE all_types (id INTEGER PRIMARY KEY, b INTEGER, i INTEGER, s INTEGER, d REAL, t TEXT, v BLOB, u BLOB, w INTEGER) STRICT"};
constexpr statement insert_row{"insert_all_types",
                               "INSERT INTO all_types (id, b, i, s, d, t, v, u, w) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
constexpr statement select_row{"select_all_types", "SELECT b, i, s, d, t, v, u, w FROM all_types WHERE id = $1"};
constexpr statement select_by_all{
    "select_by_all_types",
    "SELECT count(*) FROM all_types WHERE b = $1 AND i = $2 AND s = $3 AND d = $4 AND t = $5 AND v = $6 AND u = $7 AND w = $8"};
constexpr statement subtract{"subtract", "SELECT CAST($2 AS bigint) - CAST($1 AS bigint)"};
constexpr statement change_all{"change_all", "UPDATE all_types SET s = s + 1"};
constexpr statement insert_returning{"insert_returning", "INSERT INTO all_types (id) VALUES ($1) RETURNING id"};

struct sample {
  bool b;
  std::int64_t i;
  std::int64_t s;
  double d;
  std::string t;
  bytes v;
  uuid u;
  timestamp w;

  std::vector<value> values() const { return {b, i, s, d, t, v, u, w}; }
};

uuid filled_uuid(std::uint8_t byte) {
  uuid id;
  id.bytes.fill(byte);
  return id;
}

std::vector<sample> samples() {
  using integer = std::numeric_limits<std::int64_t>;
  using small = std::numeric_limits<std::int32_t>;
  using real = std::numeric_limits<double>;
  bytes every_byte(256);
  for (std::size_t i = 0; i < every_byte.size(); ++i) every_byte[i] = static_cast<std::uint8_t>(i);
  return {
      {false, integer::min(), small::min(), real::lowest(), "", {}, filled_uuid(0), *parse_rfc3339("0001-01-01T00:00:00Z")},
      {true, integer::max(), small::max(), real::max(), "Sayur, wortel & 🥕 'quoted' \\ \"double\"", every_byte, filled_uuid(255),
       *parse_rfc3339("9999-12-31T23:59:59.999999Z")},
      {true, 0, -1, real::denorm_min(), std::string(100'000, 'x'), bytes(100'000, 0), filled_uuid(7),
       *parse_rfc3339("1969-12-31T23:59:59.999999Z")},
      {false, -1, 1, 0.1, "\x01\x7f\t\r\n", {0}, filled_uuid(128), *parse_rfc3339("2026-11-23T09:26:55.000123Z")},
      {true, 1, 0, -real::infinity(), "$1 -- ?", {1, 0, 1}, filled_uuid(1), timestamp{}},
  };
}

void expect_equal(const row& found, const sample& expected) {
  EXPECT_EQ(found.get<bool>(0), expected.b);
  EXPECT_EQ(found.get<std::int64_t>(1), expected.i);
  EXPECT_EQ(found.get<std::int64_t>(2), expected.s);
  EXPECT_EQ(found.get<double>(3), expected.d);
  EXPECT_EQ(found.get<std::string>(4), expected.t);
  EXPECT_EQ(found.get<bytes>(5), expected.v);
  EXPECT_EQ(found.get<uuid>(6), expected.u);
  EXPECT_EQ(found.get<timestamp>(7), expected.w);
}

TEST_P(DatabaseContract, KeepsEveryTypeUpToItsLimits) {
  on_database([](database& on) -> async::task<> {
    co_await on.execute_one(create_table);
    std::int64_t id = 0;
    for (const auto& one : samples()) {
      auto parameters = one.values();
      parameters.insert(parameters.begin(), ++id);
      const auto inserted = co_await on.execute_one({insert_row, std::move(parameters)});
      EXPECT_EQ(inserted.affected(), 1);
      const auto found = co_await on.query({select_row, {id}});
      EXPECT_EQ(found.size(), 1U);
      if (!found.empty()) expect_equal(found[0], one);
      const auto count = co_await on.query({select_by_all, one.values()});
      EXPECT_EQ(count[0].get<std::int64_t>(0), 1) << "row " << id;
    }
  });
}

TEST_P(DatabaseContract, KeepsNulls) {
  on_database([](database& on) -> async::task<> {
    co_await on.execute_one(create_table);
    std::vector<value> parameters(9);
    parameters[0] = std::int64_t{1};
    co_await on.execute_one({insert_row, std::move(parameters)});
    const auto found = co_await on.query({select_row, {std::int64_t{1}}});
    for (std::size_t column = 0; column < 8; ++column) EXPECT_TRUE(found[0].is_null(column)) << column;
    EXPECT_EQ(found[0].get_optional<std::string>(4), std::nullopt);
    EXPECT_THROW(found[0].get<std::int64_t>(1), std::logic_error);
  });
}

TEST_P(DatabaseContract, RefusesTextWithNulCharactersAndGoesOn) {
  on_database([](database& on) -> async::task<> {
    co_await on.execute_one(create_table);
    std::vector<value> parameters(9);
    parameters[0] = std::int64_t{1};
    parameters[5] = std::string("a\0b", 3);
    std::vector<call> batch{{insert_row, {std::int64_t{2}, null{}, null{}, null{}, null{}, null{}, null{}, null{}, null{}}}};
    batch.emplace_back(insert_row, parameters);
    co_await failure_of<error>(on.execute_one({insert_row, parameters}));
    co_await failure_of<error>(on.execute(std::move(batch)));
    for (const std::int64_t id : {1, 2}) {
      const auto found = co_await on.query({select_row, {id}});
      EXPECT_TRUE(found.empty());
    }
  });
}

TEST_P(DatabaseContract, BindsParametersByNumberNotByAppearance) {
  on_database([](database& on) -> async::task<> {
    const auto difference = co_await on.query({subtract, {std::int64_t{3}, std::int64_t{10}}});
    EXPECT_EQ(difference[0].get<std::int64_t>(0), 7);
  });
}

TEST_P(DatabaseContract, CountsTheRowsThatAStatementChanged) {
  on_database([](database& on) -> async::task<> {
    co_await on.execute_one(create_table);
    const auto first = co_await on.execute_one({insert_returning, {std::int64_t{1}}});
    EXPECT_EQ(first.affected(), 1);
    EXPECT_EQ(first[0].get<std::int64_t>(0), 1);
    co_await on.execute_one({insert_returning, {std::int64_t{2}}});
    const auto changed = co_await on.execute_one(change_all);
    EXPECT_EQ(changed.affected(), 2);
    const auto read = co_await on.execute_one({select_row, {std::int64_t{1}}});
    EXPECT_EQ(read.affected(), 0);
    EXPECT_EQ(read.size(), 1U);
  });
}

}  // namespace
}  // namespace micro_sayur::sql::contract
