// SPDX-License-Identifier: Apache-2.0
// The endpoints called as the server calls them, on stores in memory and with real tokens.
#include "platform/async/runtime.hpp"
#include "platform/json/reader.hpp"
#include "user-service/adapters/http/auth_endpoints.hpp"
#include "user-service/adapters/http/key_endpoints.hpp"
#include "user-service/adapters/http/profile_endpoints.hpp"
#include "user-service/tests/session_fixture.hpp"

#include <boost/json/object.hpp>

namespace micro_sayur::user_service {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

/// Straight from the store.
class stored_verdicts final : public session_verdicts {
 public:
  explicit stored_verdicts(test::world& in) : in_(in) {}
  async::task<bool> is_live(uuid session_id) override { return in_.stores.is_live(session_id, {}); }
  async::task<std::optional<account>> find_owner(uuid session_id) override { return in_.stores.find_owner(session_id, {}); }
  async::task<> forget(std::vector<uuid>) override { co_return; }

 private:
  test::world& in_;
};

class Endpoints : public test::Sessions {
 protected:
  struct answer {
    unsigned status = 0;
    std::string code;
    std::vector<std::string> faults;  ///< "field:code"
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;

    std::string header(std::string_view name) const {
      for (const auto& [each, value] : headers)
        if (each == name) return value;
      return "";
    }
    boost::json::object json() const { return json::parse(body).value().as_object(); }
  };
  using headers = std::vector<std::pair<std::string, std::string>>;

  answer call(std::string_view operation, std::string body = "", headers with = {}) {
    http::request request;
    request.body = std::move(body);
    request.headers = std::move(with);
    if (!request.body.empty()) request.headers.emplace_back("content-type", "application/json");
    request.client = boost::asio::ip::make_address("192.0.2.1");
    request.request_id = "request-1";
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
    EXPECT_EQ(request.body.find("right"), std::string::npos) << "a password is left in the body";
    return out;
  }

  static answer read(const http::response& from) {
    answer out{.status = from.status, .body = from.body, .headers = {from.headers.begin(), from.headers.end()}};
    if (from.fault) {
      out.code = from.fault->type.code;
      for (const auto& each : from.fault->errors) out.faults.push_back(each.field + ":" + each.code);
    }
    return out;
  }

  headers bearer(headers more = {}) {
    if (token_.empty())
      token_ = std::string(call("login", R"({"email":"budi@example.com","password":"right"})").json().at("access_token").as_string());
    more.emplace_back("authorization", "Bearer " + token_);
    return more;
  }

  std::string token_;
  stored_verdicts live_{world};
  register_user registering_{world.env, world.stores, world.stores, world.stores, world.hasher, world.allowance};
  verify_email verifying_{world.env, world.stores, world.passwords, opening, world.security};
  resend_verification resending_{world.env, world.passwords, world.requests};
  update_profile updating_{world.env, world.stores};
  profile_cache profiles_{world.clock};
  std::vector<uuid> written_;
  const std::function<async::task<>(uuid)> note_written_ = [this](uuid session) -> async::task<> {
    written_.push_back(session);
    co_return;
  };
  const crypto::access_token_verifier verifier_{"issuer", "audience", world.clock};
  http::bearer_authenticator bearer_{verifier_, key_source_of(keys), world.clock, 1};
  std::vector<http::route> routes_ = all_routes();

