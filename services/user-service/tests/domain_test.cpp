// SPDX-License-Identifier: Apache-2.0
#include "platform/base/text.hpp"
#include "user-service/domain/email_address.hpp"
#include "user-service/domain/password_policy.hpp"
#include "user-service/domain/throttling.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;

TEST(EmailAddress, KeepsWhatWasTypedAndFoldsTheKey) {
  const auto address = parse_email_address("  Budi.Santoso@Example.COM ");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->text, "Budi.Santoso@Example.COM");
  EXPECT_EQ(address->key, "budi.santoso@example.com");
}

TEST(EmailAddress, WritesADomainInAscii) {
  const auto address = parse_email_address("budi@Bücher.example");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->key, "budi@xn--bcher-kva.example");
}

TEST(EmailAddress, FoldsLettersOfAnyScript) {
  EXPECT_EQ(parse_email_address("BÜDI.ŞAHIN@example.com")->key, parse_email_address("büdi.şahin@example.com")->key);
}

TEST(EmailAddress, RefusesWhatIsNone) {
  for (const auto* text : {"", "budi", "@example.com", "budi@", "a b@example.com", "a..b@example.com", ".a@example.com", "a@-example.com",
                           "a@exam ple.com", "a@b@example.com", "a@example..com", "a\r\nBcc: x@example.com"})
    EXPECT_FALSE(parse_email_address(text)) << text;
  EXPECT_FALSE(parse_email_address(std::string(65, 'a') + "@example.com"));
  EXPECT_FALSE(parse_email_address("a@" + std::string(63, 'b') + "." + std::string(63, 'b') + "." + std::string(63, 'b') + "." +
                                   std::string(63, 'b') + ".com"));
}

RC_GTEST_PROP(EmailAddress, KeyOfAKeyIsItself, ()) {
  const auto local = *rc::gen::container<std::string>(20, rc::gen::element('a', 'Z', '0', '-', '+', '_', '!'));
  const auto domain = *rc::gen::container<std::string>(20, rc::gen::element('a', 'Z', '0'));
  const auto address = parse_email_address(local + "@" + domain + ".Example");
  RC_ASSERT(static_cast<bool>(address));
  const auto again = parse_email_address(address->key);
  RC_ASSERT(static_cast<bool>(again));
  RC_ASSERT(again->key == address->key);
}

RC_GTEST_PROP(EmailAddress, AnyTextIsAnAddressOrRefused, (const std::string& text)) {
  const auto address = parse_email_address(text);
  if (address) RC_ASSERT(address->key.size() <= 254 && address->key.find('@') != std::string::npos);
}

TEST(PasswordPolicy, CountsCharactersNotBytes) {
  EXPECT_EQ(judge_password("1234567", "", "")->code, "too_short");
  EXPECT_EQ(judge_password("äöüäöüä", "", "")->code, "too_short");
  EXPECT_EQ(judge_password(std::string(129, 'x'), "", "")->code, "too_long");
}

TEST(PasswordPolicy, RefusesWhatIsGuessed) {
  for (const auto* password : {"password", "12345678", "qwertyuiop", "iloveyou1", "aaaaaaaaaaaa"})
    EXPECT_EQ(judge_password(password, "", "").value_or(password_refusal{}).code, "too_weak") << password;
}

TEST(PasswordPolicy, RefusesOurOwnNames) {
  for (const auto* password : {"ilovemicrosayur", "ilovesayur1", "microsayur2026", "Micro-Sayur!"})
    EXPECT_EQ(judge_password(password, "", "").value_or(password_refusal{}).code, "too_weak") << password;
}

TEST(PasswordPolicy, KnowsTheOwnersNameAndAddress) {
  const std::string password = "wijayakusuma";
  const auto own = judge_password(password, "wijayakusuma@example.com", "Wijayakusuma");
  ASSERT_TRUE(own);
  EXPECT_EQ(own->code, "too_weak");
}

TEST(PasswordPolicy, TakesUncommonWords) {
  EXPECT_FALSE(judge_password("bayam-segar-tiap-pagi", "budi@example.com", "Budi"));
  EXPECT_FALSE(judge_password("Tr0ub4dor&3-kangkung", "budi@example.com", "Budi"));
}

TEST(Throttling, StartsAtTheFifthFailureAndDoublesToAMinute) {
  EXPECT_EQ(delay_after(4, account_failures_free), 0s);
  EXPECT_EQ(delay_after(5, account_failures_free), 1s);
  EXPECT_EQ(delay_after(6, account_failures_free), 2s);
  EXPECT_EQ(delay_after(10, account_failures_free), 32s);
  EXPECT_EQ(delay_after(11, account_failures_free), 60s);
  EXPECT_EQ(delay_after(1'000'000, account_failures_free), 60s);
  EXPECT_EQ(delay_after(99, network_failures_free), 0s);
  EXPECT_EQ(delay_after(100, network_failures_free), 1s);
}

TEST(Text, FindsControlCharacters) {
  EXPECT_FALSE(has_control_characters("Budi Ünal 🥬"));
  EXPECT_TRUE(has_control_characters("a\tb"));
  EXPECT_TRUE(has_control_characters("a\x7f"));
  EXPECT_TRUE(has_control_characters("a\xc2\x85"));
}

}  // namespace
}  // namespace micro_sayur::user_service
