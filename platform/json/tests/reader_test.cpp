// SPDX-License-Identifier: Apache-2.0
#include "platform/json/reader.hpp"
#include "platform/base/utf8.hpp"
#include "platform/json/text.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <boost/json/serialize.hpp>

namespace micro_sayur::json {
namespace {

using namespace std::string_literals;

std::string refusal(std::string_view text) {
  const auto parsed = parse(text);
  return parsed ? "accepted" : parsed.error().to_string();
}

TEST(JsonReader, AcceptsOrdinaryValues) {
  const auto parsed = parse(R"({"a":[1,-2.5,true,null,"x\u00e9"],"b":{}})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(boost::json::serialize(*parsed), "{\"a\":[1,-2.5E0,true,null,\"x\xc3\xa9\"],\"b\":{}}");
}

TEST(JsonReader, NamesThePlace) { EXPECT_EQ(refusal("{\n  \"a\": x}"), "line 2, column 8: syntax error"); }

TEST(JsonReader, RefusesWhatWouldBeAmbiguousOrUnstorable) {
  EXPECT_EQ(refusal(R"({"a":1,"b":2,"a":3})"), "line 1, column 16: duplicate key 'a'");
  EXPECT_THAT(refusal(R"(["a\u0000b"])"), testing::HasSubstr("U+0000"));
  EXPECT_THAT(refusal(R"({"a\u0000":1})"), testing::HasSubstr("U+0000"));
  EXPECT_THAT(refusal("[1e999]"), testing::HasSubstr("out of range"));
  EXPECT_THAT(refusal("[1e99999999999999]"), testing::HasSubstr("out of range"));
  EXPECT_THAT(refusal("[\"\xff\"]"), testing::HasSubstr("not valid UTF-8"));
  EXPECT_THAT(refusal("\xef\xbb\xbf[]"), testing::HasSubstr("byte order mark"));
  for (const auto* half : {R"(["\ud800"])", R"(["\ud800x"])", R"(["\udc00"])", R"(["\ud800\u0041"])"})
    EXPECT_THAT(refusal(half), testing::HasSubstr("half a character")) << half;
}

TEST(JsonReader, RefusesWhatIsNotOneWholeValue) {
  EXPECT_THAT(refusal(""), testing::HasSubstr("ends too early"));
  EXPECT_THAT(refusal("{\"a\":"), testing::HasSubstr("ends too early"));
  EXPECT_NE(refusal("{} {}"), "accepted");
  EXPECT_NE(refusal("// comment\n{}"), "accepted");
  EXPECT_NE(refusal("{a:1}"), "accepted");
  EXPECT_NE(refusal("NaN"), "accepted");
}

TEST(JsonReader, LimitsTheDepth) {
  EXPECT_EQ(refusal(std::string(max_depth, '[') + std::string(max_depth, ']')), "accepted");
  EXPECT_THAT(refusal(std::string(100000, '[')), testing::HasSubstr("nested deeper"));
}

std::string object_of(std::size_t members) {
  std::string text = "{";
  for (std::size_t i = 0; i < members; ++i) text += fmt::format("{}\"k{}\":{{}}", i == 0 ? "" : ",", i);
  return text + "}";
}

TEST(JsonReader, LimitsTheMembersOfAnObject) {
  EXPECT_EQ(refusal(object_of(64)), "accepted");
  EXPECT_THAT(refusal(object_of(65)), testing::HasSubstr("an object of more than 64 members"));
  EXPECT_EQ(refusal("[" + object_of(64) + "," + object_of(64) + "]"), "accepted");
  EXPECT_THAT(refusal(R"({"a":)" + object_of(65) + "}"), testing::HasSubstr("an object of more than 64 members"));
  EXPECT_TRUE(parse(object_of(65), 65));
}

TEST(JsonReader, RepeatsOnlyTheBeginningOfALongName) {
  const std::string name(10'000, 'n');
  EXPECT_EQ(refusal("{\"" + name + "\":1,\"" + name + "\":2}"), "line 1, column 20008: duplicate key '" + std::string(64, 'n') + "\u2026'");
}

TEST(JsonReader, SameKeyInDifferentObjectsIsFine) { EXPECT_EQ(refusal(R"([{"a":1},{"a":{"a":2}}])"), "accepted"); }

TEST(JsonText, WhatIsWrittenReadsBack) {
  EXPECT_TRUE(rc::check([] {
    const auto printable = rc::gen::inRange<char>(1, 127);
    const auto random =
        *rc::gen::container<std::string>(printable) + *rc::gen::element("é"s, "\xf0\x9f\xa5\xac"s, "\u0085"s, "\u2028"s, ""s);
    std::string text;
    append_string(text, random);
    const auto parsed = parse(text);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(std::string(parsed->get_string()) == random);
  }));
}

TEST(JsonText, EveryDoubleIsReadBackAsItWasWritten) {
  EXPECT_TRUE(rc::check([](double number) {
    RC_PRE(std::isfinite(number));
    std::string text;
    append_number(text, number);
    const auto parsed = parse(text);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(parsed->to_number<double>() == number);
  }));
  EXPECT_EQ(parse("2222222222222222222222222222222222 ")->get_double(), 2222222222222222222222222222222222.0);
  EXPECT_EQ(parse("-6.208763")->get_double(), -6.208763);
}

TEST(JsonText, AnExcerptIsNotCutInsideACharacter) {
  EXPECT_EQ(excerpt("sayur"), "sayur");
  std::string vegetables;
  for (int i = 0; i < 64; ++i) vegetables += "\xf0\x9f\xa5\xac";
  EXPECT_EQ(excerpt(vegetables), vegetables);
  EXPECT_EQ(excerpt(vegetables + "\xf0\x9f\xa5\xac"), vegetables + "\u2026");
  EXPECT_TRUE(is_utf8(excerpt("a" + vegetables + vegetables)));
}

TEST(JsonReader, AnyBytesAreEitherReadOrRefused) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    const auto parsed = parse(bytes);
    if (!parsed) RC_ASSERT(!parsed.error().message.empty());
  }));
}

}  // namespace
}  // namespace micro_sayur::json
