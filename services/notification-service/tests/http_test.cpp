// SPDX-License-Identifier: Apache-2.0
// The endpoints called as the server calls them, on a store in memory and with real tokens.
#include "notification-service/adapters/http/list_cursor.hpp"
#include "notification-service/adapters/http/list_query.hpp"
#include "notification-service/adapters/http/notification_endpoints.hpp"
#include "notification-service/tests/fakes.hpp"
#include "platform/async/runtime.hpp"
#include "platform/json/reader.hpp"
#include "platform/test_support/manual_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

RC_GTEST_PROP(ListCursor, ReadsBackWhatItWrites, (std::array<std::uint8_t, 16> bytes)) {
  uuid id;
  id.bytes = bytes;
  RC_ASSERT(decode_cursor(encode_cursor(id)) == id);
}

RC_GTEST_PROP(ListCursor, RefusesEverythingElse, (std::string text)) {
  const auto decoded = decode_cursor(text);
  if (decoded) RC_ASSERT(encode_cursor(*decoded) == text);
}

TEST(ListCursor, RefusesACutOne) {
  auto cursor = encode_cursor({});
  cursor.pop_back();
  EXPECT_FALSE(decode_cursor(cursor));
  EXPECT_FALSE(decode_cursor(""));
}

class Endpoints : public testing::Test {
 protected:
  struct answer {
    unsigned status = 0;
    std::string code;
    std::vector<std::string> faults;
    std::string body;
    std::string link;
  };

  answer call(std::string_view operation, std::string query = "", std::string id = "", std::vector<std::string> roles = {"admin"}) {
    http::request request;
    request.query = std::move(query);
    if (!id.empty()) request.path_parameters.push_back(std::move(id));
    if (!roles.empty()) request.headers.emplace_back("authorization", "Bearer " + token(roles));
    const auto wanted = [&](const http::route& each) { return each.document.id == operation; };
    const auto& route = *std::find_if(routes_.begin(), routes_.end(), wanted);
    answer out;
    async::runtime(1).run_until_done([&]() -> async::task<> {
      try {
        out = read(co_await route.handle(request));
      } catch (const http::problem_error& error) {
        out = read(http::response(error.details()));
      }
    });
    return out;
  }

  static answer read(const http::response& from) {
    answer out{.status = from.status, .body = from.body};
    if (from.fault) {
      out.code = from.fault->type.code;
      for (const auto& each : from.fault->errors) out.faults.push_back(each.field);
    }
    for (const auto& [name, value] : from.headers)
      if (name == "Link") out.link = value;
    return out;
  }

  std::string token(std::vector<std::string> roles) {
    const auto begin = std::chrono::floor<std::chrono::seconds>(clock_.now());
    return crypto::sign_access_token({.issuer = "i",
                                      .audience = "a",
                                      .subject = {},
                                      .session = session_,
                                      .roles = std::move(roles),
                                      .issued_at = begin,
                                      .expires_at = begin + 10min,
                                      .id = {}},
                                     key_);
  }

  uuid add(notification_status status, bool erased = false, std::string recipient = "Budi@example.com") {
    const auto id = ids_.next();
    clock_.advance(1ms);
    notification what{.id = id,
                      .kind = notification_kind::password_reset,
                      .user_id = {},
                      .recipient = std::move(recipient),
                      .language = locale::english,
                      .values = template_values{{"link", "https://a.example/?token=SECRET"}},
                      .status = status,
                      .created_at = clock_.now()};
    if (erased) what.values.reset();
    store_.add(std::move(what), std::nullopt);
    return id;
  }

  static std::vector<std::string> ids_in(const answer& page) {
    std::vector<std::string> ids;
    const auto parsed = json::parse(page.body).value();
    for (const auto& item : parsed.at("items").as_array()) ids.emplace_back(item.at("id").as_string());
    return ids;
  }

