// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/time.hpp"
#include "platform/base/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace micro_sayur::user_service {

enum class account_status { active, disabled, deleted };

constexpr std::string_view to_string(account_status status) {
  switch (status) {
    case account_status::active: return "active";
    case account_status::disabled: return "disabled";
    case account_status::deleted: return "deleted";
  }
  std::unreachable();
}

inline constexpr std::string_view customer_role = "customer";
inline constexpr std::string_view admin_role = "admin";
inline constexpr std::string_view default_locale = "id";

/// A person with a verified address.
struct account {
  uuid id;
  std::string email;      ///< as typed
  std::string email_key;  ///< unique
  std::string name;
  std::string locale;  ///< "id" or "en"
  std::string password_hash;
  std::optional<std::string> phone;
  std::optional<std::string> address;
  std::optional<double> lat;  ///< degrees
  std::optional<double> lng;  ///< degrees
  account_status status = account_status::active;
  std::vector<std::string> roles;
  std::int64_t version = 1;  ///< grows with every change; the ETag
  std::int64_t credential_version =
      1;  ///< grows with a new password, when a role is taken away, when disabled and when deleted; not with a rehash
  timestamp created_at;
  timestamp updated_at;
};

/// Somebody asked for an account under an address that is not verified yet. Several may wait for one address; the account exists only
/// from verification on, with the name and password of the registration whose token was used, and takes over its id.
struct registration {
  uuid id;
  std::string email;
  std::string email_key;
  std::string name;
  std::string locale;
  std::string password_hash;
};

}  // namespace micro_sayur::user_service
