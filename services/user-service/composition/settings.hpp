// SPDX-License-Identifier: Apache-2.0
// What an operator decides about the user-service itself; how its servers are reached stands with their drivers.
#pragma once

#include "platform/config/reader.hpp"
#include "platform/program/http_host.hpp"
#include "platform/program/process.hpp"
#include "user-service/domain/email_address.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// The account that an operator starts with.
struct first_admin {
  std::string email;
  config::secret_source password;
};

struct settings {
  program::http_settings http;
  std::string public_base_url;  ///< without a slash at the end
  std::filesystem::path jwt_keys_dir;
  bool make_missing_keys = false;  ///< development and embedded: an empty folder gets a key at the first start
  std::string jwt_issuer;
  std::string jwt_audience;
  std::chrono::seconds verify_lifetime;
  std::chrono::seconds reset_lifetime;
  std::chrono::seconds outbox_lifetime;  ///< of events that were published
  std::optional<first_admin> admin;
  new_address_rules new_addresses;  ///< in development a domain may be without a dot
  std::string country_code;         ///< of telephone numbers without one
};

/// `defaults`: what the embedded program decides otherwise.
struct settings_defaults {
  std::string_view jwt_keys_dir = "keys";
};

settings read_settings(config::reader& from, const settings_defaults& defaults = {});

}  // namespace micro_sayur::user_service
