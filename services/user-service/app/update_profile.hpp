// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/environment.hpp"
#include "user-service/domain/profile_changes.hpp"
#include "user-service/ports/account_store.hpp"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace micro_sayur::user_service {

class update_profile {
 public:
  struct gone {};   ///< the account does not exist any more
  struct stale {};  ///< it has another version than those that were expected
  using outcome = std::variant<account, gone, stale, field_faults>;

  update_profile(const environment& env, account_store& accounts) : env_(env), accounts_(accounts) {}

  /// `expected`: the versions that the account may have; without it the last writer wins, field by field. Nothing to change changes
  /// nothing, the version included.
  async::task<outcome> run(uuid account_id, profile_changes changes, std::optional<std::vector<std::int64_t>> expected);

  /// What is wrong with the changes, whether they are made or not.
  field_faults check(profile_changes changes) const { return normalise(changes, env_.country_code); }

 private:
  const environment& env_;
  account_store& accounts_;
};

}  // namespace micro_sayur::user_service
