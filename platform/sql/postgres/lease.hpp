// SPDX-License-Identifier: Apache-2.0
// A connection lent to one caller.
#pragma once

#include "platform/sql/postgres/group.hpp"

namespace micro_sayur::sql::postgres {

/// Move-only; used and destroyed on the core of its group. Destruction gives the connection back, after a rollback in the background
/// when a transaction is open.
class lease {
 public:
  lease(std::shared_ptr<group> from, std::shared_ptr<connection> line);
  lease(lease&&) = default;
  ~lease();

  /// Waits for a connection at most until `deadline`.
  static async::task<lease> take(std::shared_ptr<group> from, async::executor where, time_point deadline);

  /// Throws `unavailable` when the session that was lent is no more.
  async::task<results> send(async::executor where, unit what);

  /// Whether destruction has a transaction to roll back.
  void set_open(bool open) { open_ = open; }

  /// Ends the session that was lent.
  void drop(std::string reason);

 private:
  bool is_same_session() const { return line_->has_session() && line_->session() == session_; }

  std::shared_ptr<group> from_;
  std::shared_ptr<connection> line_;
  std::size_t session_ = 0;
  bool open_ = false;
};

}  // namespace micro_sayur::sql::postgres
