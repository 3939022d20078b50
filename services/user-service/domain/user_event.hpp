// SPDX-License-Identifier: Apache-2.0
// What happened to a user, as others are told (contracts/*.schema.json).
#pragma once

#include "platform/base/time.hpp"
#include "platform/base/uuid.hpp"

#include <cstdint>
#include <string>

namespace micro_sayur::user_service {

enum class user_event_kind {
  registered,
  email_verification_requested,
  password_reset_requested,
  password_changed,
  registration_attempted,
  deleted
};

/// Where a change comes from: request id and trace are kept with the event, so that one request id finds request, event, mail and their log
/// lines.
struct origin {
  std::string request_id;
  std::string traceparent;
  std::string network = {};  ///< of the client, as it is counted; "" for a command
};

struct user_event {
  uuid id;
  user_event_kind kind;
  uuid user_id;       ///< of the account, or of the registration, whose id the account will have
  std::string email;  ///< this, name and locale are empty once the user is deleted
  std::string name;
  std::string locale;
  std::string link;      ///< with the token; for the two kinds that ask for something
  timestamp expires_at;  ///< of the link
  timestamp time;
  origin from;
};

}  // namespace micro_sayur::user_service
