// SPDX-License-Identifier: Apache-2.0
#include "platform/base/unicode.hpp"

#include "contracts/event_limits.hpp"
#include "user-service/domain/email_address.hpp"
#include "user-service/domain/profile_changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::user_service {
namespace {

using testing::HasSubstr;

std::string refusal_of(std::string_view address) {
  const auto parsed = parse_email_address(address);
  return parsed ? "" : parsed.error();
}

TEST(EmailAddress, NamesTheInvisibleCharacterOfTheLocalPart) {
  EXPECT_EQ(refusal_of("bu\u200bdi@example.com"), "must not have U+200B (ZERO WIDTH SPACE) before the @");
  EXPECT_EQ(refusal_of("budi\u202e@example.com"), "must not have U+202E (RIGHT-TO-LEFT OVERRIDE) before the @");
  for (const auto* local : {"bu\u00addi", "bu\ufeffdi", "bu\u200cdi", "bu\u200ddi", "bu\u2060di", "bu\u00a0di", "bu\u3000di", "bu\u0085di",
                            "bu\ue000di", "bu\u0378di", "bu\u3164di", "bu\u034fdi", "bu\u2028di", "bu\U000e0041di"})
    EXPECT_THAT(refusal_of(std::string(local) + "@example.com"), HasSubstr("must not have U+")) << local;
}

TEST(EmailAddress, RefusesSymbolsAndCompatibleFormsInTheLocalPart) {
  for (const auto* local : {"\uff42udi", "budi\u2460", "bud\ufb01", "budi\u2026", "\U0001f96c"})
    EXPECT_THAT(refusal_of(std::string(local) + "@example.com"), HasSubstr("must not have U+")) << local;
  for (const auto* local : {"büdi", "şahin", "बुदि", "ブディ", "บุดี", "बुदि१", "o'brien+sayur", "a/b=c?d"})
    EXPECT_EQ(refusal_of(std::string(local) + "@example.com"), "") << local;
}

TEST(EmailAddress, IsTheSameComposedAndDecomposed) {
  const auto composed = parse_email_address("b\u00fcdi@example.com");
  const auto decomposed = parse_email_address("bu\u0308di@example.com");
  ASSERT_TRUE(composed && decomposed);
  EXPECT_EQ(composed->key, decomposed->key);
  EXPECT_EQ(composed->text, decomposed->text);
}

TEST(EmailAddress, OfACapitalIWithADotIsNotThatOfAPlainOne) {
  EXPECT_NE(parse_email_address("\u0130brahim@example.com")->key, parse_email_address("ibrahim@example.com")->key);
  EXPECT_NE(parse_email_address("\u0131brahim@example.com")->key, parse_email_address("ibrahim@example.com")->key);
}

TEST(EmailAddress, NamesWhatUts46WouldDropFromTheDomain) {
  EXPECT_EQ(refusal_of("budi@exam\u200bple.com"), "must not have U+200B (ZERO WIDTH SPACE) after the @");
  EXPECT_EQ(refusal_of("budi@exam\u00adple.com"), "must not have U+00AD (SOFT HYPHEN) after the @");
  EXPECT_EQ(refusal_of(std::string_view("budi@example.com\0.org", 21)), "must not have control characters");
}

TEST(EmailAddress, TakesDomainsByUts46) {
  const auto sharp_s = parse_email_address("a@faß.de");
  ASSERT_TRUE(sharp_s);
  EXPECT_EQ(sharp_s->key, "a@xn--fa-hia.de") << "non-transitional";
  const auto joined = parse_email_address("a@क्\u200dष.example");
  ASSERT_TRUE(joined) << "a joiner after a virama (RFC 5892 appendix A.2)";
  EXPECT_EQ(joined->key.substr(0, 6), "a@xn--");
  for (const auto* domain : {"exam\u200dple.com", "नी\u200dय.example", "a_b.example", "אb.example", "\u0301a.example", "xn--a.example",
                             "xn--\u00fc.example", "a\u2024b..example", "☃\u202e.example", "123.456", "example.1"})
    EXPECT_FALSE(parse_email_address(std::string("a@") + domain)) << domain;
}

TEST(EmailAddress, WithoutADotIsForDevelopment) {
  EXPECT_TRUE(parse_new_email_address("admin@localhost", {.dotless = dotless_domain::allowed}));
  const auto refused = parse_new_email_address("admin@localhost", {.dotless = dotless_domain::refused});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "invalid_format");
  EXPECT_THAT(refused.error().message, HasSubstr("a dot"));
  EXPECT_TRUE(parse_new_email_address("admin@example.com", {.dotless = dotless_domain::refused}));
}

