// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/mailbox/mailbox_endpoints.hpp"

#include "notification-service/adapters/http/text_parameter.hpp"
#include "notification-service/adapters/mailbox/mailbox_access.hpp"
#include "platform/http/query.hpp"
#include "platform/json/encode.hpp"
#include "platform/page_frame/page_frame.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

namespace micro_sayur::json {

template <>
struct about<notification_service::mailbox_message> {
  static constexpr std::string_view name = "MailboxMessage";
  static constexpr std::array fields{field_rule{.field = "raw", .description = "The message as a mail server would have got it"}};
};

}  // namespace micro_sayur::json

namespace micro_sayur::notification_service {

extern const std::span<const embedded_file> mailbox_files;

namespace {

using http::method;
using http::request;
using http::response;

constexpr std::int64_t most_messages = 200;

// Nothing inline and nothing foreign; the frame shows a mail.
constexpr std::string_view page_policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'";

// A mail has styles of its own and may not do anything but open links, in a tab that is not bound by this.
constexpr std::string_view mail_policy =
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action "
    "'none'; "
    "frame-ancestors 'self'; base-uri 'none'";

response guarded(response answer, std::string_view policy) {
  answer.with("Content-Security-Policy", std::string(policy)).with("Referrer-Policy", "no-referrer").with("Cache-Control", "no-store");
  return answer;
}

http::handler file_handler(std::string_view name) {
  const auto found = std::ranges::find(mailbox_files, name, &embedded_file::name);
  if (found == mailbox_files.end()) throw std::logic_error("there is no file " + std::string(name));
  return [&file = *found](request&) -> async::task<response> {
    response answer(200, std::string(content_type_of(file.name)), std::string(file.text));
    if (file.name.ends_with(".html")) answer.with("Content-Language", "id, en");
    co_return guarded(std::move(answer), page_policy);
  };
}

http::problem_error no_such_message() {
  return http::problem_error({.type = problems::not_found, .detail = "There is no message with this id."});
}

async::task<mailbox_message> find_message(mailbox_store& store, const request& from) {
  const auto id = uuid::parse(from.path_parameters.front());
  if (!id) throw no_such_message();
  auto found = co_await store.find(*id);
  if (!found) throw no_such_message();
  co_return std::move(*found);
}

async::task<response> get_messages(mailbox_store& store, request& from) {
  auto recipient = http::query_parameter(from, "to");
  if (recipient)
    if (auto fault = fault_of_text("to", *recipient)) throw http::problem_error(http::validation_problem({std::move(*fault)}));
  const auto found = co_await store.list(std::move(recipient), most_messages);
  co_return guarded(http::json_response(200, json::encode(found)), page_policy);
}

async::task<response> get_message(mailbox_store& store, request& from) {
  const auto found = co_await find_message(store, from);
  co_return guarded(http::json_response(200, json::encode(found)), page_policy);
}

async::task<response> get_message_html(mailbox_store& store, request& from) {
  const auto found = co_await find_message(store, from);
  co_return guarded(response(200, "text/html; charset=utf-8", framed_html(found.html)), mail_policy);
}

template <typename Endpoint>
http::handler bind(mailbox_store& store, Endpoint endpoint) {
  return [&store, endpoint](request& from) -> async::task<response> { return endpoint(store, from); };
}

http::parameter id_parameter() {
  return {
      .name = "id", .in = "path", .description = "Id of the message", .schema = {{"type", "string"}, {"format", "uuid"}}, .required = true};
}

http::schema_maker message_array() {
  return [](json::schema_set& set) { return set.add<std::vector<mailbox_message>>(); };
}

}  // namespace

std::string framed_html(std::string_view html) {
  constexpr std::string_view head = "<head>";
  std::string out(html);
  const auto found = out.find(head);
  const auto place = found == std::string::npos ? 0 : found + head.size();
  return out.insert(place, R"(<base target="_blank">)");
}

std::vector<http::route> mailbox_routes(mailbox_store& store, const config::network_list& others) {
  std::vector<http::route> routes{
      {method::get, "/mailbox", file_handler("mailbox.html")},
      {method::get, "/mailbox/style.css", file_handler("style.css")},
      {method::get, "/mailbox/mailbox.js", file_handler("mailbox.js")},
      {method::get, "/mailbox/texts.js", file_handler("texts.js")},
      {method::get, "/mailbox/messages/{id}/html", bind(store, get_message_html)},
      {method::get,
       "/mailbox/messages",
       bind(store, get_messages),
       {.id = "listMailboxMessages",
        .summary = "Mails, newest first, at most 200; embedded mode only",
        .tag = "mailbox",
        .parameters = {{.name = "to", .in = "query", .description = "Only those to this address, in upper or lower case"}},
        .answers = {{200, "The mails", message_array()}},
        .problems = {problems::forbidden, problems::misdirected_request, problems::validation_failed}}},
      {method::get,
       "/mailbox/messages/{id}",
       bind(store, get_message),
       {.id = "getMailboxMessage",
        .summary = "One mail; embedded mode only",
        .tag = "mailbox",
        .parameters = {id_parameter()},
        .answers = {{200, "The mail", http::response_body<mailbox_message>()}},
        .problems = {problems::forbidden, problems::misdirected_request, problems::not_found}}},
  };
  for (auto& each : routes) each.handle = for_readers_only(std::move(each.handle), others);
  return routes;
}

}  // namespace micro_sayur::notification_service
