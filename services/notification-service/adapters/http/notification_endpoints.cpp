// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/http/notification_endpoints.hpp"

#include "notification-service/adapters/http/dto.hpp"
#include "notification-service/adapters/http/list_cursor.hpp"
#include "notification-service/adapters/http/list_query.hpp"
#include "platform/json/encode.hpp"

namespace micro_sayur::notification_service {
namespace {

using http::method;
using http::problem;
using http::request;
using http::response;

constexpr std::string_view admin = "admin";

response uncached(response answer) { return std::move(answer.with("Cache-Control", "no-store")); }

/// Administrators read and change what belongs to others: what they do is a security event, and so is who tries without the role. Returns
/// their session.
async::task<uuid> require_admin(const notification_use_cases& with, const request& from, std::string_view operation) {
  const auto claims = co_await with.bearer.authenticate(from);
  const bool live = co_await with.session_is_live(from, *claims);
  if (!live) throw http::problem_error(http::unauthenticated_problem("invalid_token", "The session has ended."));
  const bool has_role = std::ranges::find(claims->roles, admin) != claims->roles.end();
  const auto id = from.path_parameters.empty() ? std::string() : " " + from.path_parameters.front();
  with.tell_security(has_role ? "authz_admin" : "authz_fail", claims->subject, from, std::string(operation) + id);
  http::require_role(*claims, admin);
  co_return claims->session;
}

http::problem_error no_such_notification() {
  return http::problem_error({.type = problems::not_found, .detail = "There is no notification with this id."});
}

uuid id_of(const request& from) {
  const auto id = uuid::parse(from.path_parameters.front());
  if (!id) throw no_such_notification();
  return *id;
}

async::task<response> details_response(const notification_use_cases& with, unsigned status, uuid id, consistency wanted) {
  const auto found = co_await with.store.find(id, wanted);
  if (!found) throw no_such_notification();
  co_return uncached(http::json_response(status, json::encode(dto::to_details(*found))));
}

async::task<response> get_notifications(const notification_use_cases& with, request& from) {
  const auto session = co_await require_admin(with, from, "listNotifications");
  const auto wanted = read_list_query(from);
  auto one_more = wanted;
  ++one_more.limit;
  one_more.wanted = co_await with.consistency_for(session);
  auto found = co_await with.store.list(std::move(one_more));
  dto::notification_list page;
  const bool goes_on = std::ssize(found) > wanted.limit;
  if (goes_on) {
    found.pop_back();
    page.next_cursor = encode_cursor(found.back().id);
  }
  for (const auto& each : found) page.items.push_back(dto::to_notification(each));
  auto answer = uncached(http::json_response(200, json::encode(page)));
  if (goes_on) answer.with("Link", next_link(wanted, *page.next_cursor));
  co_return answer;
}

async::task<response> get_notification(const notification_use_cases& with, request& from) {
  const auto session = co_await require_admin(with, from, "getNotification");
  const auto id = id_of(from);
  co_return co_await details_response(with, 200, id, co_await with.consistency_for(session));
}

async::task<response> post_retry(const notification_use_cases& with, request& from) {
  const auto session = co_await require_admin(with, from, "retryNotification");
  const auto id = id_of(from);
  const auto outcome = co_await with.store.retry(id);
  switch (outcome) {
    case retry_outcome::not_found: throw no_such_notification();
    case retry_outcome::erased: co_return problem{.type = problems::content_erased, .detail = "It was sent, or has failed long ago."};
    case retry_outcome::not_failed: co_return problem{.type = problems::not_retryable, .detail = "It is still being tried."};
    case retry_outcome::withheld:
      co_return problem{.type = problems::not_retryable, .detail = "It is withheld: this instance may not mail its recipient."};
    case retry_outcome::done: break;
  }
  with.wake_deliveries();
  co_await with.note_written(session);
  co_return co_await details_response(with, 202, id, consistency::strong());
}

template <typename Endpoint>
http::handler bind(const notification_use_cases& use_cases, Endpoint endpoint) {
  return [use_cases, endpoint](request& from) -> async::task<response> { return endpoint(use_cases, from); };
}

std::vector<http::parameter> list_parameters() {
  return {{.name = "recipient",
           .in = "query",
           .description = "Only those to this address, in upper or lower case",
           .schema = {{"type", "string"}, {"maxLength", longest_recipient}}},
          {.name = "status",
           .in = "query",
           .description = "Only those with this status",
           .schema = {{"type", "string"}, {"enum", {"pending", "sending", "sent", "failed", "withheld"}}}},
          {.name = "cursor", .in = "query", .description = "`next_cursor` of the page before"},
          {.name = "limit",
           .in = "query",
           .description = "Items on a page",
           .schema = {{"type", "integer"}, {"minimum", 1}, {"maximum", longest_list}, {"default", default_list_limit}}}};
}

http::parameter id_parameter() {
  return {.name = "id",
          .in = "path",
          .description = "Id of the notification",
          .schema = {{"type", "string"}, {"format", "uuid"}},
          .required = true};
}

}  // namespace

std::vector<http::route> notification_routes(const notification_use_cases& with) {
  using http::response_body;
  return {
      {method::get,
       "/api/v1/notifications",
       bind(with, get_notifications),
       {.id = "listNotifications",
        .summary = "Notifications, newest first; for admins",
        .tag = "notifications",
        .bearer = true,
        .parameters = list_parameters(),
        .answers = {{200, "A page; the header Link names the next one", response_body<dto::notification_list>()}},
        .problems = {problems::forbidden, problems::invalid_cursor, problems::validation_failed}}},
      {method::get,
       "/api/v1/notifications/{id}",
       bind(with, get_notification),
       {.id = "getNotification",
        .summary = "One notification with its attempts; for admins",
        .tag = "notifications",
        .bearer = true,
        .parameters = {id_parameter()},
        .answers = {{200, "The notification", response_body<dto::notification_details>()}},
        .problems = {problems::forbidden, problems::not_found}}},
      {method::post,
       "/api/v1/notifications/{id}/retry",
       bind(with, post_retry),
       {.id = "retryNotification",
        .summary = "Try a failed notification again; for admins",
        .tag = "notifications",
        .bearer = true,
        .parameters = {id_parameter()},
        .answers = {{202, "It will be tried at once", response_body<dto::notification_details>()}},
        .problems = {problems::forbidden, problems::not_found, problems::content_erased, problems::not_retryable}}},
  };
}

}  // namespace micro_sayur::notification_service
