// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/verify_email.hpp"

namespace micro_sayur::user_service {

async::task<std::optional<account>> verify_email::run(std::string token, origin from) {
  co_return co_await registrations_.confirm(digest_of(token), env_.clock.now(), env_.ids.next(), std::move(from));
}

}  // namespace micro_sayur::user_service
