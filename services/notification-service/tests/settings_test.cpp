// SPDX-License-Identifier: Apache-2.0
#include "notification-service/composition/settings.hpp"

#include "notification-service/adapters/sessions/configuration.hpp"
#include "notification-service/adapters/smtp/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace micro_sayur::notification_service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using variables = std::map<std::string, std::string, std::less<>>;

struct reading {
  smtp_settings mail;
  std::vector<std::string> faults;
};

config::reader reader_of(variables given) {
  return config::reader([given = std::move(given)](std::string_view name) -> std::optional<std::string> {
    const auto found = given.find(name);
    return found == given.end() ? std::nullopt : std::optional(found->second);
  });
}

std::vector<std::string> faults_of(const config::reader& reader) {
  try {
    reader.finish();
  } catch (const config::faults& faults) {
    return faults.lines();
  }
  return {};
}

reading read(variables given) {
  given.try_emplace("SMTP_HOST", "mail.example");
  given.try_emplace("MAIL_FROM", "Micro-Sayur <noreply@sayur.example>");
  auto reader = reader_of(std::move(given));
  auto mail = read_smtp_settings(reader, read_mail_from(reader));
  return {.mail = std::move(mail), .faults = faults_of(reader)};
}

TEST(SmtpSettings, AreSafeByThemselves) {
  const auto [mail, faults] = read({});
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(mail.tls, smtp_tls::starttls);
  EXPECT_EQ(mail.port, 587);
  EXPECT_FALSE(mail.username);
  EXPECT_EQ(mail.from, (mailbox{.name = "Micro-Sayur", .address = "noreply@sayur.example"}));
}

TEST(SmtpSettings, AttemptsEndBeforeTheirLease) { EXPECT_LT(read({}).mail.deadline, std::chrono::seconds(20)); }

TEST(SmtpSettings, RefuseHalfALogin) {
  EXPECT_THAT(read({{"SMTP_USERNAME", "user"}}).faults, ElementsAre(HasSubstr("SMTP_PASSWORD_FILE")));
  EXPECT_THAT(read({{"APP_ENV", "development"}, {"SMTP_PASSWORD", "x"}}).faults, ElementsAre(HasSubstr("SMTP_USERNAME")));
}

TEST(SmtpSettings, SendNoPasswordInTheClearOutsideDevelopment) {
  variables given{{"SMTP_TLS", "none"}, {"SMTP_USERNAME", "user"}, {"SMTP_PASSWORD_FILE", "/dev/null"}};
  EXPECT_THAT(read(given).faults, testing::Contains(HasSubstr("SMTP_TLS")));
  EXPECT_THAT(read({{"APP_ENV", "development"}, {"SMTP_TLS", "none"}, {"SMTP_USERNAME", "user"}, {"SMTP_PASSWORD", "x"}}).faults,
              IsEmpty());
}

TEST(UserServiceUrl, FollowsFromTheAddressOfTheKeys) {
  auto reader = reader_of({});
  EXPECT_EQ(read_user_service_url(reader, "https://sayur.example/app/.well-known/jwks.json"), "https://sayur.example/app");
  EXPECT_THAT(faults_of(reader), IsEmpty());
}

TEST(UserServiceUrl, IsTakenAsItIsSet) {
  auto reader = reader_of({{"USER_SERVICE_URL", "http://users:8080/"}});
  EXPECT_EQ(read_user_service_url(reader, "https://keys.example/all.json"), "http://users:8080");
  EXPECT_THAT(faults_of(reader), IsEmpty());
}

TEST(UserServiceUrl, MustBeSetWhenTheAddressOfTheKeysDoesNotTellIt) {
  auto reader = reader_of({});
  read_user_service_url(reader, "https://keys.example/all.json");
  EXPECT_THAT(faults_of(reader), ElementsAre(testing::AllOf(HasSubstr("USER_SERVICE_URL"), HasSubstr("JWKS_URL"))));
  auto wrong = reader_of({{"USER_SERVICE_URL", "users"}});
  read_user_service_url(wrong, "https://keys.example/all.json");
  EXPECT_THAT(faults_of(wrong), ElementsAre(HasSubstr("USER_SERVICE_URL")));
}

TEST(MailRecipientsSetting, IsEverybodyUnlessItIsSet) {
  auto reader = reader_of({});
  EXPECT_EQ(read_settings(reader).recipients.count(), std::nullopt);
  EXPECT_THAT(faults_of(reader), IsEmpty());
}

TEST(MailRecipientsSetting, IsAListOrAWord) {
  auto reader = reader_of({{"MAIL_RECIPIENTS", " example.com, siti@other.example ,, "}});
  const auto recipients = read_settings(reader).recipients;
  EXPECT_EQ(recipients.count(), 2U);
  EXPECT_TRUE(recipients.names("budi@example.com"));
  EXPECT_FALSE(recipients.names("budi@other.example"));
  EXPECT_THAT(faults_of(reader), IsEmpty());
  auto none = reader_of({{"MAIL_RECIPIENTS", "nobody"}});
  EXPECT_EQ(read_settings(none).recipients.count(), 0U);
}

TEST(MailRecipientsSetting, TellsEveryFaultAndDoesNotTakeNothingForEverybody) {
  auto wrong = reader_of({{"MAIL_RECIPIENTS", "*,budi@example.com,@example.com"}});
  read_settings(wrong);
  EXPECT_THAT(faults_of(wrong),
              ElementsAre(HasSubstr("MAIL_RECIPIENTS: \"*\" is neither"), HasSubstr("MAIL_RECIPIENTS: \"@example.com\"")));
  for (const auto* nothing : {"", " ", ",", "a\nb"}) {
    auto reader = reader_of({{"MAIL_RECIPIENTS", nothing}});
    read_settings(reader);
    EXPECT_THAT(faults_of(reader), ElementsAre(HasSubstr("MAIL_RECIPIENTS"))) << nothing;
  }
}

TEST(MailFrom, MustBeAnAddressThatAnyServerTakes) {
  for (const auto* text : {"nobody", "a@b>", "Sayur <noreply@sayür.example>"})
    EXPECT_THAT(read({{"MAIL_FROM", text}}).faults, ElementsAre(HasSubstr("MAIL_FROM"))) << text;
  EXPECT_THAT(read({{"MAIL_FROM", ""}}).faults, ElementsAre(HasSubstr("MAIL_FROM")));
  EXPECT_THAT(read({{"MAIL_FROM", "Sayür <noreply@sayur.example>"}}).faults, IsEmpty()) << "a name may have any letters";
}

}  // namespace
}  // namespace micro_sayur::notification_service
