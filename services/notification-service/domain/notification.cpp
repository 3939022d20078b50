// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/notification.hpp"

#include <array>
#include <utility>

namespace micro_sayur::notification_service {
namespace {

constexpr std::array<std::pair<notification_kind, std::string_view>, 4> kinds{{
    {notification_kind::email_verification, "email_verification"},
    {notification_kind::password_reset, "password_reset"},
    {notification_kind::password_changed, "password_changed"},
    {notification_kind::registration_attempted, "registration_attempted"},
}};
constexpr std::array<std::pair<notification_status, std::string_view>, 5> statuses{{
    {notification_status::pending, "pending"},
    {notification_status::sending, "sending"},
    {notification_status::sent, "sent"},
    {notification_status::failed, "failed"},
    {notification_status::withheld, "withheld"},
}};

template <typename Table, typename Key>
std::string_view name_of(const Table& table, Key wanted) {
  for (const auto& [key, name] : table)
    if (key == wanted) return name;
  return {};
}

template <typename Key, std::size_t N>
std::optional<Key> key_of(const std::array<std::pair<Key, std::string_view>, N>& table, std::string_view wanted) {
  for (const auto& [key, name] : table)
    if (name == wanted) return key;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(notification_kind kind) { return name_of(kinds, kind); }
std::string_view to_string(notification_status status) { return name_of(statuses, status); }
std::string_view to_string(locale which) { return which == locale::english ? "en" : "id"; }

std::optional<notification_kind> parse_kind(std::string_view text) { return key_of(kinds, text); }
std::optional<notification_status> parse_status(std::string_view text) { return key_of(statuses, text); }
locale parse_locale(std::string_view text) { return text == "en" ? locale::english : locale::indonesian; }

std::string recipient_key(std::string_view address) {
  constexpr std::string_view spaces = " \t\r\n";
  const auto first = address.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  std::string key(address.substr(first, address.find_last_not_of(spaces) - first + 1));
  for (char& letter : key)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return key;
}

}  // namespace micro_sayur::notification_service
