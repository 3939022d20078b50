// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/events/event_reader.hpp"

#include "contracts/event_limits.hpp"
#include "contracts/event_topology.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <sstream>

namespace micro_sayur::notification_service {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string example(std::string_view type) {
  std::ifstream file(fmt::format("{}/contracts/examples/{}.json", MICRO_SAYUR_SOURCE_DIR, type));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto place = text.find(what);
  if (place == std::string::npos) throw std::logic_error("the example does not hold what is to be replaced");
  return text.replace(place, what.size(), with);
}

std::string error_of(const std::string& text) {
  const auto read = read_event(text);
  return read ? "" : read.error();
}

TEST(EventReader, ReadsTheExampleOfEachType) {
  const std::map<std::string_view, std::optional<notification_kind>> kinds{
      {"user.registered", std::nullopt},
      {"user.deleted", std::nullopt},
      {"user.email_verification_requested", notification_kind::email_verification},
      {"user.password_reset_requested", notification_kind::password_reset},
      {"user.password_changed", notification_kind::password_changed},
      {"user.registration_attempted", notification_kind::registration_attempted}};
  for (const auto type : event_topology::notification_types) {
    const auto event = read_event(example(type));
    ASSERT_TRUE(event) << type << ": " << event.error();
    EXPECT_EQ(event->key.type, type);
    EXPECT_EQ(event->key.source, "/user-service");
    EXPECT_EQ(event->kind, kinds.at(type)) << type;
    EXPECT_EQ(event->request_id, "0193552a-5c57-7a3e-8f3b-aaaaaaaaaaaa");
    EXPECT_THAT(event->traceparent, HasSubstr("4bf92f3577b34da6a3ce929d0e0e4736"));
    if (event->kind) EXPECT_EQ(event->recipient, "Budi@example.com");
    EXPECT_EQ(event->user_deleted, type == "user.deleted");
  }
}

TEST(EventReader, TellsWhoWasDeleted) {
  const auto event = read_event(example("user.deleted"));
  ASSERT_TRUE(event) << event.error();
  EXPECT_EQ(event->user_id, uuid::parse("0193552a-5c57-7a3e-8f3b-ba9876543210"));
  EXPECT_THAT(error_of(replaced(example("user.deleted"), R"("user_id": "0193552a)", R"("user_id": "x)")), HasSubstr("data.user_id"));
}

TEST(EventReader, FillsTheTemplatesValues) {
  const auto event = read_event(replaced(example("user.email_verification_requested"), R"("locale": "id")", R"("locale": "en")"));
  ASSERT_TRUE(event) << event.error();
  EXPECT_EQ(event->user_id, uuid::parse("0193552a-5c57-7a3e-8f3b-ba9876543210"));
  EXPECT_EQ(event->language, locale::english);
  EXPECT_EQ(event->values,
            (template_values{{"link", "https://sayur.example/verify-email?token=q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"},
                             {"time", "24 November 2026 at 09:26 UTC"},
                             {"requested", "23 November 2026 at 09:26 UTC"},
                             {"network", "203.0.113.7"}}))
      << "nothing that was typed: nobody has confirmed the address";
  const auto reset = read_event(example("user.password_reset_requested"));
  EXPECT_EQ(reset->values.find("name")->second, "Budi Santoso");
}

TEST(EventReader, TakesEventsOfEarlierVersions) {
  const auto earlier = replaced(replaced(example("user.email_verification_requested"), "requested_at", "other"), "network", "another");
  const auto event = read_event(earlier);
  ASSERT_TRUE(event) << event.error();
  EXPECT_FALSE(event->values.contains("network"));
}

TEST(EventReader, TakesTheLongestNameOfTheContract) {
  std::string name;
  for (std::size_t i = 0; i < event_limits::most_code_points_of_name; ++i) name += "\U0001f44d";
  const auto event = read_event(replaced(example("user.password_changed"), "Budi Santoso", name));
  ASSERT_TRUE(event) << event.error();
  EXPECT_EQ(event->values.at("name"), name);
  EXPECT_THAT(error_of(replaced(example("user.password_changed"), "Budi Santoso", name + "x")), HasSubstr("data.name"));
}

TEST(EventReader, IgnoresWhatItDoesNotKnow) {
  const auto more = replaced(example("user.password_changed"), R"("data": {)", R"("new": {"a": 1}, "data": {"also_new": [2],)");
  EXPECT_TRUE(read_event(more));
  const auto other =
      read_event(replaced(replaced(example("user.password_changed"), "user.password_changed", "user.deleted"), "\"email\"", "\"x\""));
  ASSERT_TRUE(other) << other.error();
  EXPECT_FALSE(other->kind);
  EXPECT_EQ(other->key.type, "user.deleted");
  const auto language = read_event(replaced(example("user.password_changed"), R"("locale": "id")", R"("locale": 7)"));
  EXPECT_TRUE(language);
}

TEST(EventReader, RefusesWhatIsNoEvent) {
  for (const auto* text : {"", "{", "[]", "null", "{}", R"({"specversion":"1.0"})", "\xff"}) EXPECT_NE(error_of(text), "") << text;
  const auto good = example("user.password_changed");
  EXPECT_THAT(error_of(replaced(good, R"("specversion": "1.0")", R"("specversion": "2.0")")), HasSubstr("specversion"));
  EXPECT_THAT(error_of(replaced(good, R"("id": ")", R"("id": "x)")), HasSubstr("id"));
}

TEST(EventReader, RefusesDataThatNoMailCanBeMadeOf) {
  const auto good = example("user.email_verification_requested");
  EXPECT_THAT(error_of(replaced(good, "Budi@example.com", "")), HasSubstr("data.email"));
  EXPECT_THAT(error_of(replaced(good, "Budi@example.com", "nobody")), HasSubstr("data.email"));
  EXPECT_THAT(error_of(replaced(good, "Budi@example.com", "a@b\\r\\nRCPT TO:<c@d>")), HasSubstr("data.email"));
  EXPECT_THAT(error_of(replaced(good, "Budi@example.com", "Budi <a@b>")), HasSubstr("data.email"));
  const auto named = example("user.password_reset_requested");
  EXPECT_THAT(error_of(replaced(named, R"("name": "Budi Santoso")", R"("name": 1)")), HasSubstr("data.name"));
  EXPECT_THAT(error_of(replaced(good, "https://sayur", "javascript:")), HasSubstr("data.link"));
  EXPECT_THAT(error_of(replaced(good, "https://sayur", "https://sa yur")), HasSubstr("data.link"));
  EXPECT_THAT(error_of(replaced(good, "\"expires_at\"", "\"expired_at\"")), HasSubstr("data.expires_at"));
  EXPECT_THAT(error_of(replaced(good, "2026-11-24T", "2026-13-24T")), HasSubstr("data.expires_at"));
}

TEST(EventReader, QuotesNoSecretInItsReason) {
  const auto bad = replaced(example("user.email_verification_requested"), "https://sayur", "ftp://sayur");
  EXPECT_THAT(error_of(bad), Not(HasSubstr("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA")));
}

RC_GTEST_PROP(EventReader, SurvivesAnyText, (std::string text, std::uint16_t place)) {
  auto event = example("user.email_verification_requested");
  event.replace(place % event.size(), text.size() % 7, text);
  const auto read = read_event(event);
  if (!read) RC_ASSERT(!read.error().empty());
  const auto pure = read_event(text);
  if (!pure) RC_ASSERT(!pure.error().empty());
}

}  // namespace
}  // namespace micro_sayur::notification_service
