// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/request_password_reset.hpp"

#include "user-service/app/links.hpp"
#include "user-service/domain/email_address.hpp"

namespace micro_sayur::user_service {

async::task<> request_password_reset::run(std::string email, origin from) {
  const auto address = parse_email_address(email);
  if (!address) co_return;
  const auto known = co_await accounts_.find_by_email(address->key);
  if (!known || known->status != account_status::active) co_return;
  const auto token = make_token(env_.random);
  auto event = password_reset_requested(env_, *known, token.text, std::move(from));
  const auto expires_at = event.expires_at;
  co_await resets_.add(known->id, token.digest, expires_at, std::move(event));
}

}  // namespace micro_sayur::user_service
