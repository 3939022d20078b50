// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/system.hpp"
#include "user-service/ports/account_store.hpp"

#include <string>

namespace micro_sayur::user_service {

/// Erases an account and tells the others to do likewise. Its address can register anew at once; its sessions are over everywhere within
/// the second for which verdicts are remembered.
class delete_account {
 public:
  delete_account(const clock_source& clock, id_source& ids, account_store& accounts) : clock_(clock), ids_(ids), accounts_(accounts) {}

  /// False: no account has the address.
  async::task<bool> run(std::string email, origin from);

 private:
  const clock_source& clock_;
  id_source& ids_;
  account_store& accounts_;
};

}  // namespace micro_sayur::user_service
