// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/request_password_reset.hpp"

#include "user-service/app/links.hpp"
#include "user-service/domain/email_address.hpp"

namespace micro_sayur::user_service {

async::task<std::optional<account>> request_password_reset::find(std::string email) {
  const auto address = parse_email_address(email);
  auto known = co_await accounts_.find_by_email(address ? address->key : std::string());
  if (known && known->status != account_status::active) known.reset();
  co_return known;
}

async::task<bool> request_password_reset::allowed(const account& to, const origin& from) {
  return allowance_.take(mail_cause::forgotten_password, to.email_key, from);
}

async::task<> request_password_reset::mail(account to, origin from) {
  const auto token = make_token(env_.random);
  auto event = password_reset_requested(env_, to, token.text, std::move(from));
  const auto expires_at = event.expires_at;
  co_await resets_.add(to.id, token.digest, expires_at, std::move(event));
}

}  // namespace micro_sayur::user_service
