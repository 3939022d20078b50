// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/judge.hpp"

#include "user-service/domain/password_text.hpp"

namespace micro_sayur::user_service {

async::task<std::optional<password_refusal>> judge(const environment& env, crypto::password password, std::string email, std::string name,
                                                   std::string network) {
  auto work = [password = std::move(password), email = std::move(email), name = std::move(name)] {
    const crypto::password mapped(opaque_string(password.text()));
    return judge_password(mapped.text(), email, name);
  };
  co_return co_await env.computing.run(std::move(work), std::move(network));
}

}  // namespace micro_sayur::user_service
