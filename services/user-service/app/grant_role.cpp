// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/grant_role.hpp"

#include "user-service/domain/email_address.hpp"

#include <algorithm>

namespace micro_sayur::user_service {

async::task<grant_role::outcome> grant_role::run(std::string email, std::string role) {
  if (role != customer_role && role != admin_role) co_return outcome::unknown_role;
  const auto address = parse_email_address(email);
  if (!address) co_return outcome::no_account;
  auto found = co_await accounts_.find_by_email(address->key);
  if (!found) co_return outcome::no_account;
  if (std::ranges::find(found->roles, role) != found->roles.end()) co_return outcome::had_it;
  found->roles.push_back(std::move(role));
  co_return co_await accounts_.save_roles(found->id, found->roles, clock_.now()) ? outcome::granted : outcome::no_account;
}

}  // namespace micro_sayur::user_service
