// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/mail.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace micro_sayur::notification_service {
namespace {

TEST(ParseMailbox, ReadsAddressesWithAndWithoutNames) {
  EXPECT_EQ(parse_mailbox("a@b.example"), (mailbox{.name = "", .address = "a@b.example"}));
  EXPECT_EQ(parse_mailbox("  a@b.example "), (mailbox{.name = "", .address = "a@b.example"}));
  EXPECT_EQ(parse_mailbox("Micro-Sayur <a@b.example>"), (mailbox{.name = "Micro-Sayur", .address = "a@b.example"}));
  EXPECT_EQ(parse_mailbox("\"Sayur, Segar\" <a@b.example>"), (mailbox{.name = "Sayur, Segar", .address = "a@b.example"}));
  EXPECT_EQ(parse_mailbox("<a@b.example>"), (mailbox{.name = "", .address = "a@b.example"}));
  EXPECT_EQ(parse_mailbox("a@x@b.example")->domain(), "b.example");
}

TEST(ParseMailbox, RefusesWhatIsNoAddress) {
  for (const auto* text : {"", "a", "@b", "a@", "a b@c", "a@b>", "Name <a@b", "Name <a>", "<<a@b>>", "a@b\r\nBcc: c@d", "a\t@b", "a@b\x7f"})
    EXPECT_FALSE(parse_mailbox(text)) << text;
}

RC_GTEST_PROP(ParseMailbox, YieldsNothingThatCouldEndALine, (std::string text)) {
  const auto parsed = parse_mailbox(text);
  if (!parsed) return;
  const auto all = parsed->name + parsed->address;
  RC_ASSERT(std::none_of(all.begin(), all.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }));
  RC_ASSERT(parsed->address.find_first_of(" <>") == std::string::npos);
  RC_ASSERT(!parsed->domain().empty());
}

}  // namespace
}  // namespace micro_sayur::notification_service
