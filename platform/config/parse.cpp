// SPDX-License-Identifier: Apache-2.0
#include "platform/config/parse.hpp"

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace micro_sayur::config {
namespace {

struct unit {
  char suffix;
  std::chrono::seconds length;
};
constexpr std::array<unit, 4> units{unit{'d', std::chrono::days(1)}, unit{'h', std::chrono::hours(1)}, unit{'m', std::chrono::minutes(1)},
                                    unit{'s', std::chrono::seconds(1)}};
constexpr std::chrono::seconds longest = std::chrono::days(36'500);

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  std::chrono::seconds scale(1);
  for (const auto& [suffix, length] : units) {
    if (!text.ends_with(suffix)) continue;
    scale = length;
    text.remove_suffix(1);
    break;
  }
  const auto count = parse_integer(text);
  if (!count || *count < 0 || *count > longest / scale) return std::nullopt;
  return *count * scale;
}

std::string to_text(std::chrono::seconds duration) {
  for (const auto& [suffix, length] : units)
    if (duration.count() != 0 && duration % length == std::chrono::seconds(0)) return fmt::format("{}{}", duration / length, suffix);
  return "0";
}

std::optional<bool> parse_boolean(std::string_view text) {
  for (const std::string_view truth : {"true", "yes", "on", "1"})
    if (text == truth) return true;
  for (const std::string_view falsehood : {"false", "no", "off", "0"})
    if (text == falsehood) return false;
  return std::nullopt;
}

std::optional<std::string> parse_http_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
  if (!parsed) return std::nullopt;
  boost::urls::url url = *parsed;
  url.normalize();
  if (url.scheme() != "http" && url.scheme() != "https") return std::nullopt;
  if (url.encoded_host().empty() || url.has_userinfo() || url.has_query() || url.has_fragment()) return std::nullopt;
  if (url.has_port()) {
    const auto port = parse_integer(std::string_view(url.port().data(), url.port().size()));
    if (!port || *port < 1 || *port > 65'535) return std::nullopt;
  }
  std::string normal(url.c_str(), url.size());
  while (normal.ends_with('/')) normal.pop_back();
  return normal;
}

bool is_host(std::string_view text) {
  boost::system::error_code no_address;
  boost::asio::ip::make_address(text, no_address);
  if (!no_address) return true;
  const auto may_be_in_a_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_'; };
  return !text.empty() && std::ranges::all_of(text, may_be_in_a_name);
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (const auto part = trimmed(text.substr(0, comma)); !part.empty()) parts.emplace_back(part);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return parts;
}

}  // namespace micro_sayur::config
