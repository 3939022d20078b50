// SPDX-License-Identifier: Apache-2.0
// The faults of a database, told apart by what a caller can do about them.
#pragma once

#include <stdexcept>
#include <string>

namespace micro_sayur::sql {

/// Anything below; a bare `error` is a fault of our own (bad SQL, a missing table).
class error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The server is away, refuses, or went away during the call; the outcome of a write is then unknown. Answer: 503.
class unavailable : public error {
 public:
  using error::error;
};

/// The deadline passed, in the queue or on the server. Answer: 503.
class timed_out : public unavailable {
 public:
  using unavailable::unavailable;
};

/// A lock was not to be had in time. Nothing took effect.
class locked : public timed_out {
 public:
  using timed_out::timed_out;
};

/// The server ended the statement: by its time-out, or because an operator wanted it to. Nothing took effect.
class ended : public timed_out {
 public:
  using timed_out::timed_out;
};

/// The queue for a connection is full. Answer: 503 at once.
class overloaded : public unavailable {
 public:
  using unavailable::unavailable;
};

/// The database answers and takes no writes: it is a standby, or its disk is full. Answer: 503.
class read_only : public unavailable {
 public:
  using unavailable::unavailable;
};

/// A replica does not know yet what the reader has seen. Never leaves a `database` that has a writer.
class behind : public unavailable {
 public:
  using unavailable::unavailable;
};

/// A transaction lost against another one (serialization failure, deadlock, busy), also after it was tried again. Nothing took effect, and
/// running it again is safe. Answer: 503.
class conflict : public error {
 public:
  using error::error;
};

/// In a transaction of several trips the server had forgotten a prepared statement, or its plan no longer fitted. Run again it is prepared
/// anew, on whatever connection; what fails like this a second time is a fault of ours.
class stale_plan : public conflict {
 public:
  using conflict::conflict;
};

/// Whether the same call may succeed later, as it is: the server is away, late, busy, reads only, or others were faster.
bool passes_by_itself(const std::exception& error);

/// A unique constraint refused the row. By convention constraints are named <table>_<column>[_<column>]_unique in PostgreSQL;
/// the SQLite driver makes the same name from its message.
class unique_violation : public error {
 public:
  unique_violation(std::string constraint, const std::string& message) : error(message), constraint_(std::move(constraint)) {}
  const std::string& constraint() const { return constraint_; }

 private:
  std::string constraint_;
};

}  // namespace micro_sayur::sql
