// SPDX-License-Identifier: Apache-2.0
// One connection: keeps itself open, sends units and answers them in order.
#pragma once

#include "platform/sql/postgres/encoding.hpp"
#include "platform/sql/postgres/link.hpp"
#include "platform/sql/postgres/unit.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace micro_sayur::sql::postgres {

/// What all connections of a database know of it together.
struct common_knowledge {
  std::atomic<std::uint64_t> plan_age = 0;  ///< how often one of them has met a schema that plans were not made for
  std::atomic<bool> refuses_rows = false;   ///< a statement found no room on the server's disk, and `try_to_write` none since
};

/// Used on one core only. Its own task, `run`, does the reading; whoever calls `send` does the writing.
class connection : public std::enable_shared_from_this<connection> {
 public:
  /// `changed` is called whenever the connection becomes ready, is lost, or has answered a unit.
  connection(async::executor where, std::shared_ptr<const settings> with, std::shared_ptr<common_knowledge> known, access mode,
             std::function<void()> changed);

  /// Connects, serves and reconnects until it is cancelled.
  async::task<> run();

  bool is_ready() const { return ready_ && leaving_.empty(); }
  std::size_t in_flight() const { return in_flight_.size(); }

  /// Counts the sessions: a transaction that began in another session is lost.
  std::size_t session() const { return session_; }

  /// Why there is no session; empty while there is one.
  const std::string& fault() const { return fault_; }

  /// Requires `is_ready`. A script requires that nothing is in flight.
  void send(unit what);

  /// Ends the session; what is in flight fails with `unavailable`.
  void drop(std::string reason);

  /// Ends the session when nothing is in flight any more; takes nothing further. The next one is opened soon.
  void leave(std::string reason);

  /// Whether it has just learned that its server takes no writes any more; told once.
  bool learned_of_demotion() { return std::exchange(learned_of_demotion_, false); }

  /// Whether the session is with a server that is a standby for now.
  bool is_at_standby() const { return ready_ && link_.is_told("in_hot_standby"); }
  bool runs_script() const { return !in_flight_.empty() && !in_flight_.front().script.empty(); }

  /// Answers `timed_out` where the deadline has passed, and drops a server that stays silent well after it. Returns when to look again.
  time_point expire(time_point now);

 private:
  struct step {
    enum kind { prepare, execute, sync, script } what;
    const statement* which = nullptr;
    std::string name = {};  ///< as it was prepared
  };

  async::task<> serve();
  void lose(const std::string& reason);
  void check_parameters(const unit& what);
  bool queue(const unit& what);
  bool queue(const call& what);
  bool queue_script(const std::string& text);
  void flush();
  void take_results();
  void take(const PGresult& from);
  void take_error(const PGresult& from);
  void forget(const step& prepared);
  void forget_old_plans();
  void note_changed_schema();
  bool may_send_again(const unit& failed) const;
  void send_again(unit failed);
  bool only_reads() const;
  void take_rows(const PGresult& from);
  void end_step();
  void end_unit();

  const std::shared_ptr<const settings> with_;
  const access mode_;
  const std::function<void()> changed_;
  link link_;
  bool ready_ = false;
  bool writing_ = false;
  bool dropped_ = false;
  std::size_t session_ = 0;
  std::string fault_ = "not connected yet";
  std::string leaving_;  ///< why; empty: it stays
  bool learned_of_demotion_ = false;
  std::deque<unit> in_flight_;
  std::deque<step> steps_;
  bool step_answered_ = false;
  std::unordered_map<const statement*, std::string> prepared_;
  std::size_t statements_named_ = 0;
  const std::shared_ptr<common_knowledge> known_;
  std::uint64_t prepared_for_ = 0;  ///< the plan_age
  encoded_parameters parameters_;
};

}  // namespace micro_sayur::sql::postgres