TEST(EmailAddress, NeedsAsciiBeforeTheAtWhereTheMailServerLacksSmtputf8) {
  const new_address_rules lacking{.local = local_parts::ascii};
  for (const auto* address : {"börje@example.com", "用户@example.com", "bo\u0308rje@example.com"}) {
    EXPECT_TRUE(parse_new_email_address(address, {})) << address;
    const auto refused = parse_new_email_address(address, lacking);
    ASSERT_FALSE(refused) << address;
    EXPECT_EQ(refused.error().code, "not_deliverable");
    EXPECT_THAT(refused.error().message, testing::AllOf(HasSubstr("ASCII before the @"), HasSubstr("use another address")));
  }
  EXPECT_TRUE(parse_new_email_address("borje@bücher.example", lacking)) << "a domain has an ASCII form";
  EXPECT_EQ(parse_new_email_address("bör je@example.com", lacking).error().code, "invalid_format") << "what is no address is told so";
}

TEST(Name, IsVisible) {
  const auto message_of = [](std::string_view name) { return check_name(name).value_or(field_fault{}).message; };
  EXPECT_EQ(message_of("Budi \u202eosotnaS"), "must not have U+202E (RIGHT-TO-LEFT OVERRIDE)");
  for (const auto* name : {"Bu\u200bdi", "Bu\u2066di", "Bu\u200edi", "Bu\u2028di", "Bu\u2029di", "Bu\ufeffdi", "Bu\u200ddi", "\u3164"})
    EXPECT_THAT(message_of(name), HasSubstr("must not have U+")) << name;
  EXPECT_EQ(message_of("\u00a0\u3000"), "must have at least 1 character");
  for (const auto* name : {"می\u200cخواهم", "ක්\u200dරිස්ටීන්", "क्\u200dष", "Budi ❤\ufe0f", "D'Angelo-Müller"})
    EXPECT_EQ(message_of(name), "") << name;
}

TEST(Name, LinksNowhere) {
  EXPECT_EQ(check_name("Selamat! Hadiah di http://jahat.example")->message, "must not have \"://\"");
  EXPECT_FALSE(check_name("Budi: pedagang / sayur"));
}

TEST(Name, IsCountedInGraphemeClusters) {
  std::string letters;
  for (int i = 0; i < 100; ++i) letters += "e\u0301";
  EXPECT_FALSE(check_name(letters));
  const auto refusal = check_name(letters + "x");
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, "too_long");
}

TEST(Name, IsNoStackOfMarks) {
  std::string stacked = "e";  // is kept with the first mark as one code point
  for (int i = 0; i < 400; ++i) stacked += "\u0301";
  EXPECT_FALSE(check_name(stacked)) << "one cluster of 400 code points";
  const auto refusal = check_name(stacked + "\u0301");
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, "too_long");
}

TEST(Name, IsMeasuredAsItIsKept) {
  std::string excluded = "e";  // U+0F73, which Normalization Form C takes apart
  for (int i = 0; i < 399; ++i) excluded += "\u0f73";
  EXPECT_EQ(check_name(excluded)->code, "too_long") << kept_name(excluded).size() << " bytes";
  std::string shorter = "e";
  for (int i = 0; i < 199; ++i) shorter += "\u0f73";
  EXPECT_FALSE(check_name(shorter));
  EXPECT_LE(kept_name(shorter).size(), event_limits::longest_name);
}

TEST(ProfileChanges, KeepsTextComposedAndVisible) {
  profile_changes changes;
  changes.name = {.wanted = true, .value = "Ayu\u0308 "};
  changes.address = {.wanted = true, .value = "Jalan Cafe\u0301\nBandung"};
  EXPECT_THAT(normalise(changes, "62"), testing::IsEmpty());
  const auto after = apply(account{}, changes);
  EXPECT_EQ(after.name, "Ay\u00fc");
  EXPECT_EQ(after.address, "Jalan Caf\u00e9\nBandung");
  changes.address.value = "Jalan \u202e1";
  EXPECT_THAT(normalise(changes, "62"), testing::ElementsAre(testing::Field(&field_fault::field, "address")));
}

}  // namespace
}  // namespace micro_sayur::user_service
