// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/http/list_query.hpp"

#include "notification-service/adapters/http/list_cursor.hpp"
#include "notification-service/adapters/http/text_parameter.hpp"
#include "platform/http/query.hpp"

#include <fmt/format.h>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <charconv>
#include <expected>
#include <optional>
#include <vector>

namespace micro_sayur::notification_service {
namespace {

std::expected<std::int64_t, json::fault> parse_limit(std::string_view text) {
  std::int64_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error == std::errc::invalid_argument || end != text.data() + text.size())
    return std::unexpected(json::fault{"limit", "invalid_format", fmt::format("must be a whole number from 1 to {}", longest_list)});
  if (limit < 1 && (error == std::errc() || text.starts_with('-')))
    return std::unexpected(json::fault{"limit", "too_small", "must be at least 1"});
  if (error != std::errc() || limit > longest_list)
    return std::unexpected(json::fault{"limit", "too_large", fmt::format("must be at most {}", longest_list)});
  return limit;
}

std::string percent_encoded(std::string_view text) { return boost::urls::encode(text, boost::urls::unreserved_chars); }

}  // namespace

notification_filter read_list_query(const http::request& from) {
  notification_filter wanted{.recipient = http::query_parameter(from, "recipient"), .limit = default_list_limit};
  std::vector<json::fault> faults;
  if (wanted.recipient && wanted.recipient->size() > longest_recipient)
    faults.push_back({"recipient", "too_long", fmt::format("must have at most {} bytes", longest_recipient)});
  if (wanted.recipient)
    if (auto fault = fault_of_text("recipient", *wanted.recipient)) faults.push_back(std::move(*fault));
  if (const auto status = http::query_parameter(from, "status")) {
    wanted.status = parse_status(*status);
    if (!wanted.status) faults.push_back({"status", "not_allowed", "must be pending, sending, sent, failed or withheld"});
  }
  if (const auto limit = http::query_parameter(from, "limit")) {
    const auto number = parse_limit(*limit);
    if (!number) faults.push_back(number.error());
    wanted.limit = number.value_or(default_list_limit);
  }
  if (!faults.empty()) throw http::problem_error(http::validation_problem(std::move(faults)));
  if (const auto cursor = http::query_parameter(from, "cursor")) {
    wanted.before = decode_cursor(*cursor);
    if (!wanted.before)
      throw http::problem_error({.type = problems::invalid_cursor, .detail = "Send what 'next_cursor' said, or no cursor."});
  }
  return wanted;
}

std::string next_link(const notification_filter& with, std::string_view cursor) {
  std::string query = fmt::format("?cursor={}&limit={}", percent_encoded(cursor), with.limit);
  if (with.recipient) query += "&recipient=" + percent_encoded(*with.recipient);
  if (with.status) query += fmt::format("&status={}", to_string(*with.status));
  return fmt::format("<{}>; rel=\"next\"", query);
}

}  // namespace micro_sayur::notification_service
