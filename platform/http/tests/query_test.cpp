// SPDX-License-Identifier: Apache-2.0
#include "platform/http/query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::http {
namespace {

const route list{
    .verb = method::get,
    .path = "/api/list",
    .document = {.id = "list",
                 .parameters = {{.name = "limit", .in = "query"}, {.name = "a b", .in = "query"}, {.name = "X-Header", .in = "header"}}}};

/// The problem's code, then field:code of each fault.
std::vector<std::string> faults_of(std::string query) {
  request from;
  from.query = std::move(query);
  try {
    check_query(from, list);
  } catch (const problem_error& refused) {
    std::vector<std::string> found{std::string(refused.details().type.code)};
    for (const auto& each : refused.details().errors) found.push_back(each.field + ":" + each.code);
    return found;
  }
  return {};
}

TEST(Query, MayHaveWhatTheDocumentHas) {
  EXPECT_THAT(faults_of(""), testing::IsEmpty());
  EXPECT_THAT(faults_of("limit=1&a%20b=2"), testing::IsEmpty());
  EXPECT_THAT(faults_of("limit&a+b="), testing::IsEmpty());
}

TEST(Query, NamesAllThatIsUnknownOrTwice) {
  EXPECT_THAT(faults_of("limti=1&limit=1&X-Header=2&limit=1"),
              testing::ElementsAre("unknown_parameter", "limti:unknown_parameter", "X-Header:unknown_parameter", "limit:given_twice"));
  EXPECT_THAT(faults_of("limit=1&%6cimit=1"), testing::ElementsAre("unknown_parameter", "limit:given_twice"));
  EXPECT_THAT(faults_of("&"), testing::ElementsAre("unknown_parameter", ":unknown_parameter", ":unknown_parameter"));
}

TEST(Query, RepeatsLittleOfWhatWasSent) {
  std::string query = std::string(1000, 'n') + "=1";
  for (int i = 0; i < 1000; ++i) query += "&p" + std::to_string(i) + "=1";
  const auto faults = faults_of(query);
  EXPECT_EQ(faults.size(), 1 + json::most_faults);
  EXPECT_EQ(faults[1], std::string(64, 'n') + "\u2026:unknown_parameter");
  EXPECT_THAT(faults_of("%ff=1"), testing::ElementsAre("unknown_parameter", "%ff:unknown_parameter"));
}

TEST(Query, MustBePercentEncoded) { EXPECT_THAT(faults_of("limit=%zz"), testing::ElementsAre("bad_request")); }

}  // namespace
}  // namespace micro_sayur::http
