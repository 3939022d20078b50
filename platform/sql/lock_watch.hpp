// SPDX-License-Identifier: Apache-2.0
// Who holds up a session of PostgreSQL. A time-out of a lock does not say, and afterwards nobody can tell.
#pragma once

#include "platform/async/task.hpp"
#include "platform/sql/database.hpp"

#include <cstdint>
#include <string>

namespace micro_sayur::sql {

/// Of the session whose server process is `process`. Where there is no such process (SQLite) it sees nobody.
class lock_watch {
 public:
  lock_watch(database& on, std::int64_t process) : on_(on), process_(process) {}

  /// Runs `work` and looks, several times a second and on another connection, whether it waits for a lock. What `work` throws is thrown on.
  async::task<> during(async::task<> work);

  /// The lock that was last waited for, and who held it, by process, role, application and, where the role may know, what it was about;
  /// empty when no wait was seen.
  const std::string& seen() const { return seen_; }

 private:
  async::task<> look_again_and_again();

  database& on_;
  const std::int64_t process_;
  std::string seen_;
};

}  // namespace micro_sayur::sql
