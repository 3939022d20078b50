// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/resend_verification.hpp"

#include "user-service/app/links.hpp"

namespace micro_sayur::user_service {

async::task<std::optional<check_password::throttled>> resend_verification::run(credentials typed) {
  const auto from = typed.from;
  auto owner = co_await passwords_.run(std::move(typed));
  if (const auto* refused = std::get_if<check_password::throttled>(&owner)) co_return *refused;
  auto* waiting = std::get_if<registration>(&owner);
  if (waiting == nullptr) co_return std::nullopt;
  const bool allowed = co_await allowance_.take(mail_cause::resend, waiting->email_key, from);
  if (!allowed) co_return std::nullopt;
  const auto token = make_token(env_.random);
  co_await registrations_.replace_token(waiting->id, token.digest, env_.verify_lifetime,
                                        verification_requested(env_, *waiting, token.text, from));
  co_return std::nullopt;
}

}  // namespace micro_sayur::user_service
