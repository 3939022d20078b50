// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/change_account.hpp"

#include "user-service/domain/email_address.hpp"

#include <algorithm>

namespace micro_sayur::user_service {

async::task<change_role::outcome> change_role::grant(std::string email, std::string role) {
  return run(std::move(email), std::move(role), true);
}

async::task<change_role::outcome> change_role::take_away(std::string email, std::string role) {
  return run(std::move(email), std::move(role), false);
}

async::task<change_role::outcome> change_role::run(std::string email, std::string role, bool wanted) {
  if (role != customer_role && role != admin_role) co_return outcome::unknown_role;
  const auto address = parse_email_address(email);
  if (!address) co_return outcome::no_account;
  while (true) {
    auto found = co_await accounts_.find_by_email(address->key);
    if (!found) co_return outcome::no_account;
    const bool has_it = std::ranges::find(found->roles, role) != found->roles.end();
    if (has_it == wanted) co_return outcome::was_so;
    if (wanted)
      found->roles.push_back(role);
    else
      std::erase(found->roles, role);
    // Somebody who changed the account in between is not overwritten: what he left is read again.
    const bool saved = co_await accounts_.save_roles(found->id, found->version, found->roles, !wanted, clock_.now());
    if (saved) co_return outcome::changed;
  }
}

async::task<change_status::outcome> change_status::run(std::string email, account_status wanted) {
  const auto address = parse_email_address(email);
  if (!address) co_return outcome::no_account;
  const auto found = co_await accounts_.find_by_email(address->key);
  if (!found) co_return outcome::no_account;
  const bool changed = co_await accounts_.set_status(found->id, wanted, clock_.now());
  co_return changed ? outcome::changed : outcome::was_so;
}

}  // namespace micro_sayur::user_service
