// SPDX-License-Identifier: Apache-2.0
#include "notification-service/composition/settings.hpp"

#include <algorithm>

namespace micro_sayur::notification_service {

settings read_settings(config::reader& from, std::string_view port_name) {
  settings out;
  out.http = program::read_http_settings(from, port_name, 8081);
  out.jwt_issuer = from.text("JWT_ISSUER", "iss of access tokens", "micro-sayur");
  out.jwt_audience = from.text("JWT_AUDIENCE", "aud of access tokens", "micro-sayur");
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
