// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/resend_verification.hpp"

#include "user-service/app/links.hpp"

namespace micro_sayur::user_service {

async::task<> resend_verification::run(std::string email, std::string password, origin from) {
  auto owner = co_await passwords_.run(std::move(email), std::move(password));
  auto* waiting = std::get_if<registration>(&owner);
  if (waiting == nullptr) co_return;
  const bool allowed = co_await allowance_.take(mail_cause::resend, waiting->email_key, from);
  if (!allowed) co_return;
  const auto token = make_token(env_.random);
  waiting->expires_at = env_.clock.now() + env_.verify_lifetime;
  co_await registrations_.replace_token(waiting->id, token.digest, waiting->expires_at,
                                        verification_requested(env_, *waiting, token.text, std::move(from)));
}

}  // namespace micro_sayur::user_service
