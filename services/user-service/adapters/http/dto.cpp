// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/http/dto.hpp"

namespace micro_sayur::user_service::dto {
namespace {

template <typename T>
change<T> to_change(const json::patch<T>& from) {
  return {.wanted = from.present, .value = from.value};
}

}  // namespace

user to_user(const account& from) {
  return {.id = from.id,
          .email = from.email,
          .name = from.name,
          .phone = from.phone,
          .address = from.address,
          .lat = from.lat,
          .lng = from.lng,
          .locale = from.locale,
          .roles = from.roles,
          .email_verified = true,
          .created_at = from.created_at,
          .updated_at = from.updated_at};
}

login_answer to_login_answer(const token_pair& from) {
  return {.access_token = from.access_token,
          .token_type = "Bearer",
          .expires_in = from.access_lifetime.count(),
          .refresh_token = from.refresh_token,
          .refresh_expires_in = from.refresh_lifetime.count(),
          .device_token = from.device_token.empty() ? std::nullopt : std::optional(from.device_token),
          .user = to_user(from.owner)};
}

profile_changes to_changes(const profile_patch& from) {
  return {.name = to_change(from.name),
          .phone = to_change(from.phone),
          .address = to_change(from.address),
          .lat = to_change(from.lat),
          .lng = to_change(from.lng),
          .locale = to_change(from.locale)};
}

http::parameter accept_language_parameter() {
  return {.name = "Accept-Language",
          .in = "header",
          .description = "The language, when locale is absent or names none that there are texts in"};
}

std::vector<json::fault> to_faults(field_faults from) {
  std::vector<json::fault> faults;
  for (auto& each : from) faults.push_back({std::move(each.field), std::move(each.code), std::move(each.message)});
  return faults;
}

}  // namespace micro_sayur::user_service::dto
