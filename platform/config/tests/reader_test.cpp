// SPDX-License-Identifier: Apache-2.0
#include "platform/config/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace micro_sayur::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

source from_map(std::map<std::string, std::string, std::less<>> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

std::vector<std::string> faults_of(const reader& from) {
  try {
    from.finish();
    return {};
  } catch (const faults& found) {
    return found.lines();
  }
}

struct settings {
  std::string host;
  std::uint16_t port;
  std::string name;
  seconds time_to_live;
  std::string level;
  std::string base_url;
  network_list proxies;
  std::vector<std::string> origins;
  bool tls;
  secret_source password;
};

settings read_settings(reader& from) {
  return {.host = from.required_text("DB_HOST", "host of PostgreSQL"),
          .port = from.port("DB_PORT", "port of PostgreSQL", 5432),
          .name = from.text("DB_NAME", "database", "sayur"),
          .time_to_live = from.duration("VERIFY_TTL", "how long a mailed link works", std::chrono::hours(24), minutes(1)),
          .level = from.one_of("LOG_LEVEL", "least severe level that is logged", {"debug", "info"}, "info"),
          .base_url = from.required_url("PUBLIC_BASE_URL", "where people reach this service"),
          .proxies = from.networks("TRUSTED_PROXIES", "proxies whose forwarded addresses count"),
          .origins = from.list("CORS_ALLOWED_ORIGINS", "origins of web pages"),
          .tls = from.boolean("SMTP_TLS", "encrypt", true),
          .password = from.required_secret("DB_PASSWORD", "password of PostgreSQL")};
}

TEST(ConfigReader, ReadsEveryType) {
  reader from(from_map({{"APP_ENV", "development"},
                        {"DB_HOST", "db"},
                        {"DB_PORT", "6432"},
                        {"VERIFY_TTL", "15m"},
                        {"LOG_LEVEL", "debug"},
                        {"PUBLIC_BASE_URL", "https://sayur.example/users/"},
                        {"TRUSTED_PROXIES", "10.0.0.0/8, ::1"},
                        {"CORS_ALLOWED_ORIGINS", "https://a.example,https://b.example"},
                        {"SMTP_TLS", "false"},
                        {"DB_PASSWORD", "plain"}}));
  const auto read = read_settings(from);
  EXPECT_THAT(faults_of(from), IsEmpty());
  EXPECT_EQ(read.host, "db");
  EXPECT_EQ(read.port, 6432);
  EXPECT_EQ(read.name, "sayur");
  EXPECT_EQ(read.time_to_live, minutes(15));
  EXPECT_EQ(read.level, "debug");
  EXPECT_EQ(read.base_url, "https://sayur.example/users");
  EXPECT_TRUE(read.proxies.matches(boost::asio::ip::make_address("10.1.2.3")));
  EXPECT_THAT(read.origins, ElementsAre("https://a.example", "https://b.example"));
  EXPECT_FALSE(read.tls);
  EXPECT_EQ(read.password.read(), "plain");
}

TEST(ConfigReader, ReportsAllFaultsAtOnce) {
  reader from(from_map({{"APP_ENV", "prod"},
                        {"DB_PORT", "70000"},
                        {"VERIFY_TTL", "30s"},
                        {"LOG_LEVEL", "loud"},
                        {"PUBLIC_BASE_URL", "sayur.example"},
                        {"TRUSTED_PROXIES", "10.0.0.0/8,everyone"},
                        {"SMTP_TLS", "perhaps"}}));
  read_settings(from);
  EXPECT_THAT(faults_of(from), ElementsAre(StartsWith("APP_ENV: \"prod\""), StartsWith("DB_HOST: is required"),
                                           HasSubstr("from 1 to 65535"), StartsWith("VERIFY_TTL: \"30s\""), HasSubstr("one of debug, info"),
                                           StartsWith("PUBLIC_BASE_URL: \"sayur.example\""), StartsWith("TRUSTED_PROXIES: \"everyone\""),
                                           StartsWith("SMTP_TLS: \"perhaps\""), StartsWith("DB_PASSWORD_FILE: is required")));
}

TEST(ConfigReader, TakesAnEmptyVariableForNotSet) {
  reader from(from_map({{"DB_NAME", ""}, {"DB_HOST", ""}}));
  EXPECT_EQ(from.text("DB_NAME", "database", "sayur"), "sayur");
  EXPECT_EQ(from.optional_text("DB_HOST", "host"), std::nullopt);
  EXPECT_THAT(faults_of(from), IsEmpty());
}

TEST(ConfigReader, ChecksAnOptionalUrlWhereThereIsOne) {
  reader from(from_map({{"A_URL", "https://sayur.example/"}, {"B_URL", "sayur.example"}}));
  EXPECT_EQ(from.optional_url("A_URL", "a"), "https://sayur.example");
  EXPECT_EQ(from.optional_url("C_URL", "c"), std::nullopt);
  EXPECT_THAT(faults_of(from), IsEmpty());
  EXPECT_EQ(from.optional_url("B_URL", "b"), std::nullopt);
  EXPECT_THAT(faults_of(from), ElementsAre(StartsWith("B_URL: \"sayur.example\"")));
}

TEST(ConfigReader, IsForProductionUnlessToldOtherwise) {
  EXPECT_FALSE(reader(from_map({})).development());
  EXPECT_FALSE(reader(from_map({{"APP_ENV", "production"}})).development());
  EXPECT_TRUE(reader(from_map({{"APP_ENV", "development"}})).development());
}

TEST(ConfigReader, RefusesPlaintextInProductionUnlessItIsAllowedByName) {
  const auto faults_with = [](std::map<std::string, std::string, std::less<>> variables, bool is_secure) {
    reader from(from_map(std::move(variables)));
    from.plaintext("CACHE", is_secure, "CACHE_TLS", "true");
    return faults_of(from);
  };
  EXPECT_THAT(faults_with({}, false),
              ElementsAre(AllOf(StartsWith("CACHE_TLS: "), HasSubstr("set it to true, or CACHE_PLAINTEXT=allowed"))));
  EXPECT_THAT(faults_with({}, true), IsEmpty());
  EXPECT_THAT(faults_with({{"CACHE_PLAINTEXT", "allowed"}}, false), IsEmpty());
  EXPECT_THAT(faults_with({{"APP_ENV", "development"}}, false), IsEmpty());
  EXPECT_THAT(faults_with({{"CACHE_PLAINTEXT", "yes"}}, true), ElementsAre(StartsWith("CACHE_PLAINTEXT: \"yes\" is not acceptable")));
  EXPECT_THAT(faults_with({{"CACHE_PLAINTEXT", "yes"}}, false), SizeIs(2)) << "what is not understood allows nothing";
}

TEST(ConfigReader, RefusesControlCharactersInAnyText) {
  reader from(from_map({{"A", "one\ntwo"}, {"B", "tab\t"}, {"C", "\x7f"}}));
  from.text("A", "letter", "");
  from.required_text("B", "letter");
  from.required_text("B", "letter");
  from.optional_text("C", "letter");
  EXPECT_THAT(faults_of(from),
              ElementsAre(StartsWith("A: holds a control"), StartsWith("B: holds a control"), StartsWith("C: holds a control")));
}

TEST(ConfigReader, TakesAHostForWhatItIs) {
  for (const std::string good : {"redis", "redis.example.com", "10.0.0.1", "::1", "fe80::1%eth0", "a_b-c"}) {
    reader from(from_map({{"HOST", good}}));
    EXPECT_EQ(from.required_host("HOST", "server"), good);
    EXPECT_THAT(faults_of(from), IsEmpty()) << good;
  }
  for (const std::string bad : {"redis://x", "redis:6379", "a b", "a/b", "[::1]:80"}) {
    reader from(from_map({{"HOST", bad}}));
    from.required_host("HOST", "server");
    EXPECT_THAT(faults_of(from), SizeIs(1)) << bad;
  }
}

TEST(ConfigReader, HelpListsEveryVariableExactlyOnce) {
  reader from(from_map({}));
  read_settings(from);
  read_settings(from);
  const auto help = from.help();
  for (const std::string name : {"APP_ENV", "DB_HOST", "DB_PORT", "DB_NAME", "VERIFY_TTL", "LOG_LEVEL", "PUBLIC_BASE_URL",
                                 "TRUSTED_PROXIES", "CORS_ALLOWED_ORIGINS", "SMTP_TLS", "DB_PASSWORD_FILE"}) {
    const auto line = "\n  " + name + " ";
    const auto first = ("\n" + help).find(line);
    EXPECT_NE(first, std::string::npos) << name;
    EXPECT_EQ(("\n" + help).find(line, first + 1), std::string::npos) << name;
  }
  EXPECT_THAT(help, HasSubstr("1d"));
  EXPECT_EQ(std::ranges::count(help, '\n'), 11);
}

TEST(ConfigReader, ReportsAVariableThatTwoReadersShareOnce) {
  reader from(from_map({{"PUBLIC_BASE_URL", "https://x"}}));
  read_settings(from);
  read_settings(from);
  EXPECT_THAT(faults_of(from), ElementsAre(StartsWith("DB_HOST"), StartsWith("DB_PASSWORD_FILE")));
}

TEST(ConfigReader, PutsEveryFaultOnALineOfWhat) {
  reader from(from_map({}));
  from.add_fault("A", "clashes with B", "unset one");
  from.required_text("C", "letter");
  try {
    from.finish();
    FAIL() << "no faults";
  } catch (const faults& found) {
    EXPECT_STREQ(found.what(), "A: clashes with B; unset one\nC: is required; set it: letter");
  }
}

}  // namespace
}  // namespace micro_sayur::config
