// SPDX-License-Identifier: Apache-2.0
#include "platform/events/cloud_event.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace micro_sayur::events {
namespace {

cloud_event example() {
  return {.id = *uuid::parse("0193552a-5c57-7a3e-8f3b-0123456789ab"),
          .source = "/user-service",
          .type = "user.registered",
          .subject = "0193552a-5c57-7a3e-8f3b-ba9876543210",
          .dataschema = "/schemas/user.registered.json",
          .time = *parse_rfc3339("2026-11-23T09:26:55.000123Z"),
          .sequence = 42,
          .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
          .request_id = "r-1",
          .data = R"({"name":"Budi \"the\" Seller"})"};
}

std::string without(std::string text, const std::string& part) {
  const auto at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return text.erase(at, part.size());
}

std::string replaced(std::string text, const std::string& part, const std::string& by) {
  const auto at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return text.replace(at, part.size(), by);
}

TEST(CloudEvent, IsWrittenAsCloudEventsJson) {
  EXPECT_EQ(to_json(example()),
            R"({"specversion":"1.0","id":"0193552a-5c57-7a3e-8f3b-0123456789ab","source":"/user-service","type":"user.registered",)"
            R"("subject":"0193552a-5c57-7a3e-8f3b-ba9876543210","time":"2026-11-23T09:26:55.000123Z",)"
            R"("dataschema":"/schemas/user.registered.json","datacontenttype":"application/json","sequence":"0000000000000000042",)"
            R"("traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","requestid":"r-1",)"
            R"("data":{"name":"Budi \"the\" Seller"}})");
}

TEST(CloudEvent, IsReadBackAsItWasWritten) { EXPECT_EQ(parse_cloud_event(to_json(example())), example()); }

TEST(CloudEvent, MayLackTraceContextAndRequestId) {
  auto event = example();
  event.traceparent.clear();
  event.request_id.clear();
  EXPECT_EQ(parse_cloud_event(to_json(event)), event);
}

TEST(CloudEvent, IgnoresUnknownAttributes) {
  EXPECT_EQ(parse_cloud_event(replaced(to_json(example()), R"("data":)", R"("later":{"a":[1]},"data":)")), example());
}

TEST(CloudEvent, NamesTheAttributeThatIsMissing) {
  const std::string text = to_json(example());
  for (const auto* attribute : {R"("specversion":"1.0",)", R"("source":"/user-service",)", R"("type":"user.registered",)",
                                R"("time":"2026-11-23T09:26:55.000123Z",)", R"("sequence":"0000000000000000042",)",
                                R"("dataschema":"/schemas/user.registered.json",)"}) {
    const auto event = parse_cloud_event(without(text, attribute));
    ASSERT_FALSE(event) << attribute;
    const std::string name = std::string(attribute).substr(1, std::string(attribute).find(':') - 2);
    EXPECT_EQ(event.error(), "attribute '" + name + "' is missing or empty");
  }
  EXPECT_EQ(parse_cloud_event(without(text, R"(,"data":{"name":"Budi \"the\" Seller"})")).error(), "attribute 'data' is missing");
}

TEST(CloudEvent, NamesTheAttributeThatIsWrong) {
  const std::string text = to_json(example());
  EXPECT_EQ(parse_cloud_event(replaced(text, R"("1.0")", R"("0.3")")).error(), "attribute 'specversion' must be '1.0', not '0.3'");
  EXPECT_EQ(parse_cloud_event(replaced(text, R"("0193552a-5c57-7a3e-8f3b-0123456789ab")", R"("7")")).error(),
            "attribute 'id' must be a UUID");
  EXPECT_EQ(parse_cloud_event(replaced(text, R"("/user-service")", "7")).error(), "attribute 'source' must be a string");
  EXPECT_EQ(parse_cloud_event(replaced(text, "2026-11-23T", "yesterday ")).error(), "attribute 'time' must be an RFC 3339 time");
  EXPECT_EQ(parse_cloud_event(replaced(text, R"("0000000000000000042")", R"("4x2")")).error(),
            "attribute 'sequence' must be a string of digits");
  EXPECT_EQ(parse_cloud_event(replaced(text, "application/json", "text/xml")).error(),
            "attribute 'datacontenttype' must be 'application/json', not 'text/xml'");
}

TEST(CloudEvent, RefusesWhatIsNoJsonObject) {
  EXPECT_FALSE(parse_cloud_event(""));
  EXPECT_FALSE(parse_cloud_event("{"));
  EXPECT_EQ(parse_cloud_event("[]").error(), "an event must be a JSON object");
}

TEST(CloudEvent, RefusesInvalidUtf8DeepNestingAndExcessiveLength) {
  const std::string text = to_json(example());
  EXPECT_FALSE(parse_cloud_event(replaced(text, "Budi", "\xC3\x28")));
  EXPECT_FALSE(parse_cloud_event(replaced(text, R"({"name")", std::string(100, '[') + std::string(100, ']') + R"(,"x":{"name")")));
  EXPECT_FALSE(parse_cloud_event(replaced(text, "Budi", std::string(max_event_bytes, 'b'))));
}

RC_GTEST_PROP(CloudEvent, KeepsTextOfAnyPrintableKind, ()) {
  auto event = example();
  event.source = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '\x7f')));
  event.request_id = *rc::gen::container<std::string>(rc::gen::inRange<char>('\x01', '\x7f'));
  event.sequence = *rc::gen::inRange<std::int64_t>(0, std::numeric_limits<std::int64_t>::max());
  const bool same = parse_cloud_event(to_json(event)) == event;
  RC_ASSERT(same);
}

TEST(CloudEvent, OrdersSequencesAsText) {
  auto earlier = example(), later = example();
  earlier.sequence = 9;
  later.sequence = 10;
  EXPECT_LT(to_json(earlier), to_json(later));
}

}  // namespace
}  // namespace micro_sayur::events
