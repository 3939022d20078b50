// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/mail_recipients.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace micro_sayur::notification_service {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

mail_recipients listed(const std::vector<std::string>& entries) {
  auto parsed = mail_recipients::parse(entries);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().front());
  return parsed.value_or(mail_recipients());
}

std::vector<std::string> faults_of(const std::vector<std::string>& entries) {
  const auto parsed = mail_recipients::parse(entries);
  return parsed ? std::vector<std::string>() : parsed.error();
}

TEST(MailRecipients, AreEverybodyUnlessTheyAreListed) {
  for (const auto& all : {mail_recipients(), listed({"everybody"})}) {
    EXPECT_TRUE(all.names("budi@example.com"));
    EXPECT_TRUE(all.names("what is no address"));
    EXPECT_EQ(all.count(), std::nullopt);
  }
}

TEST(MailRecipients, MayBeNobody) {
  const auto none = listed({"nobody"});
  EXPECT_FALSE(none.names("budi@example.com"));
  EXPECT_FALSE(none.names("nobody"));
  EXPECT_EQ(none.count(), 0U);
}

TEST(MailRecipients, AnAddressNamesItselfAlone) {
  const auto one = listed({"Budi.Santoso@Example.COM"});
  for (const auto* same : {"budi.santoso@example.com", "BUDI.SANTOSO@EXAMPLE.COM"}) EXPECT_TRUE(one.names(same)) << same;
  for (const auto* other : {"siti@example.com", "budi.santoso@example.org", "budi.santoso@mail.example.com", "budi.santoso@example.com.",
                            "budi.santoso", "example.com", "@example.com", "", "budi.santoso@example.com@evil.example",
                            "siti@evil.example,budi.santoso@example.com", " budi.santoso@example.com"})
    EXPECT_FALSE(one.names(other)) << other;
}

TEST(MailRecipients, ADomainNamesItsAddressesAndNoneBelowIt) {
  const auto domain = listed({"Example.com"});
  for (const auto* at_it : {"budi@example.com", "x@EXAMPLE.COM"}) EXPECT_TRUE(domain.names(at_it)) << at_it;
  for (const auto* other : {"budi@mail.example.com", "budi@notexample.com", "budi@example.com.evil.example", "budi@com",
                            "budi@evil.example", "evil.example@example.com@evil.example", "budi@example.com.", "budi@.example.com"})
    EXPECT_FALSE(domain.names(other)) << other;
}

TEST(MailRecipients, ComparesDomainsAsTheDnsKnowsThem) {
  for (const auto* spelling : {"bücher.example", "BÜCHER.example", "bu\u0308cher.example", "xn--bcher-kva.example", "XN--BCHER-KVA.example",
                               "bücher\u3002example"}) {
    const auto domain = listed({spelling});
    for (const auto* at_it : {"x@bücher.example", "x@Bücher.Example", "x@xn--bcher-kva.example"})
      EXPECT_TRUE(domain.names(at_it)) << spelling << " " << at_it;
    EXPECT_FALSE(domain.names("x@bucher.example")) << spelling;
  }
  EXPECT_FALSE(listed({"faß.de"}).names("x@fass.de")) << "IDNA 2008";
  EXPECT_FALSE(listed({"example.com"}).names("x@ex\u0430mple.com")) << "a Cyrillic letter that looks the same";
}

TEST(MailRecipients, ComparesLocalPartsInLowerCaseAndComposed) {
  const auto one = listed({"ünal@example.com"});
  for (const auto* same : {"ünal@example.com", "Ünal@example.com", "u\u0308nal@example.com", "U\u0308NAL@example.com"})
    EXPECT_TRUE(one.names(same)) << same;
  EXPECT_FALSE(one.names("unal@example.com"));
  EXPECT_FALSE(listed({"i@example.com"}).names("\u0130@example.com")) << "a dotted capital I is no i";
}

TEST(MailRecipients, CountsWhatIsTheSameOnce) {
  EXPECT_EQ(listed({"budi@example.com", "BUDI@EXAMPLE.com", "bücher.example", "xn--bcher-kva.example", "admin@localhost"}).count(), 3U);
}

TEST(MailRecipients, TellsEveryFault) {
  EXPECT_THAT(faults_of({"*@example.com", "budi@example.com", "@example.com", "*.example.com", "example.com."}),
              ElementsAre(AllOf(HasSubstr("*@example.com"), HasSubstr("domain alone")), HasSubstr("domain alone"),
                          HasSubstr("\"*.example.com\" is neither"), HasSubstr("\"example.com.\" is neither")));
  EXPECT_THAT(faults_of({}), ElementsAre(HasSubstr("neither anybody nor nobody")));
  EXPECT_THAT(faults_of({"nobody", "example.com", "everybody"}), ElementsAre(HasSubstr("\"nobody\""), HasSubstr("\"everybody\"")));
}

TEST(MailRecipients, RefusesWhatIsNeitherAddressNorDomain) {
  for (const auto* entry :
       {"a@", "a@b@c", "a@-b.example", "a@b-.example", "a@b..example", ".example.com", "exa_mple.com", "127.0.0.1", "a@[127.0.0.1]",
        "\"a\"@example.com", "<a@example.com>", "a@example.com;b@example.com", "a\uff20example.com", "xn--\u00fc.example", "example.1"})
    EXPECT_THAT(faults_of({entry}), ElementsAre(EndsWith("neither an address nor a domain"))) << entry;
  EXPECT_FALSE(faults_of({std::string(64, 'a') + ".example"}).empty());
  EXPECT_FALSE(faults_of({std::string(65, 'a') + "@example.com"}).empty());
}

TEST(MailRecipients, RefusesWordsThatOnlyLookLikeADomain) {
  for (const auto* entry : {"none", "all", "everyone", "EVERYBODY", "Nobody", "localhost", "com"})
    EXPECT_THAT(faults_of({entry}), ElementsAre(HasSubstr("has no dot, so it is no domain"))) << entry;
}

TEST(MailRecipients, RefusesWhatNobodySees) {
  using namespace std::string_literals;
  for (const auto& entry :
       {"exa\u00admple.com"s, "bu\u200bdi@example.com"s, "budi@exam\u200dple.com"s, "\u202ebudi@example.com"s, "bu di@example.com"s,
        "Budi <budi@example.com>"s, "example.com\u00a0"s, "example.com\0.evil.example"s, "\ufeffexample.com"s})
    EXPECT_THAT(faults_of({entry}), ElementsAre(HasSubstr("nobody sees"))) << entry;
  for (const auto* entry : {"\xff.example", "budi@\xc3.example", "\xed\xa0\x80@example.com", "\xc0\xaf.example"})
    EXPECT_THAT(faults_of({entry}), ElementsAre(EndsWith("is not UTF-8"))) << entry;
}

TEST(MailRecipients, DoNotEndARecipientAtANul) {
  using namespace std::string_literals;
  EXPECT_FALSE(listed({"example.com"}).names("budi@example.com\0.evil.example"s));
  EXPECT_FALSE(listed({"example.com"}).names("budi@example.com\xff"));
}

RC_GTEST_PROP(MailRecipients, NameNothingByChance, (const std::string& before, const std::string& after)) {
  const auto named = listed({"example.com"}).names(before + "@" + after);
  RC_ASSERT(!named);
}

}  // namespace
}  // namespace micro_sayur::notification_service