  manual_clock clock_;
  system_random random_;
  id_source ids_{clock_, random_};
  test::memory_store store_{clock_};
  const uuid session_ = ids_.next();
  const crypto::jwk key_ = crypto::jwk::from_private_pem("k", crypto::jwk::generate_private_pem()).value();
  const crypto::access_token_verifier verifier_{"i", "a", clock_};
  http::bearer_authenticator bearer_{verifier_,
                                     [keys = std::make_shared<const crypto::jwk_set>(std::vector{key_})](
                                         bool) -> async::task<std::shared_ptr<const crypto::jwk_set>> { co_return keys; },
                                     clock_, 1};
  bool live_ = true;
  bool verdict_to_be_had_ = true;
  const session_check session_is_live_ = [this](const http::request&, const crypto::access_token_claims& claims) -> async::task<bool> {
    EXPECT_EQ(claims.session, session_);
    if (!verdict_to_be_had_) throw http::problem_error({.type = problems::unavailable});
    co_return live_;
  };
  consistency wanted_ = consistency::strong();
  std::vector<uuid> written_;
  int woken_ = 0;
  std::vector<std::string> told_;
  std::vector<http::route> routes_ =
      notification_routes({store_, bearer_, session_is_live_, [this](uuid) -> async::task<consistency> { co_return wanted_; },
                           [this](uuid session) -> async::task<> { co_return written_.push_back(session); }, clock_, [this] { ++woken_; },
                           [this](std::string_view event, uuid, const http::request&, std::string_view detail) {
                             told_.push_back(std::string(event) + ": " + std::string(detail));
                           }});
};

TEST_F(Endpoints, AreForAdmins) {
  for (const auto* operation : {"listNotifications", "getNotification", "retryNotification"}) {
    EXPECT_EQ(call(operation, "", uuid{}.to_string(), {}).status, 401U) << operation;
    EXPECT_EQ(call(operation, "", uuid{}.to_string(), {"customer"}).code, "forbidden") << operation;
  }
}

TEST_F(Endpoints, TellWhatAdministratorsDoAndWhoIsRefused) {
  const auto id = add(notification_status::failed).to_string();
  call("listNotifications");
  call("getNotification", "", id);
  call("retryNotification", "", id);
  call("listNotifications", "", "", {"customer"});
  call("listNotifications", "", "", {});
  EXPECT_THAT(told_, testing::ElementsAre("authz_admin: listNotifications", "authz_admin: getNotification " + id,
                                          "authz_admin: retryNotification " + id, "authz_fail: listNotifications"));
}

TEST_F(Endpoints, AreClosedToASessionThatHasEnded) {
  live_ = false;
  for (const auto* operation : {"listNotifications", "getNotification", "retryNotification"}) {
    EXPECT_EQ(call(operation, "", uuid{}.to_string()).code, "unauthenticated") << operation;
    EXPECT_EQ(call(operation, "", uuid{}.to_string(), {"customer"}).code, "unauthenticated") << operation;
  }
}

TEST_F(Endpoints, DoNotOpenWhenNobodyCanTellWhetherASessionIsLive) {
  verdict_to_be_had_ = false;
  for (const auto* operation : {"listNotifications", "getNotification", "retryNotification"})
    EXPECT_EQ(call(operation, "", uuid{}.to_string()).code, "unavailable") << operation;
}

TEST_F(Endpoints, ListPageAfterPage) {
  std::vector<std::string> all;
  for (int i = 0; i < 5; ++i) all.insert(all.begin(), add(notification_status::sent, true).to_string());
  const auto first = call("listNotifications", "limit=2");
  EXPECT_EQ(first.status, 200U);
  EXPECT_EQ(ids_in(first), std::vector(all.begin(), all.begin() + 2));
  const std::string cursor(json::parse(first.body).value().at("next_cursor").as_string());
  EXPECT_EQ(first.link, "<?cursor=" + cursor + "&limit=2>; rel=\"next\"");
  const auto second = call("listNotifications", "limit=2&cursor=" + cursor);
  EXPECT_EQ(ids_in(second), std::vector(all.begin() + 2, all.begin() + 4));
  const std::string next(json::parse(second.body).value().at("next_cursor").as_string());
  const auto last = call("listNotifications", "limit=2&cursor=" + next);
  EXPECT_EQ(ids_in(last), std::vector(all.begin() + 4, all.end()));
  EXPECT_EQ(last.link, "");
  EXPECT_THAT(last.body, HasSubstr(R"("next_cursor":null)"));
  EXPECT_THAT(call("listNotifications", "limit=5").body, HasSubstr(R"("next_cursor":null)"));
}

