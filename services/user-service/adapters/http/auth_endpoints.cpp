// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/http/auth_endpoints.hpp"

#include "platform/async/backoff.hpp"
#include "platform/async/runtime.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/http/body.hpp"
#include "platform/json/encode.hpp"
#include "user-service/adapters/http/authenticate.hpp"
#include "user-service/adapters/http/dto.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

namespace micro_sayur::user_service {
namespace {

using http::method;
using http::problem;
using http::request;
using http::response;

constexpr std::string_view register_path = "/api/v1/auth/register";
constexpr std::string_view registered_body = R"({"status":"verification_required"})";
constexpr std::size_t longest_idempotency_key = 255;
constexpr std::size_t most_background_resets = 256;
constexpr auto longest_background_reset = std::chrono::minutes(1);

response uncached(response answer) { return std::move(answer.with("Cache-Control", "no-store")); }

origin origin_of(const request& from) {
  return {.request_id = from.request_id, .traceparent = from.trace.to_traceparent(), .client_address = from.client.to_string()};
}

problem faults_problem(field_faults faults) {
  std::vector<json::fault> errors;
  for (auto& each : faults) errors.push_back({std::move(each.field), std::move(each.code), std::move(each.message)});
  return http::validation_problem(std::move(errors));
}

/// The claim of a request with the header Idempotency-Key, which keeps the answer that a success gives.
std::optional<idempotency_claim> claim_of(const auth_use_cases& with, const request& from) {
  const auto key = from.header("idempotency-key");
  if (key.empty()) return std::nullopt;
  const bool printable = std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (key.size() > longest_idempotency_key || !printable)
    throw http::problem_error(
        http::validation_problem({{"Idempotency-Key", "invalid_format", "must have 1 to 255 visible ASCII characters"}}));
  return idempotency_claim{.route = std::string(register_path),
                           .key = std::string(key),
                           .fingerprint = crypto::hmac_sha256(with.fingerprint_key, "idempotency:" + from.body),
                           .status = 202,
                           .body = std::string(registered_body),
                           .now = with.env.clock.now()};
}

async::task<response> post_register(const auth_use_cases& with, request& from) {
  auto body = http::read_body<dto::register_request>(from);
  const auto outcome = co_await with.registering.run({.email = std::move(body.email),
                                                      .password = std::move(body.password),
                                                      .name = std::move(body.name),
                                                      .locale = body.locale.value_or(std::string(default_locale)),
                                                      .claim = claim_of(with, from),
                                                      .from = origin_of(from)});
  if (std::holds_alternative<register_user::accepted>(outcome)) co_return uncached(http::json_response(202, std::string(registered_body)));
  if (const auto* repeated = std::get_if<register_user::repeated>(&outcome))
    co_return uncached(http::json_response(repeated->record.status, repeated->record.body));
  if (std::holds_alternative<register_user::key_reused>(outcome))
    co_return problem{.type = problems::idempotency_key_reused, .detail = "Use a new key for another request."};
  if (std::holds_alternative<register_user::still_running>(outcome))
    co_return problem{.type = problems::idempotency_key_in_use, .detail = "Ask again in a moment.", .retry_after = std::chrono::seconds(1)};
  co_return faults_problem(std::get<field_faults>(outcome));
}

async::task<response> post_verify_email(const auth_use_cases& with, request& from) {
  auto body = http::read_body<dto::token_request>(from);
  const auto made = co_await with.verifying.run(std::move(body.token), origin_of(from));
  if (!made) co_return problem{.type = problems::invalid_token, .detail = "Register again, or have a new mail sent."};
  co_return uncached(http::json_response(200, json::encode(dto::user_answer{dto::to_user(*made)})));
}

async::task<response> post_resend_verification(const auth_use_cases& with, request& from) {
  auto body = http::read_body<dto::credentials>(from);
  co_await with.resending.run(std::move(body.email), std::move(body.password), origin_of(from));
  co_return uncached(http::json_response(202, std::string(registered_body)));
}

async::task<response> post_login(const auth_use_cases& with, request& from) {
  auto body = http::read_body<dto::credentials>(from);
  const auto outcome = co_await with.logging_in.run(std::move(body.email), std::move(body.password), from.client.to_string());
  if (const auto* tokens = std::get_if<token_pair>(&outcome))
    co_return uncached(http::json_response(200, json::encode(dto::to_login_answer(*tokens))));
  if (const auto* throttled = std::get_if<log_in::throttled>(&outcome))
    co_return problem{
        .type = problems::too_many_attempts, .detail = fmt::format("Wait {} s.", throttled->wait.count()), .retry_after = throttled->wait};
  if (std::holds_alternative<log_in::not_verified>(outcome))
    co_return problem{.type = problems::email_not_verified, .detail = "Open the link in the mail, or have a new one sent."};
  if (std::holds_alternative<log_in::disabled>(outcome))
    co_return problem{.type = problems::account_disabled, .detail = "Ask who runs this service."};
  co_return problem{.type = problems::invalid_credentials, .authenticate = "Bearer"};
}

async::task<response> post_refresh(const auth_use_cases& with, request& from) {
  auto body = http::read_body<dto::refresh_request>(from);
  const auto outcome = co_await with.refreshing.run(std::move(body.refresh_token));
  if (const auto* tokens = std::get_if<token_pair>(&outcome))
    co_return uncached(http::json_response(200, json::encode(dto::to_login_answer(*tokens))));
  if (std::holds_alternative<rotate_refresh_token::reused>(outcome))
    co_return problem{.type = problems::refresh_token_reused, .detail = "Log in again.", .authenticate = "Bearer"};
  co_return problem{.type = problems::invalid_refresh_token, .detail = "Log in again.", .authenticate = "Bearer"};
}

async::task<response> post_logout(const auth_use_cases& with, request& from) {
  const auto claims = co_await authenticate(with.bearer, with.verdicts, from);
  co_await with.logging_out.run(claims->session);
  co_return http::no_content();
}

/// Keeps trying while the database is away: the answer was 202.
async::task<> mail_reset(request_password_reset& with, account to, origin from) {
  const bool allowed = co_await with.allowed(to, from);
  if (!allowed) co_return;
  async::backoff retry(std::chrono::milliseconds(100), std::chrono::seconds(2));
  const auto until = std::chrono::steady_clock::now() + longest_background_reset;
  while (true) {
    try {
      co_return co_await with.mail(to, from);
    } catch (const std::exception&) {
      if (std::chrono::steady_clock::now() > until) throw;
    }
    co_await async::sleep_for(retry.next());
  }
}

/// Answers after a look that is the same for every address: neither what is done until then nor how long it takes depends on whether it
/// is known.
http::handler forgot_password_handler(const auth_use_cases& with) {
  const auto running = std::make_shared<std::atomic<std::size_t>>(0);
  return [with, running](request& from) -> async::task<response> {
    auto body = http::read_body<dto::email_request>(from);
    if (*running >= most_background_resets) throw async::overloaded("too many password resets are under way");
    auto known = co_await with.forgetting.find(std::move(body.email));
    if (known) {
      ++*running;
      const auto job = [&forgetting = with.forgetting, running, to = std::move(*known), come_from = origin_of(from)]() -> async::task<> {
        const std::shared_ptr<void> counted(nullptr, [running](void*) { --*running; });
        co_await mail_reset(forgetting, to, come_from);
      };
      async::spawn(co_await boost::asio::this_coro::executor, "password reset", job);
    }
    co_return uncached(http::json_response(202, R"({"status":"accepted"})"));
  };
}

async::task<response> post_reset_password(const auth_use_cases& with, request& from) {
  auto body = http::read_body<dto::reset_password_request>(from);
  auto outcome = co_await with.resetting.run(std::move(body.token), std::move(body.password), origin_of(from));
  if (std::holds_alternative<reset_password::done>(outcome)) co_return http::no_content();
  if (std::holds_alternative<reset_password::invalid_token>(outcome))
    co_return problem{.type = problems::invalid_token, .detail = "Ask for a new mail."};
  co_return faults_problem(std::get<field_faults>(std::move(outcome)));
}

template <typename Endpoint>
http::handler bind(const auth_use_cases& use_cases, Endpoint endpoint) {
  return [use_cases, endpoint](request& from) -> async::task<response> { return endpoint(use_cases, from); };
}

}  // namespace

std::vector<http::route> auth_routes(const auth_use_cases& with) {
  using http::request_body;
  using http::response_body;
  const http::parameter idempotency_key{
      .name = "Idempotency-Key",
      .in = "header",
      .description = "The same key and body within 24 h get the same answer, and happen once",
      .schema = {{"type", "string"}, {"minLength", 1}, {"maxLength", longest_idempotency_key}, {"pattern", "^[!-~]+$"}}};
  return {
      {method::post,
       register_path,
       bind(with, post_register),
       {.id = "register",
        .summary = "Ask for an account; a mail with a link follows",
        .tag = "auth",
        .parameters = {idempotency_key},
        .body = request_body<dto::register_request>(),
        .answers = {{202, "The same for every address", response_body<dto::register_answer>()}},
        .problems = {problems::idempotency_key_in_use, problems::idempotency_key_reused, problems::overloaded}}},
      {method::post,
       "/api/v1/auth/verify-email",
       bind(with, post_verify_email),
       {.id = "verifyEmail",
        .summary = "Make the account with the token of the mail",
        .tag = "auth",
        .body = request_body<dto::token_request>(),
        .answers = {{200, "The account", response_body<dto::user_answer>()}},
        .problems = {problems::invalid_token}}},
      {method::post,
       "/api/v1/auth/resend-verification",
       bind(with, post_resend_verification),
       {.id = "resendVerification",
        .summary = "Mail a new token; the older one dies",
        .tag = "auth",
        .body = request_body<dto::credentials>(),
        .answers = {{202, "The same in every case", response_body<dto::register_answer>()}},
        .problems = {problems::overloaded}}},
      {method::post,
       "/api/v1/auth/login",
       bind(with, post_login),
       {.id = "login",
        .summary = "Open a session",
        .tag = "auth",
        .body = request_body<dto::credentials>(),
        .answers = {{200, "Tokens and the account", response_body<dto::login_answer>()}},
        .problems = {problems::invalid_credentials, problems::email_not_verified, problems::account_disabled, problems::too_many_attempts,
                     problems::overloaded}}},
      {method::post,
       "/api/v1/auth/refresh",
       bind(with, post_refresh),
       {.id = "refresh",
        .summary = "Exchange a refresh token for its successor",
        .tag = "auth",
        .body = request_body<dto::refresh_request>(),
        .answers = {{200, "Tokens and the account", response_body<dto::login_answer>()}},
        .problems = {problems::invalid_refresh_token, problems::refresh_token_reused}}},
      {method::post,
       "/api/v1/auth/logout",
       bind(with, post_logout),
       {.id = "logout",
        .summary = "End the session; its tokens are dead everywhere within a second",
        .tag = "auth",
        .bearer = true,
        .answers = {{204, "Ended"}}}},
      {method::post,
       "/api/v1/auth/forgot-password",
       forgot_password_handler(with),
       {.id = "forgotPassword",
        .summary = "Mail a link that allows to set a new password",
        .tag = "auth",
        .body = request_body<dto::email_request>(),
        .answers = {{202, "The same for every address", response_body<dto::register_answer>()}},
        .problems = {problems::overloaded}}},
      {method::post,
       "/api/v1/auth/reset-password",
       bind(with, post_reset_password),
       {.id = "resetPassword",
        .summary = "Set a new password with the token of the mail; every session ends",
        .tag = "auth",
        .body = request_body<dto::reset_password_request>(),
        .answers = {{204, "Set"}},
        .problems = {problems::invalid_token, problems::overloaded}}},
  };
}

}  // namespace micro_sayur::user_service