 private:
  std::vector<http::route> all_routes() {
    auto all = auth_routes(
        {world.env, registering_, verifying_, resending_, logging_in, refreshing, logging_out, requesting, resetting, bearer_, live_});
    std::ranges::copy(profile_routes({updating_, profiles_, bearer_, live_, note_written_}), std::back_inserter(all));
    return all;
  }
};

TEST_F(Endpoints, TellTheFaultsOfFormAndOfMeaningTogether) {
  EXPECT_THAT(call("register", R"({"email":"x","password":"1","name":""})").faults,
              UnorderedElementsAre("email:invalid_format", "password:too_short", "name:too_short"));
  EXPECT_THAT(
      call("register", R"({"email":7,"password":"password123","name":"a\u202eb","locale":"id_ID","nmae":1})").faults,
      UnorderedElementsAre("email:wrong_type", "password:too_weak", "name:invalid_format", "locale:invalid_format", "nmae:unknown_field"));
  EXPECT_THAT(call("register", "{}", {{"idempotency-key", "two words"}}).faults,
              UnorderedElementsAre("Idempotency-Key:invalid_format", "email:required", "password:required", "name:required"));
  EXPECT_THAT(call("resetPassword", R"({"password":"password123"})").faults, UnorderedElementsAre("token:required", "password:too_weak"));
  EXPECT_THAT(call("updateProfile", R"({"name":5,"phone":"call me","lat":91,"nmae":"x"})", bearer()).faults,
              UnorderedElementsAre("name:wrong_type", "phone:invalid_format", "lat:too_large", "lng:required", "nmae:unknown_field"));
  EXPECT_TRUE(world.stores.registrations.empty());
}

TEST_F(Endpoints, RegisterInTheLanguageOfTheRequest) {
  const auto locale_after = [this](const std::string& member, const std::string& accepted) {
    const auto made = call("register", R"({"email":"siti@example.com","password":"bayam-segar-tiap-pagi","name":"Siti")" + member + "}",
                           {{"accept-language", accepted}});
    EXPECT_EQ(made.status, 202U) << made.body;
    return world.stores.registrations.back().what.locale;
  };
  EXPECT_EQ(locale_after("", ""), "id");
  EXPECT_EQ(locale_after("", "fr, en;q=0.5"), "en");
  EXPECT_EQ(locale_after(R"(,"locale":"en-US")", "id"), "en");
  EXPECT_EQ(locale_after(R"(,"locale":"fr")", "en-GB"), "en");
  EXPECT_EQ(locale_after(R"(,"locale":"in")", "en"), "id");
}

TEST_F(Endpoints, ChangeTheProfileOfTheCaller) {
  const auto before = call("getProfile", "", bearer());
  ASSERT_EQ(before.status, 200U) << before.body;
  const auto changed =
      call("updateProfile", R"({"phone":"0812-3456-789","lat":-6.9,"lng":107.6})", bearer({{"if-match", before.header("ETag")}}));
  ASSERT_EQ(changed.status, 200U) << changed.body;
  EXPECT_EQ(changed.json().at("phone"), "+628123456789");
  EXPECT_EQ(written_.size(), 1U);
  EXPECT_EQ(call("updateProfile", R"({"name":"Siti"})", bearer({{"if-match", before.header("ETag")}})).code, "precondition_failed");
  EXPECT_EQ(call("getProfile", "", bearer({{"if-none-match", changed.header("ETag")}})).status, 304U);
  EXPECT_EQ(call("getProfile", "", bearer()).json().at("name"), "Budi");
  EXPECT_EQ(written_.size(), 1U);
}

TEST_F(Endpoints, AreClosedWithoutALiveSession) {
  for (const auto* operation : {"getProfile", "updateProfile", "logout"}) {
    const auto refused = call(operation, "{}");
    EXPECT_EQ(refused.status, 401U) << operation;
    EXPECT_EQ(refused.code, "unauthenticated") << operation;
  }
  const auto with = bearer();
  EXPECT_EQ(call("logout", "", with).status, 204U);
  for (const auto* operation : {"getProfile", "updateProfile", "logout"}) EXPECT_EQ(call(operation, "{}", with).status, 401U) << operation;
}

TEST_F(Endpoints, AnswerARefreshOnceAndAWrongPasswordNever) {
  const auto first = call("login", R"({"email":"budi@example.com","password":"right"})");
  ASSERT_EQ(first.status, 200U) << first.body;
  EXPECT_EQ(first.header("Cache-Control"), "no-store");
  const auto refresh = R"({"refresh_token":")" + std::string(first.json().at("refresh_token").as_string()) + "\"}";
  EXPECT_EQ(call("refresh", refresh).status, 200U);
  EXPECT_EQ(call("refresh", R"({"refresh_token":"none"})").code, "invalid_refresh_token");
  EXPECT_EQ(call("login", R"({"email":"budi@example.com","password":"wrong"})").code, "invalid_credentials");
  EXPECT_EQ(call("login", R"({"email":"no address","password":"wrong"})").code, "invalid_credentials");
  world.throttle.wait = std::chrono::seconds(7);
  const auto throttled = call("login", R"({"email":"budi@example.com","password":"right"})");
  EXPECT_EQ(throttled.code, "too_many_attempts");
}

TEST_F(Endpoints, AnswerARepeatedRegistrationAlikeAndAnotherUnderItsKeyNot) {
  const auto body = [](const std::string& name) {
    return R"({"email":"siti@example.com","password":"bayam-segar-tiap-pagi","name":")" + name + "\"}";
  };
  const headers key{{"idempotency-key", "key-1"}};
  const auto first = call("register", body("Siti"), key);
  const auto again = call("register", body("Siti"), key);
  EXPECT_THAT((std::vector<unsigned>{first.status, again.status}), ElementsAre(202U, 202U));
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(world.stores.registrations.size(), 1U);
  EXPECT_EQ(call("register", body("Ayu"), key).code, "idempotency_key_reused");
}

}  // namespace
}  // namespace micro_sayur::user_service
