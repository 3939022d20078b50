// SPDX-License-Identifier: Apache-2.0
#include "user-service/domain/profile_changes.hpp"
#include "user-service/domain/phone_number.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace micro_sayur::user_service {
namespace {

TEST(ProfileChanges, NameIsTrimmedAndLimited) {
  EXPECT_FALSE(check_name("  Budi  "));
  EXPECT_FALSE(check_name(std::string(100, 'x')));
  EXPECT_EQ(check_name("   ")->code, "too_short");
  EXPECT_EQ(check_name(std::string(101, 'x'))->code, "too_long");
  EXPECT_EQ(check_name("Budi\nSantoso")->code, "invalid_format");
}

TEST(ProfileChanges, TellsEveryFault) {
  profile_changes changes;
  changes.name = {.wanted = true, .value = std::nullopt};
  changes.phone = {.wanted = true, .value = "12+34"};
  changes.lat = {.wanted = true, .value = 91};
  changes.lng = {.wanted = true, .value = -181};
  changes.locale = {.wanted = true, .value = std::nullopt};
  const auto faults = normalise(changes, "62");
  std::vector<std::string> fields;
  for (const auto& each : faults) fields.push_back(each.field + ":" + each.code);
  EXPECT_THAT(fields,
              testing::UnorderedElementsAre("name:required", "phone:invalid_format", "lat:too_large", "lng:too_small", "locale:required"));
}

TEST(ProfileChanges, NullClearsAndAbsentKeeps) {
  account before{.name = "Budi", .locale = "id", .phone = "+62 812", .address = "Jalan Sayur 1", .lat = 1.5};
  profile_changes changes;
  changes.phone = {.wanted = true, .value = std::nullopt};
  changes.name = {.wanted = true, .value = " Siti "};
  ASSERT_TRUE(normalise(changes, "62").empty());
  const auto after = apply(before, changes);
  EXPECT_EQ(after.name, "Siti");
  EXPECT_FALSE(after.phone);
  EXPECT_EQ(after.address, "Jalan Sayur 1");
  EXPECT_EQ(after.lat, 1.5);
}

TEST(ProfileChanges, CoordinatesGoTogether) {
  const change<double> set{.wanted = true, .value = 1.5};
  const change<double> cleared{.wanted = true, .value = std::nullopt};
  const auto lacking = [](change<double> lat, change<double> lng) {
    profile_changes changes;
    changes.lat = lat;
    changes.lng = lng;
    const auto faults = normalise(changes, "62");
    return faults.empty() ? "" : faults.front().field + ":" + faults.front().code;
  };
  EXPECT_EQ(lacking(set, set), "");
  EXPECT_EQ(lacking(cleared, cleared), "");
  EXPECT_EQ(lacking({}, {}), "");
  EXPECT_EQ(lacking(set, {}), "lng:required");
  EXPECT_EQ(lacking({}, set), "lat:required");
  EXPECT_EQ(lacking(cleared, {}), "lng:required");
  EXPECT_EQ(lacking({}, cleared), "lat:required");
  EXPECT_EQ(lacking(set, cleared), "lng:required");
  EXPECT_EQ(lacking(cleared, set), "lat:required");
}

TEST(PhoneNumber, IsKeptAsE164) {
  for (const auto* typed : {"+62 812 3456 789", "0812-3456-789", "62 812.3456.789", " (0812) 3456789 ", "+62(812)3456789", "+628123456789"})
    EXPECT_EQ(parse_phone_number(typed, "62"), "+628123456789") << typed;
  EXPECT_EQ(parse_phone_number("+1 212 555 0100", "62"), "+12125550100");
  EXPECT_EQ(parse_phone_number("012 345 6789", "60"), "+60123456789");
  EXPECT_EQ(parse_phone_number("+12345678", "62"), "+12345678");
  EXPECT_EQ(parse_phone_number("+123456789012345", "62"), "+123456789012345");
}

RC_GTEST_PROP(PhoneNumber, IsOneOrRefusedAndStaysWhatItIs, ()) {
  const auto typed = *rc::gen::container<std::string>(rc::gen::element('+', '0', '1', '6', '2', '9', ' ', '(', ')', '-', '.', 'x'));
  const auto kept = parse_phone_number(typed, "62");
  if (kept) RC_ASSERT(parse_phone_number(*kept, "62") == kept);
}

TEST(PhoneNumber, RefusesWhatIsNone) {
  for (const auto* typed : {"", "+", "0", "call me", "12345", "8123456789", "+1234567", "+1234567890123456", "+0812345678", "0062812345678",
                            "+62+8123456", "62+8123456", "+62 812 abc", "\u0660\u0668\u0661\u0662", "++628123456789", "+62/812/3456789"})
    EXPECT_EQ(parse_phone_number(typed, "62"), std::nullopt) << typed;
}

}  // namespace
}  // namespace micro_sayur::user_service
