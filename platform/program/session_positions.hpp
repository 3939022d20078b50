// SPDX-License-Identifier: Apache-2.0
// Read-your-writes for sessions whose reads may go to replicas (docs/adr/0037-replicas.md).
#pragma once

#include "platform/base/system.hpp"
#include "platform/base/uuid.hpp"
#include "platform/cache/cache.hpp"
#include "platform/sql/database.hpp"

#include <atomic>
#include <string>

namespace micro_sayur::program {

/// Where the database's log was when a session last wrote, in the cache that all instances share. Does nothing for a database without
/// replicas. What is given by reference must outlive it. May be used from every io thread.
class session_positions {
 public:
  /// Longer than a replica in use may be behind, also while no writer answers.
  static constexpr std::chrono::seconds lifetime{120};

  /// `service` tells databases apart that have logs of their own.
  session_positions(sql::database& on, cache::store& shared, const clock_source& clock, std::string service)
      : on_(on), shared_(shared), clock_(clock), service_(std::move(service)), has_replicas_(!on.replicas().empty()) {}

  /// To be called when what the session wrote is committed, before it is answered. When it cannot be kept, this process reads from the
  /// writer for `lifetime`.
  async::task<> note(uuid session);

  /// How recent the rows have to be that the session is shown. The writer's, when the cache does not answer.
  async::task<consistency> consistency_for(uuid session);

 private:
  async::task<bool> try_to_note(uuid session);
  std::string key_of(uuid session) const { return "written:" + service_ + ':' + session.to_string(); }

  sql::database& on_;
  cache::store& shared_;
  const clock_source& clock_;
  const std::string service_;
  const bool has_replicas_;
  std::atomic<std::chrono::steady_clock::time_point> uncertain_until_{};
};

}  // namespace micro_sayur::program
