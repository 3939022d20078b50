// SPDX-License-Identifier: Apache-2.0
// One connection: keeps itself open, sends units and answers them in order.
#pragma once

#include "platform/sql/postgres/common_knowledge.hpp"
#include "platform/sql/postgres/encoding.hpp"
#include "platform/sql/postgres/link.hpp"
#include "platform/sql/postgres/prepared_statements.hpp"
#include "platform/sql/postgres/unit.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace micro_sayur::sql::postgres {

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

  /// Kept for one user, who may have a transaction open, until it is given back.
  bool is_lent() const { return lent_; }
  void lend() { lent_ = true; }
  void give_back() {
    lent_ = false;
    leave_when_idle();
  }

  /// Whether there is a session, also one that takes nothing new.
  bool has_session() const { return ready_; }

  /// Counts the sessions: a transaction that began in another session is lost.
  std::size_t session() const { return session_; }

  /// When the session was opened.
  time_point opened_at() const { return opened_at_; }

  /// Whether the session may be with another server than the one before: that one was left, or did not answer for a while. Told once.
  bool may_have_moved() { return std::exchange(may_have_moved_, false); }

  /// Why there is no session; empty while there is one.
  const std::string& fault() const { return fault_; }

  /// Requires `has_session`. A script requires that nothing is in flight.
  void send(unit what);

  /// Ends the session; what is in flight fails with `unavailable`.
  void drop(std::string reason);

  /// Ends the session when nothing is in flight any more and nobody has it on loan; takes nothing else. The next one is opened soon.
  void leave(std::string reason);

  /// When the session was opened that has just learned that its server takes no writes any more; told once.
  std::optional<time_point> learned_of_demotion() { return std::exchange(learned_of_demotion_, std::nullopt); }

  /// Whether the session is with a server that is a standby.
  bool is_at_standby() const { return ready_ && link_.is_at_standby(); }
  bool runs_script() const { return !in_flight_.empty() && !in_flight_.front().script.empty(); }

  /// Answers `timed_out` where the deadline has passed, and drops a server that stays silent well after it. Returns when to look again.
  time_point expire(time_point now);

 private:
  struct step {
    enum kind { prepare, execute, sync, script } what;
    const statement* which = nullptr;
    std::string name = {};     ///< as it was prepared
    std::size_t answered = 0;  ///< statements of the script
  };

  async::task<> serve();
  void lose(const std::string& reason);
  void check_parameters(const unit& what);
  bool waits_for_answers() const { return with_->between == pooler::transaction; }
  void transmit(const unit& what);
  bool queue(const unit& what);
  bool queue(const call& what);
  bool queue_unnamed(const call& what);
  bool queue_script(const std::string& text);
  void flush();
  void take_results();
  void take(const PGresult& from);
  void take_error(const PGresult& from);
  std::string place(const PGresult& from) const;
  bool only_reads() const;
  void take_rows(const PGresult& from);
  void end_step();
  void end_unit();
  void leave_when_idle() {
    if (!leaving_.empty() && in_flight_.empty() && !lent_) drop(leaving_);
  }
  void learn_of_demotion();

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
  std::optional<time_point> learned_of_demotion_;
  time_point opened_at_;
  bool may_have_moved_ = false;
  bool lent_ = false;
  std::deque<unit> in_flight_;
  std::deque<step> steps_;
  bool step_answered_ = false;
  const std::shared_ptr<common_knowledge> known_;
  prepared_statements prepared_;
  encoded_parameters parameters_;
};

}  // namespace micro_sayur::sql::postgres
