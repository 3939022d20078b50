// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/http/auth_endpoints.hpp"

#include "platform/base/client_network.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/http/body.hpp"
#include "platform/json/encode.hpp"
#include "platform/telemetry/tracing/scope.hpp"
#include "user-service/adapters/http/authenticate.hpp"
#include "user-service/adapters/http/dto.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace micro_sayur::user_service {
namespace {

using http::method;
using http::problem;
using http::request;
using http::response;
using telemetry::in_span;

constexpr std::string_view register_path = "/api/v1/auth/register";
constexpr std::string_view registered_body = R"({"status":"verification_required"})";
constexpr std::size_t longest_idempotency_key = 255;

response uncached(response answer) { return std::move(answer.with("Cache-Control", "no-store")); }

origin origin_of(const request& from) {
  return {.request_id = from.request_id, .traceparent = from.trace.to_traceparent(), .network = client_network(from.client)};
}

problem faults_problem(field_faults faults) { return http::validation_problem(dto::to_faults(std::move(faults))); }

/// What is wrong with the header Idempotency-Key, if it came.
std::vector<json::fault> faults_of_key(const request& from) {
  const auto key = from.header("idempotency-key");
  const bool printable = std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (key.size() <= longest_idempotency_key && printable) return {};
  return {{"Idempotency-Key", "invalid_format", "must have 1 to 255 visible ASCII characters"}};
}

/// The claim of a request with a good header Idempotency-Key, which keeps the answer that a success gives.
std::optional<idempotency_claim> claim_of(const auth_use_cases& with, const request& from) {
  const auto key = from.header("idempotency-key");
  if (key.empty()) return std::nullopt;
  std::vector<crypto::digest> fingerprints;
  for (const auto& secret : with.env.derive_secrets("idempotency fingerprints"))
    fingerprints.push_back(crypto::hmac_sha256(secret, "idempotency:" + from.body));
  return idempotency_claim{.route = std::string(register_path),
                           .key = std::string(key),
                           .fingerprint = fingerprints.front(),
                           .earlier_fingerprints = {fingerprints.begin() + 1, fingerprints.end()},
                           .status = 202,
                           .body = std::string(registered_body)};
}

/// The body holds a password, of which nothing is to be left.
template <typename Body>
json::reading<Body> take_whole_body(request& from) {
  auto read = http::read_whole_body<Body>(from);
  crypto::wipe(from.body);
  return read;
}

template <typename Body>
Body take_body(request& from) {
  auto body = http::read_body<Body>(from);
  crypto::wipe(from.body);
  return body;
}

problem throttled_problem(std::chrono::seconds wait) {
  return {.type = problems::too_many_attempts, .detail = fmt::format("Wait {} s.", wait.count()), .retry_after = wait};
}

credentials to_credentials(dto::credentials&& body, const request& from) {
  return {.email = std::move(body.email),
          .password = crypto::password(std::move(body.password)),
          .device_token = body.device_token.value_or(""),
          .from = origin_of(from)};
}

async::task<response> post_register(const auth_use_cases& with, request& from) {
  auto faults = faults_of_key(from);
  auto claim = faults.empty() ? claim_of(with, from) : std::nullopt;
  auto [body, faults_of_body] = take_whole_body<dto::register_request>(from);
  std::ranges::move(faults_of_body, std::back_inserter(faults));
  register_user::command command{.email = std::move(body.email),
                                 .password = crypto::password(std::move(body.password)),
                                 .name = std::move(body.name),
                                 .locale = std::move(body.locale),
                                 .claim = std::move(claim),
                                 .from = origin_of(from),
                                 .accept_language = from.header_list("accept-language").value_or("")};
  if (!faults.empty()) {
    auto more = co_await with.registering.check(command);
    co_return http::validation_problem(json::join_faults(std::move(faults), dto::to_faults(std::move(more))));
  }
  const auto outcome = co_await in_span("register_user", with.registering.run(std::move(command)));
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
  auto body = take_body<dto::verify_email_request>(from);
  const auto outcome = co_await in_span(
      "verify_email", with.verifying.run(std::move(body.token), crypto::password(std::move(body.password)), origin_of(from)));
  if (const auto* tokens = std::get_if<token_pair>(&outcome))
    co_return uncached(http::json_response(200, json::encode(dto::to_login_answer(*tokens))));
  if (const auto* throttled = std::get_if<verify_email::throttled>(&outcome)) co_return throttled_problem(throttled->wait);
  if (std::holds_alternative<verify_email::wrong_password>(outcome))
    co_return problem{.type = problems::invalid_credentials,
                      .detail = "This is not the password of the registration that this mail is about; another one may be meant.",
                      .authenticate = "Bearer"};
  co_return problem{.type = problems::invalid_token, .detail = "Register again, or have a new mail sent."};
}

async::task<response> post_resend_verification(const auth_use_cases& with, request& from) {
  auto body = take_body<dto::credentials>(from);
  const auto throttled = co_await in_span("resend_verification", with.resending.run(to_credentials(std::move(body), from)));
  if (throttled) co_return throttled_problem(throttled->wait);
  co_return uncached(http::json_response(202, std::string(registered_body)));
}

async::task<response> post_login(const auth_use_cases& with, request& from) {
  auto body = take_body<dto::credentials>(from);
  const auto outcome = co_await in_span("log_in", with.logging_in.run(to_credentials(std::move(body), from)));
  if (const auto* tokens = std::get_if<token_pair>(&outcome))
    co_return uncached(http::json_response(200, json::encode(dto::to_login_answer(*tokens))));
  if (const auto* throttled = std::get_if<log_in::throttled>(&outcome)) co_return throttled_problem(throttled->wait);
  if (std::holds_alternative<log_in::disabled>(outcome))
    co_return problem{.type = problems::account_disabled, .detail = "Ask who runs this service."};
  co_return problem{.type = problems::invalid_credentials,
                    .detail = "If you have just registered, open the link in the mail first.",
                    .authenticate = "Bearer"};
}

async::task<response> post_refresh(const auth_use_cases& with, request& from) {
  auto body = http::read_body<dto::refresh_request>(from);
  const auto outcome = co_await in_span("rotate_refresh_token", with.refreshing.run(std::move(body.refresh_token), origin_of(from)));
  if (const auto* tokens = std::get_if<token_pair>(&outcome))
    co_return uncached(http::json_response(200, json::encode(dto::to_login_answer(*tokens))));
  if (std::holds_alternative<rotate_refresh_token::reused>(outcome))
    co_return problem{.type = problems::refresh_token_reused, .detail = "Log in again.", .authenticate = "Bearer"};
  co_return problem{.type = problems::invalid_refresh_token, .detail = "Log in again.", .authenticate = "Bearer"};
}

async::task<response> post_logout(const auth_use_cases& with, request& from) {
  const auto claims = co_await authenticate(with.bearer, with.verdicts, from);
  co_await in_span("log_out", with.logging_out.run(claims->session, claims->subject, origin_of(from)));
  co_return http::no_content();
}

async::task<response> post_forgot_password(const auth_use_cases& with, request& from) {
  auto body = http::read_body<dto::email_request>(from);
  const auto wait = co_await in_span("request_password_reset", with.requesting_reset.run(std::move(body.email), origin_of(from)));
  if (wait) co_return problem{.type = problems::rate_limited, .detail = fmt::format("Wait {} s.", wait->count()), .retry_after = *wait};
  co_return uncached(http::json_response(202, R"({"status":"accepted"})"));
}

async::task<response> post_reset_password(const auth_use_cases& with, request& from) {
  auto [body, faults] = take_whole_body<dto::reset_password_request>(from);
  crypto::password password(std::move(body.password));
  if (!faults.empty()) {
    auto more = co_await with.resetting.check(std::move(body.token), std::move(password), origin_of(from));
    co_return http::validation_problem(json::join_faults(std::move(faults), dto::to_faults(std::move(more))));
  }
  auto outcome = co_await in_span("reset_password", with.resetting.run(std::move(body.token), std::move(password), origin_of(from)));
  if (auto* done = std::get_if<reset_password::done>(&outcome)) {
    const dto::reset_password_answer answer{.email = std::move(done->email), .device_token = std::move(done->device_token)};
    co_return uncached(http::json_response(200, json::encode(answer)));
  }
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
        .parameters = {idempotency_key, dto::accept_language_parameter()},
        .body = request_body<dto::register_request>(),
        .answers = {{202, "The same for every address", response_body<dto::register_answer>()}},
        .problems = {problems::idempotency_key_in_use, problems::idempotency_key_reused, problems::overloaded}}},
      {method::post,
       "/api/v1/auth/verify-email",
       bind(with, post_verify_email),
       {.id = "verifyEmail",
        .summary = "Make the account with the token of the mail and the password of the registration: the first login",
        .tag = "auth",
        .body = request_body<dto::verify_email_request>(),
        .answers = {{200, "Tokens and the account", response_body<dto::login_answer>()}},
        .problems = {problems::invalid_token, problems::invalid_credentials, problems::too_many_attempts, problems::overloaded}}},
      {method::post,
       "/api/v1/auth/resend-verification",
       bind(with, post_resend_verification),
       {.id = "resendVerification",
        .summary = "Mail a new token; the older one dies",
        .tag = "auth",
        .body = request_body<dto::credentials>(),
        .answers = {{202, "The same in every case", response_body<dto::register_answer>()}},
        .problems = {problems::too_many_attempts, problems::overloaded}}},
      {method::post,
       "/api/v1/auth/login",
       bind(with, post_login),
       {.id = "login",
        .summary = "Open a session",
        .tag = "auth",
        .body = request_body<dto::credentials>(),
        .answers = {{200, "Tokens and the account", response_body<dto::login_answer>()}},
        .problems = {problems::invalid_credentials, problems::account_disabled, problems::too_many_attempts, problems::overloaded}}},
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
       bind(with, post_forgot_password),
       {.id = "forgotPassword",
        .summary = "Mail a link that allows to set a new password",
        .tag = "auth",
        .body = request_body<dto::email_request>(),
        .answers = {{202, "The same for every address", response_body<dto::register_answer>()}},
        .problems = {problems::rate_limited, problems::overloaded}}},
      {method::post,
       "/api/v1/auth/reset-password",
       bind(with, post_reset_password),
       {.id = "resetPassword",
        .summary = "Set a new password with the token of the mail; every session ends",
        .tag = "auth",
        .body = request_body<dto::reset_password_request>(),
        .answers = {{200, "Set", response_body<dto::reset_password_answer>()}},
        .problems = {problems::invalid_token, problems::overloaded}}},
  };
}

}  // namespace micro_sayur::user_service
