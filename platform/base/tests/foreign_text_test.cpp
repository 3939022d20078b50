// SPDX-License-Identifier: Apache-2.0
#include "platform/base/foreign_text.hpp"

#include <gtest/gtest.h>

namespace micro_sayur {
namespace {

using namespace std::string_view_literals;

TEST(ForeignText, KeepsWhatIsText) { EXPECT_EQ(foreign_text("550 5.1.1 boîte inconnue 📪"), "550 5.1.1 boîte inconnue 📪"); }

TEST(ForeignText, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(foreign_text("bo\xeete"), "bo\xef\xbf\xbdte");
  EXPECT_EQ(foreign_text("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd") << "overlong";
  EXPECT_EQ(foreign_text("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") << "a surrogate";
  EXPECT_EQ(foreign_text("cut \xe2\x82"), "cut \xef\xbf\xbd\xef\xbf\xbd");
}

TEST(ForeignText, LeavesNoControlCharacter) {
  EXPECT_EQ(foreign_text("a\0b"sv), "a b");
  EXPECT_EQ(foreign_text("a\r\n\tb\x7f"), "a b ");
  EXPECT_EQ(foreign_text("a\xc2\x85\x1b[31mb"), "a [31mb") << "NEL and an escape sequence";
}

TEST(ForeignText, IsBoundedBetweenCharacters) {
  EXPECT_EQ(foreign_text("abcdef", 6), "abcdef");
  EXPECT_EQ(foreign_text("abcdefg", 6), "abc…");
  EXPECT_EQ(foreign_text("ééééé", 9), "ééé…");
  EXPECT_EQ(foreign_text("abc", 2), "");
  EXPECT_LE(foreign_text(std::string(100'000, '\xff')).size(), 500U);
}

}  // namespace
}  // namespace micro_sayur
