// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/mime/mime.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <charconv>

namespace micro_sayur::notification_service {
namespace {

using testing::HasSubstr;
using testing::Not;

const mailbox sender{.name = "Micro-Sayur", .address = "noreply@sayur.example"};

mail make_mail() {
  return {.id = *uuid::parse("01a20e23-d627-78cd-9a7e-dd889389a476"),
          .to = {.name = "Budi", .address = "budi@example.com"},
          .content = {.subject = "Halo", .text = "Halo\n", .html = "<p>Halo</p>\n", .language = "id"},
          .created_at = *parse_rfc3339("2026-11-23T09:26:55Z"),
          .request_id = "request-1"};
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (true) {
    const auto end = text.find("\r\n");
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 2);
  }
}

std::string header_of(const std::string& message) { return message.substr(0, message.find("\r\n\r\n") + 2); }

std::string decode_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
    } else if (text.substr(i + 1, 2) == "\r\n") {
      i += 2;
    } else {
      unsigned byte = 0;
      std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
      out += static_cast<char>(byte);
      i += 2;
    }
  }
  return out;
}

TEST(Message, HasAStableIdAndBothBodies) {
  const auto message = make_message(make_mail(), sender);
  EXPECT_EQ(message, make_message(make_mail(), sender));
  for (const auto* line :
       {"From: \"Micro-Sayur\"\r\n <noreply@sayur.example>\r\n", "To: \"Budi\"\r\n <budi@example.com>\r\n", "Subject: Halo\r\n",
        "Date: Mon, 23 Nov 2026 09:26:55 +0000\r\n", "Message-ID: <01a20e23-d627-78cd-9a7e-dd889389a476@sayur.example>\r\n",
        "Auto-Submitted: auto-generated\r\n", "X-Request-Id: request-1\r\n", "Content-Language: id\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n", "Content-Type: text/html; charset=utf-8\r\n"})
    EXPECT_THAT(message, HasSubstr(line));
  EXPECT_TRUE(message.ends_with("--\r\n"));
}

TEST(Message, CannotBeGivenHeaderLines) {
  auto what = make_mail();
  what.to.name = "Budi\r\nBcc: a@b\n\rX: y";
  what.to.address = "budi@example.com>\r\nBcc: c@d";
  what.content.subject = "Halo\r\n\r\nBcc: e@f\x01";
  what.request_id = "1\r\nBcc: g@h";
  const auto header = header_of(make_message(what, sender));
  for (const auto& line : lines_of(header)) EXPECT_FALSE(line.starts_with("Bcc") || line.starts_with("X:")) << line;
  EXPECT_EQ(lines_of(header).size(), lines_of(header_of(make_message(make_mail(), sender))).size());
}

TEST(Message, EncodesWhatIsNotAscii) {
  auto what = make_mail();
  what.to.name = "Siti Nurhalïza";
  what.content.subject = "Sayur 🥬 segar";
  const auto message = make_message(what, sender);
  EXPECT_THAT(message, HasSubstr("To: =?UTF-8?B?U2l0aSBOdXJoYWzDr3ph?=\r\n <budi@example.com>\r\n"));
  EXPECT_THAT(message, HasSubstr("Subject: =?UTF-8?B?U2F5dXIg8J+lrCBzZWdhcg==?=\r\n"));
  EXPECT_TRUE(std::all_of(message.begin(), message.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
}

TEST(EncodeMailbox, QuotesAndEscapes) {
  EXPECT_EQ(encode_mailbox({.name = R"(Budi "Bud" \ S)", .address = "a@b"}, 4), "\"Budi \\\"Bud\\\" \\\\ S\"\r\n <a@b>");
  EXPECT_EQ(encode_mailbox({.name = "", .address = "a@b"}, 4), "a@b");
}

TEST(EncodeHeaderText, FoldsBetweenCodePoints) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "🥬";
  for (const auto& line : lines_of("Subject: " + encode_header_text(text, 9))) {
    EXPECT_LE(line.size(), 76U);
    const auto begin = line.find("?B?") + 3;
    const auto letters = line.substr(begin, line.rfind("?=") - begin);
    const auto padding = static_cast<std::size_t>(std::count(letters.begin(), letters.end(), '='));
    EXPECT_EQ((letters.size() / 4 * 3 - padding) % 4, 0U) << "a word ends within a code point";
  }
}

RC_GTEST_PROP(QuotedPrintable, KeepsTheTextInShortAsciiLines, (std::string text)) {
  const auto encoded = encode_quoted_printable(text);
  for (const auto& line : lines_of(encoded)) {
    RC_ASSERT(line.size() <= 76U);
    RC_ASSERT(!line.ends_with(' ') && !line.ends_with('\t'));
    RC_ASSERT(std::all_of(line.begin(), line.end(), [](char c) { return c == '\t' || (c >= ' ' && c <= '~'); }));
  }
  std::string expected;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool before_line_end = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (before_line_end) continue;
    expected += text[i] == '\n' ? "\r\n" : std::string(1, text[i]);
  }
  RC_ASSERT(decode_quoted_printable(encoded) == expected);
}

RC_GTEST_PROP(EncodeHeaderText, NeverEndsTheHeader, (std::string text, std::uint8_t used)) {
  const auto encoded = encode_header_text(text, used);
  const auto lines = lines_of(encoded);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    RC_ASSERT(i == 0 || lines[i].starts_with(" ="));
    RC_ASSERT(std::all_of(lines[i].begin(), lines[i].end(), [](char c) { return c >= ' ' && c <= '~'; }));
  }
}

}  // namespace
}  // namespace micro_sayur::notification_service
