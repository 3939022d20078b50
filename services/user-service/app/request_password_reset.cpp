// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/request_password_reset.hpp"

#include "user-service/domain/email_address.hpp"

namespace micro_sayur::user_service {

async::task<std::optional<std::chrono::seconds>> request_password_reset::run(std::string email, origin from) {
  const auto wait = co_await allowance_.take_request(from.network);
  if (wait) co_return wait;
  const auto address = parse_email_address(email);
  if (address) co_await requests_.keep({.id = env_.ids.next(), .email_key = address->key, .registration_id = {}, .from = std::move(from)});
  co_return std::nullopt;
}

}  // namespace micro_sayur::user_service
