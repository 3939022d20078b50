// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/sql/rows.hpp"

#include <stdexcept>

namespace micro_sayur::user_service {
namespace {

account_status to_status(const std::string& text) {
  for (const auto status : {account_status::active, account_status::disabled, account_status::deleted})
    if (text == to_string(status)) return status;
  throw std::logic_error("an account has the unknown status '" + text + "'");
}

std::vector<std::string> split_roles(const std::string& text) {
  std::vector<std::string> roles;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(' ', begin), text.size());
    roles.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return roles;
}

}  // namespace

account to_account(const sql::row& row) {
  return {.id = row.get<uuid>(0),
          .email = row.get<std::string>(1),
          .email_key = row.get<std::string>(2),
          .name = row.get<std::string>(3),
          .locale = row.get<std::string>(4),
          .password_hash = row.get<std::string>(5),
          .phone = row.get_optional<std::string>(6),
          .address = row.get_optional<std::string>(7),
          .lat = row.get_optional<double>(8),
          .lng = row.get_optional<double>(9),
          .status = to_status(row.get<std::string>(10)),
          .roles = split_roles(row.get<std::string>(11)),
          .version = row.get<std::int64_t>(12),
          .credential_version = row.get<std::int64_t>(15),
          .created_at = row.get<timestamp>(13),
          .updated_at = row.get<timestamp>(14)};
}

registration to_registration(const sql::row& row) {
  return {.id = row.get<uuid>(0),
          .email = row.get<std::string>(1),
          .email_key = row.get<std::string>(2),
          .name = row.get<std::string>(3),
          .locale = row.get<std::string>(4),
          .password_hash = row.get<std::string>(5)};
}

sql::bytes to_bytes(const std::array<std::uint8_t, 32>& digest) { return {digest.begin(), digest.end()}; }

std::int64_t to_microseconds(std::chrono::microseconds duration) { return duration.count(); }

std::string join_roles(const std::vector<std::string>& roles) {
  std::string text;
  for (const auto& role : roles) text += (text.empty() ? "" : " ") + role;
  return text;
}

}  // namespace micro_sayur::user_service
