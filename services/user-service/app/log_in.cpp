// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/log_in.hpp"

namespace micro_sayur::user_service {

async::task<log_in::outcome> log_in::run(credentials typed) {
  const auto from = typed.from;
  auto found = co_await passwords_.run(std::move(typed));
  if (const auto* refused = std::get_if<throttled>(&found)) co_return *refused;
  auto* owner = std::get_if<account>(&found);
  if (owner == nullptr) co_return wrong_credentials{};
  const auto id = owner->id;
  if (owner->status != account_status::active) {
    log_.record(security_events::login_failure, id, from, "disabled");
    co_return disabled{};
  }
  auto tokens = co_await opening_.run(std::move(*owner));
  if (!tokens) {
    log_.record(security_events::login_failure, id, from, "changed meanwhile");
    co_return wrong_credentials{};
  }
  log_.record(security_events::login_success, id, from);
  co_return std::move(*tokens);
}

}  // namespace micro_sayur::user_service
