// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/links.hpp"

namespace micro_sayur::user_service {

user_event verification_requested(const environment& env, const registration& of, const std::string& token, origin from) {
  return {.id = env.ids.next(),
          .kind = user_event_kind::email_verification_requested,
          .user_id = of.id,
          .email = of.email,
          .name = of.name,
          .locale = of.locale,
          .link = env.public_base_url + "/verify-email?token=" + token,
          .expires_at = env.clock.now() + env.verify_lifetime,
          .time = env.clock.now(),
          .from = std::move(from)};
}

user_event password_reset_requested(const environment& env, const account& of, const std::string& token, origin from) {
  return {.id = env.ids.next(),
          .kind = user_event_kind::password_reset_requested,
          .user_id = of.id,
          .email = of.email,
          .name = of.name,
          .locale = of.locale,
          .link = env.public_base_url + "/reset-password?token=" + token,
          .expires_at = env.clock.now() + env.reset_lifetime,
          .time = env.clock.now(),
          .from = std::move(from)};
}

}  // namespace micro_sayur::user_service
