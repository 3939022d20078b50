// SPDX-License-Identifier: Apache-2.0
#include "platform/http/router.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::http {
namespace {

handler nothing() {
  return [](request&) -> async::task<response> { co_return no_content(); };
}

router sample() {
  router routes;
  routes.add({{.verb = method::get, .path = "/things", .handle = nothing()},
              {.verb = method::post, .path = "/things", .handle = nothing()},
              {.verb = method::get, .path = "/things/{id}/parts/{part}", .handle = nothing()}});
  return routes;
}

TEST(Router, FindsExactPathsAndParameters) {
  const auto routes = sample();
  EXPECT_EQ(routes.find(method::post, "/things").found->verb, method::post);
  const auto match = routes.find(method::get, "/things/7/parts/a");
  ASSERT_NE(match.found, nullptr);
  EXPECT_EQ(match.parameters, (std::vector<std::string>{"7", "a"}));
}

TEST(Router, NamesTheMethodsOfAKnownPath) {
  const auto routes = sample();
  const auto match = routes.find(method::patch, "/things");
  EXPECT_EQ(match.found, nullptr);
  EXPECT_EQ(match.allow, "GET, HEAD, POST, OPTIONS");
}

TEST(Router, KnowsNothingElse) {
  const auto routes = sample();
  for (const auto* path : {"/", "/thing", "/things/", "/things/7/parts", "/things//parts/a", "/things/7/parts/a/b", "*", ""}) {
    EXPECT_EQ(routes.find(method::get, path).found, nullptr) << path;
    EXPECT_EQ(routes.find(method::get, path).allow, "") << path;
  }
}

TEST(Router, RefusesTwoHandlersForOneRoute) {
  auto routes = sample();
  EXPECT_THROW(routes.add({{.verb = method::get, .path = "/things", .handle = nothing()}}), std::logic_error);
}

}  // namespace
}  // namespace micro_sayur::http