TEST_F(Endpoints, FilterTheList) {
  const auto wanted = add(notification_status::failed, false, "a+b@example.com");
  add(notification_status::failed);
  add(notification_status::sent, true, "a+b@example.com");
  const auto found = call("listNotifications", "recipient=A%2BB@example.com&status=failed&limit=1");
  EXPECT_EQ(ids_in(found), std::vector{wanted.to_string()});
  const auto more = call("listNotifications", "recipient=a%2Bb@example.com&limit=1");
  EXPECT_THAT(more.link, HasSubstr("&recipient=a%2Bb%40example.com>"));
}

TEST_F(Endpoints, SayWhatIsWrongWithAQuery) {
  const auto faults = [&](std::string query) { return call("listNotifications", std::move(query)).faults; };
  EXPECT_EQ(faults("status=x&limit=0"), (std::vector<std::string>{"status", "limit"}));
  for (const auto* limit : {"limit=201", "limit=-1", "limit=1.5", "limit=", "limit=9999999999999999999"})
    EXPECT_EQ(faults(limit).size(), 1U) << limit;
  EXPECT_EQ(faults("recipient=" + std::string(255, 'a')), std::vector<std::string>{"recipient"});
  EXPECT_EQ(faults("recipient=%00"), std::vector<std::string>{"recipient"});
  EXPECT_EQ(faults("recipient=%FF"), std::vector<std::string>{"recipient"});
  EXPECT_EQ(call("listNotifications", "cursor=x").code, "invalid_cursor");
  EXPECT_EQ(call("listNotifications", "cursor=").code, "invalid_cursor");
  EXPECT_EQ(call("listNotifications", "limit=1&limit=2").code, "bad_request");
  EXPECT_EQ(call("listNotifications", "limit=200").status, 200U);
}

TEST_F(Endpoints, NeverShowWhatAMailIsFilledWith) {
  const auto id = add(notification_status::failed).to_string();
  for (const auto& shown : {call("listNotifications"), call("getNotification", "", id), call("retryNotification", "", id)}) {
    EXPECT_LT(shown.status, 300U);
    EXPECT_THAT(shown.body, HasSubstr(id));
    EXPECT_THAT(shown.body, Not(HasSubstr("SECRET")));
  }
}

TEST_F(Endpoints, ShowWhatIsAsRecentAsTheSessionNeeds) {
  const auto id = add(notification_status::sent).to_string();
  for (const auto wanted : {consistency::strong(), consistency::bounded_staleness()}) {
    wanted_ = wanted;
    call("listNotifications");
    EXPECT_EQ(store_.last_wanted.allows_replica(), wanted.allows_replica());
    call("getNotification", "", id);
    EXPECT_EQ(store_.last_wanted.allows_replica(), wanted.allows_replica());
  }
}

TEST_F(Endpoints, RetryWhatHasFailed) {
  wanted_ = consistency::bounded_staleness();
  const auto id = add(notification_status::failed);
  const auto answer = call("retryNotification", "", id.to_string());
  EXPECT_EQ(written_, std::vector{session_});
  EXPECT_FALSE(store_.last_wanted.allows_replica()) << "it shows what was written just now";
  EXPECT_EQ(answer.status, 202U);
  EXPECT_THAT(answer.body, HasSubstr(R"("status":"pending")"));
  EXPECT_EQ(woken_, 1);
  EXPECT_EQ(call("retryNotification", "", id.to_string()).code, "not_retryable");
  EXPECT_EQ(call("retryNotification", "", add(notification_status::withheld).to_string()).code, "not_retryable");
  EXPECT_EQ(call("retryNotification", "", add(notification_status::sent, true).to_string()).code, "content_erased");
  EXPECT_EQ(woken_, 1);
}

TEST_F(Endpoints, KnowWhatIsNotThere) {
  for (const auto* operation : {"getNotification", "retryNotification"})
    for (const auto& id : {ids_.next().to_string(), std::string("x")}) EXPECT_EQ(call(operation, "", id).code, "not_found") << operation;
}

}  // namespace
}  // namespace micro_sayur::notification_service
