// SPDX-License-Identifier: Apache-2.0
#include "notification-service/composition/settings.hpp"

#include <algorithm>

namespace micro_sayur::notification_service {
namespace {

/// Set to nothing it is refused: whoever meant nobody would have everybody mailed.
mail_recipients read_mail_recipients(config::reader& from) {
  constexpr std::string_view name = "MAIL_RECIPIENTS";
  const auto entries = from.list(
      name, "to whom mails go: addresses and domains (example.com without those below it), everybody, or nobody; others are withheld",
      "everybody");
  auto parsed = mail_recipients::parse(from.is_empty(name) ? std::vector<std::string>() : entries);
  if (parsed) return *std::move(parsed);
  for (const auto& fault : parsed.error()) from.add_fault(name, fault, "list addresses and domains, or say everybody, or nobody");
  return {};
}

}  // namespace

settings read_settings(config::reader& from, std::string_view port_name) {
  settings out;
  out.http = program::read_http_settings(from, port_name, 8081);
  out.jwt_issuer = from.text("JWT_ISSUER", "iss of access tokens", "micro-sayur");
  out.jwt_audience = from.text("JWT_AUDIENCE", "aud of access tokens", "micro-sayur");
  out.recipients = read_mail_recipients(from);
  return out;
}

mailbox read_mail_from(config::reader& from, std::string_view fallback) {
  constexpr std::string_view name = "MAIL_FROM";
  constexpr std::string_view help = "sender of mails, such as MICRO-SAYUR <noreply@sayur.example>";
  const auto text = fallback.empty() ? from.required_text(name, help) : from.text(name, help, fallback);
  if (text.empty()) return {};
  const auto parsed = parse_mailbox(text);
  if (!parsed) {
    from.add_fault(name, "\"" + text + "\" is not acceptable", "it " + parsed.error());
    return {};
  }
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (!std::all_of(parsed->address.begin(), parsed->address.end(), is_ascii))
    from.add_fault(name, "\"" + text + "\" is not acceptable", "write its domain in ASCII (xn--…)");
  return *parsed;
}

}  // namespace micro_sayur::notification_service
