// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/mail.hpp"

#include <algorithm>

namespace micro_sayur::notification_service {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_address(std::string_view text) {
  const auto at = text.rfind('@');
  const bool clean = std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= ' ' || byte == 0x7f || c == '<' || c == '>';
  });
  return clean && at != std::string_view::npos && at > 0 && at + 1 < text.size();
}

}  // namespace

std::string_view mailbox::domain() const { return std::string_view(address).substr(address.rfind('@') + 1); }

std::expected<mailbox, std::string> parse_mailbox(std::string_view text) {
  const auto control = std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
  if (control) return std::unexpected("must not hold control characters");
  text = trimmed(text);
  mailbox found{.name = {}, .address = std::string(text)};
  if (text.ends_with('>')) {
    const auto open = text.rfind('<');
    if (open == std::string_view::npos) return std::unexpected("has '>' without '<'");
    auto name = trimmed(text.substr(0, open));
    if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"')) name = name.substr(1, name.size() - 2);
    found = {.name = std::string(name), .address = std::string(text.substr(open + 1, text.size() - open - 2))};
  }
  if (!is_address(found.address)) return std::unexpected("must be an address such as name@example.com or Name <name@example.com>");
  return found;
}

std::string_view to_string(delivery_outcome::kind what) {
  switch (what) {
    case delivery_outcome::kind::accepted: return "sent";
    case delivery_outcome::kind::temporary_failure: return "temporary_failure";
    case delivery_outcome::kind::permanent_failure: return "permanent_failure";
    case delivery_outcome::kind::unavailable: return "unavailable";
    case delivery_outcome::kind::withheld: return "withheld";
  }
  return {};
}

}  // namespace micro_sayur::notification_service
