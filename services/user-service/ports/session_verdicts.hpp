// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"
#include "platform/base/uuid.hpp"
#include "user-service/domain/account.hpp"

#include <optional>
#include <vector>

namespace micro_sayur::user_service {

/// Whether sessions may still be used, remembered for at most a second over all levels.
class session_verdicts {
 public:
  virtual ~session_verdicts() = default;

  /// Throws when nobody can tell.
  virtual async::task<bool> is_live(uuid session_id) = 0;

  /// The account of a session, as the store has it now; nullopt when the session has ended. One trip answers both. Throws as the store.
  virtual async::task<std::optional<account>> find_owner(uuid session_id) = 0;

  /// To be called after sessions were revoked in the store.
  virtual async::task<> forget(std::vector<uuid> session_ids) = 0;
};

}  // namespace micro_sayur::user_service
