// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/resend_verification.hpp"

namespace micro_sayur::user_service {

async::task<std::optional<check_password::throttled>> resend_verification::run(credentials typed) {
  const auto from = typed.from;
  const auto owner = co_await passwords_.run(std::move(typed));
  if (const auto* refused = std::get_if<check_password::throttled>(&owner)) co_return *refused;
  mail_request what{.id = env_.ids.next(), .email_key = {}, .registration_id = env_.ids.next(), .from = from};
  if (const auto* waiting = std::get_if<registration>(&owner)) what.registration_id = waiting->id;
  co_await requests_.keep(std::move(what));
  co_return std::nullopt;
}

}  // namespace micro_sayur::user_service
