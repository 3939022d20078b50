// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/log/logged_security_events.hpp"

namespace micro_sayur::user_service {

void logged_security_events::record(std::string_view event, std::optional<uuid> account_id, const origin& from, std::string_view detail) {
  const auto account = account_id ? account_id->to_string() : std::string("-");
  log_.info("security event",
            {{"event", event}, {"account_id", account}, {"network", from.network}, {"request_id", from.request_id}, {"detail", detail}});
}

}  // namespace micro_sayur::user_service
