// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/delete_account.hpp"

#include "user-service/domain/email_address.hpp"

namespace micro_sayur::user_service {

async::task<bool> delete_account::run(std::string email, origin from) {
  const auto address = parse_email_address(email);
  if (!address) co_return false;
  const auto found = co_await accounts_.find_by_email(address->key);
  if (!found) co_return false;
  const auto now = clock_.now();
  co_return co_await accounts_.erase(
      found->id, now, {.id = ids_.next(), .kind = user_event_kind::deleted, .user_id = found->id, .time = now, .from = std::move(from)});
}

}  // namespace micro_sayur::user_service
