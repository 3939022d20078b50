// SPDX-License-Identifier: Apache-2.0
// The port to a relational database. Drivers: postgres (services) and sqlite (embedded).
#pragma once

#include "platform/async/task.hpp"
#include "platform/base/consistency.hpp"
#include "platform/sql/error.hpp"
#include "platform/sql/value.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::sql {

/// SQL text under a name that labels metrics and log lines. Static storage: a driver prepares it once per connection, by address.
/// Parameters are $1, $2, ...
struct statement {
  std::string_view name;
  std::string_view text;
  std::string_view sqlite_text = {};  ///< only where the dialects really differ
};

/// A statement with its parameters.
struct call {
  const statement* what;
  std::vector<value> parameters;
  consistency wanted = {};  ///< of a read by `database::query`

  call(const statement& what_, std::vector<value> parameters_ = {}, consistency wanted_ = {})
      : what(&what_), parameters(std::move(parameters_)), wanted(wanted_) {}
};

/// An open transaction on a connection of its own (PostgreSQL: read committed; SQLite: the single writer). Destroying it without
/// `commit` rolls back. One call at a time.
class transaction {
 public:
  virtual ~transaction() = default;

  /// After an error the transaction is lost: only destruction is allowed then.
  virtual async::task<result> run(call what) = 0;

  /// Runs a text of several statements without parameters, whose results are dropped; for migrations, so without a deadline.
  /// `script.text` need not be static.
  virtual async::task<> run_script(statement script) = 0;

  /// When this throws `unavailable`, whether the transaction was committed is unknown.
  virtual async::task<> commit() = 0;
};

/// A connection of its own outside of transactions, for migrations: each call takes effect by itself. Destroying it ends the session on the
/// server, and what it held there (locks, settings) goes with it. One call at a time.
class session {
 public:
  virtual ~session() = default;

  virtual async::task<result> run(call what) = 0;

  /// Runs a single statement without parameters, whose result is dropped, and without a deadline. `script.text` need not be static. It is
  /// not run again when it loses against others: what it has done until then may stay.
  virtual async::task<> run_script(statement script) = 0;
};

/// A write that leaves everything as it is, for health checks.
extern const statement try_to_write;

/// One row: the time of the store.
extern const statement ask_time;

/// Where the writer's log is. As the last call of `database::execute` it is answered after the others are committed: who has replayed the
/// log so far knows them. They stay so when it cannot be answered: then it has no row.
extern const statement ask_log_position;

/// The answer to `ask_log_position`; nullopt where there is no such log, or it could not be asked.
std::optional<log_position> read_log_position(const result& answer);

/// A replica that stale reads may go to, for metrics.
struct replica_state {
  std::string name;
  bool is_used = false;
  std::chrono::duration<double> lag{};  ///< the age of the newest change that it is known to have
  std::uint64_t reads = 0;              ///< that it has answered
};

/// Health of the pool, for metrics.
struct pool_state {
  std::size_t connections = 0;  ///< open and usable
  std::size_t busy = 0;
  std::size_t waiting = 0;  ///< calls that wait for a connection
  /// A write failed for want of room, or of the right to write, and none that proves the contrary has succeeded since: `try_to_write` tells
  /// whether that is over.
  bool refuses_writes = false;
};

/// May be used from every io thread at once; a call is served by connections of the caller's own core where there are
/// enough. Every call has a deadline
/// (the driver's `call_timeout`), a bounded queue and ends with one of the errors of error.hpp, thrown. A call whose coroutine is
/// cancelled has an unknown outcome and leaves no connection in an unknown state.
class database {
 public:
  virtual ~database() = default;

  /// A single reading statement, pipelined with others on a shared connection. What allows a replica goes to one that is recent enough,
  /// where there is one, and otherwise to the writer.
  virtual async::task<result> query(call what) = 0;

  /// Statements sent in one trip as one transaction, committed when the task returns: all take effect or none. One result each.
  virtual async::task<std::vector<result>> execute(std::vector<call> calls) = 0;

  /// For transactions whose later statements depend on earlier results. Keep them short. `transact` runs one again that lost.
  virtual async::task<std::unique_ptr<transaction>> begin() = 0;

  /// Only PostgreSQL's own driver has sessions, without a pooler in between; others throw `error`.
  virtual async::task<std::unique_ptr<session>> open_session();

  /// The deadline of calls.
  virtual std::chrono::milliseconds call_timeout() const = 0;

  /// As OpenTelemetry's semantic conventions name it (db.system.name), in static storage.
  virtual std::string_view system() const = 0;

  /// Thread-safe.
  virtual pool_state state() const = 0;

  /// None for most; always the same, in one order. Thread-safe.
  virtual std::vector<replica_state> replicas() const { return {}; }

  /// Fails every waiting call with `unavailable`, lets running ones end, closes the connections.
  virtual async::task<> close() = 0;

  /// One statement that writes, in a transaction of its own.
  async::task<result> execute_one(call what);
};

}  // namespace micro_sayur::sql
