// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/sessions/configuration.hpp"

#include <fmt/format.h>

namespace micro_sayur::notification_service {
namespace {

constexpr std::string_view name = "USER_SERVICE_URL";
constexpr std::string_view help = "where the user-service is reached; not set: JWKS_URL without /.well-known/jwks.json";
constexpr std::string_view key_path = "/.well-known/jwks.json";

}  // namespace

std::string read_user_service_url(config::reader& from, std::string_view jwks_url) {
  auto told = from.optional_url(name, help);
  if (from.is_set(name)) return std::move(told).value_or("");
  if (jwks_url.ends_with(key_path)) return std::string(jwks_url.substr(0, jwks_url.size() - key_path.size()));
  if (!jwks_url.empty())
    from.add_fault(name, fmt::format("is not set, and JWKS_URL, not ending with {}, does not tell it", key_path),
                   "set it to where the user-service is reached, such as http://user-service:8080");
  return {};
}

}  // namespace micro_sayur::notification_service
