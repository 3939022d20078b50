// SPDX-License-Identifier: Apache-2.0
#include "platform/json/decode.hpp"
#include "platform/json/encode.hpp"
#include "platform/json/reader.hpp"
#include "platform/json/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/describe/class.hpp>
#include <boost/json/serialize.hpp>

namespace micro_sayur::json {

struct line_item {
  std::string name;
  std::int64_t count;
};
BOOST_DESCRIBE_STRUCT(line_item, (), (name, count))

struct order {
  std::string customer;
  std::optional<double> discount;
  std::vector<line_item> items;
  patch<std::string> note;
};
BOOST_DESCRIBE_STRUCT(order, (), (customer, discount, items, note))

template <>
struct about<line_item> {
  static constexpr std::string_view name = "LineItem";
  static constexpr std::array fields{field_rule{.field = "count", .minimum = 1, .maximum = 99}};
};
template <>
struct about<order> {
  static constexpr std::string_view name = "Order";
  static constexpr std::array fields{field_rule{.field = "customer", .min_length = 2, .max_length = 4}};
};

namespace {

std::vector<std::string> faults_of(std::string_view text) {
  const auto decoded = decode<order>(*parse(text));
  std::vector<std::string> found;
  if (!decoded)
    for (const auto& each : decoded.error()) found.push_back(each.field + ":" + each.code);
  return found;
}

TEST(Decode, ReadsEveryKindOfMember) {
  const auto decoded = decode<order>(*parse(R"({"customer":"Ani","discount":2,"items":[{"name":"bayam","count":3}],"note":null})"));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->customer, "Ani");
  EXPECT_EQ(decoded->discount, 2.0);
  EXPECT_EQ(decoded->items.at(0).count, 3);
  EXPECT_TRUE(decoded->note.present);
  EXPECT_FALSE(decoded->note.value);
}

TEST(Decode, ReportsEveryFaultWithItsPath) {
  EXPECT_THAT(faults_of(R"({"customer":"A","discount":"x","items":[{"name":1,"count":1.5},{"count":100,"extra":0}]})"),
              testing::ElementsAre("customer:too_short", "discount:wrong_type", "items[0].name:wrong_type", "items[0].count:wrong_type",
                                   "items[1].name:required", "items[1].count:too_large", "items[1].extra:unknown_field"));
}

TEST(Decode, RemembersOneFaultMoreThanAreNamed) {
  std::string text = R"({"customer":"A","items":[)";
  for (int i = 0; i < 1000; ++i) text += std::string(i == 0 ? "" : ",") + "{}";
  const auto faults = faults_of(text + "]}");
  EXPECT_EQ(faults.size(), most_faults + 1);
  EXPECT_EQ(faults.front(), "customer:too_short");
}

TEST(Decode, NamesOnlyTheBeginningOfALongName) {
  EXPECT_THAT(faults_of(R"({"customer":"Ani","items":[{"name":"","count":1,")" + std::string(1000, 'n') + R"(":1}]})"),
              testing::ElementsAre("items[0]." + std::string(64, 'n') + "\u2026:unknown_field"));
}

TEST(Decode, KnowsTheLargestObject) { static_assert(largest_object<order>() == 4 && largest_object<line_item>() == 2); }

TEST(Decode, CountsCharactersNotBytes) { EXPECT_THAT(faults_of(R"({"customer":"éééé","items":[]})"), testing::IsEmpty()); }

TEST(Decode, RefusesABodyThatIsNoObject) { EXPECT_THAT(faults_of("[]"), testing::ElementsAre(":wrong_type")); }

TEST(JoinFaults, HidesTheRulesOfMeaningOfFieldsWhoseFormIsWrong) {
  const auto names = [](const std::vector<fault>& faults) {
    std::vector<std::string> out;
    for (const auto& each : faults) out.push_back(each.field + ":" + each.code);
    return out;
  };
  const std::vector<fault> more{{"a", "too_weak", ""}, {"b", "invalid_format", ""}};
  EXPECT_THAT(names(join_faults({{"a", "required", ""}, {"x", "unknown_field", ""}}, more)),
              testing::ElementsAre("a:required", "b:invalid_format", "x:unknown_field"));
  EXPECT_THAT(names(join_faults({{"", "wrong_type", ""}}, more)), testing::ElementsAre(":wrong_type"));
  EXPECT_THAT(names(join_faults({}, more)), testing::ElementsAre("a:too_weak", "b:invalid_format"));
}

TEST(Encode, WritesMembersInOrder) {
  EXPECT_EQ(encode(line_item{"a\"b", 2}), R"({"name":"a\"b","count":2})");
  EXPECT_EQ(encode(std::vector<std::int64_t>{}), "[]");
  EXPECT_EQ(encode(std::optional<double>{}), "null");
}

TEST(Schema, ClosesRequestsAndCarriesTheRules) {
  schema_set set;
  set.add<order>({.field = ""}, true);
  EXPECT_EQ(
      boost::json::serialize(set.schemas().at("LineItem")),
      R"({"type":"object","properties":{"name":{"type":"string"},"count":{"type":"integer","minimum":1E0,"maximum":9.9E1}},"required":["name","count"],"additionalProperties":false})");
  EXPECT_EQ(boost::json::serialize(set.schemas().at("Order").at("required")), R"(["customer","items"])");
}

}  // namespace
}  // namespace micro_sayur::json
