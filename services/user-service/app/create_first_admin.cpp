// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/create_first_admin.hpp"

#include "user-service/domain/email_address.hpp"
#include "user-service/domain/password_policy.hpp"
#include "user-service/domain/password_text.hpp"

#include <stdexcept>

namespace micro_sayur::user_service {
namespace {

constexpr std::string_view name = "Administrator";

}  // namespace

async::task<bool> create_first_admin::run(std::string email, crypto::password password) {
  const auto address = parse_new_email_address(email, env_.new_addresses);
  if (!address) throw std::invalid_argument("the administrator's address " + address.error().message);
  const auto known = co_await accounts_.find_by_email(address->key);
  if (known) co_return false;
  crypto::password mapped(opaque_string(password.text()));
  if (const auto refusal = judge_password(mapped.text(), email, name))
    throw std::invalid_argument("the administrator's password " + refusal->message);

  auto hash = co_await hasher_.hash(std::move(mapped), "");
  const auto now = env_.clock.now();
  account admin{.id = env_.ids.next(),
                .email = address->text,
                .email_key = address->key,
                .name = std::string(name),
                .locale = std::string(default_locale),
                .password_hash = std::move(hash),
                .roles = {std::string(customer_role), std::string(admin_role)},
                .created_at = now,
                .updated_at = now};
  user_event registered{.id = env_.ids.next(),
                        .kind = user_event_kind::registered,
                        .user_id = admin.id,
                        .email = admin.email,
                        .name = admin.name,
                        .locale = admin.locale,
                        .time = now};
  // Of two instances that start at once one wins.
  co_return co_await accounts_.add(std::move(admin), std::move(registered));
}

}  // namespace micro_sayur::user_service
