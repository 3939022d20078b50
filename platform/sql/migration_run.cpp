// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/migration_run.hpp"

#include "platform/async/backoff.hpp"
#include "platform/async/runtime.hpp"
#include "platform/sql/lock_watch.hpp"
#include "platform/sql/migration_table.hpp"

#include <fmt/core.h>

namespace micro_sayur::sql {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

#define SCHEMA_LOCK "hashtextextended('micro-sayur schema ' || current_setting('search_path'), 0)"

/// Asked, never waited for: a statement that waits has a snapshot, and an index that another runner builds concurrently waits for the end
/// of every snapshot.
constexpr statement take_turn{"take_turn", "SELECT pg_try_advisory_xact_lock(" SCHEMA_LOCK "), pg_backend_pid()", "SELECT 1, 0"};
constexpr statement take_turn_of_session{"take_turn_of_session", "SELECT pg_try_advisory_lock(" SCHEMA_LOCK "), pg_backend_pid()"};

constexpr statement limit_waits{"limit_waits", "SELECT set_config('lock_timeout', $1, true)", "SELECT $1"};
constexpr statement limit_waits_of_session{"limit_waits_of_session", "SELECT set_config('lock_timeout', $1, false)"};

constexpr statement find_index{"find_index", "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)"};

std::vector<value> milliseconds(std::chrono::milliseconds time) { return {fmt::format("{}ms", time.count())}; }

enum class index_state { absent, invalid, valid };

async::task<index_state> state_of(session& in, const concurrent_index& index) {
  const auto found = co_await in.run({find_index, {index.name}});
  if (found.empty()) co_return index_state::absent;
  co_return found[0].get<bool>(0) ? index_state::valid : index_state::invalid;
}

}  // namespace

async::task<bool> migration_run::apply_next() {
  async::backoff turn(50ms, 1s);
  async::backoff pause(with_.first_pause, with_.longest_pause);
  current_ = nullptr;
  attempts_ = 0;
  for (int turns = 0;;) {
    std::string said;
    try {
      const auto done = co_await attempt();
      if (done != outcome::another_runs) co_return done == outcome::applied;
      if (turns++ == 0) tell(fmt::format("another runner migrates the schema of {}: waiting for it", service_));
      co_await async::sleep_for(turn.next());
      continue;
    } catch (const conflict& failure) {
      if (current_ == nullptr) throw;
      said = failure.what();
    } catch (const locked& failure) {
      if (current_ == nullptr) throw;
      said = failure.what();
    } catch (const migration_failed&) {
      throw;
    } catch (const unavailable& failure) {
      if (current_ == nullptr) throw;
      throw unavailable(
          fmt::format("{} was interrupted, and took effect as a whole or not at all: {}", name_of(*current_), failure.what()));
    } catch (const error& failure) {
      if (current_ == nullptr) throw;
      throw migration_failed(fault(failure.what()));
    }
    const auto delay = pause.next();
    if (steady::now() + delay > last_attempt_) throw migration_failed(lock_fault(said));
    tell(fmt::format("{} did not get its locks at attempt {}, and tries again in {} ms: {}", name_of(*current_), attempts_, delay.count(),
                     holders_.empty() ? said : holders_));
    co_await async::sleep_for(delay);
  }
}

async::task<migration_run::outcome> migration_run::attempt() {
  const auto done = co_await attempt_inside();
  if (done != outcome::runs_outside) co_return done;
  co_return co_await attempt_outside(*current_, *outside_transaction(*current_));
}

/// Gives the connection back before anything runs outside: there may be no other.
async::task<migration_run::outcome> migration_run::attempt_inside() {
  const auto open = co_await on_.begin();
  const auto turn = co_await open->run(take_turn);
  if (!turn[0].get<bool>(0)) co_return outcome::another_runs;
  co_await open->run_script(make_migration_table);
  const auto rows = co_await open->run(list_migrations);
  const auto pending = pending_migrations(service_, known_, read_migrations(rows));
  if (pending.empty()) {
    co_await open->commit();
    co_return outcome::nothing_is_missing;
  }
  const auto& next = *std::ranges::find(known_, pending.front().version, &migration::version);
  current_ = &next;
  if (outside_transaction(next)) {
    co_await open->commit();
    co_return outcome::runs_outside;
  }
  note_attempt();
  co_await open->run({limit_waits, milliseconds(with_.lock_timeout)});
  co_await watch(turn[0].get<std::int64_t>(1), open->run_script({next.name, next.text}));
  co_await open->run(insert_migration(next));
  co_await open->commit();
  co_return outcome::applied;
}

/// The lock is the session's, and so ends with it: a server that goes on with what nobody waits for any more keeps it until it is done.
async::task<migration_run::outcome> migration_run::attempt_outside(const migration& file, const concurrent_index& index) {
  const auto in = co_await on_.open_session();
  const auto turn = co_await in->run(take_turn_of_session);
  if (!turn[0].get<bool>(0)) co_return outcome::another_runs;
  const auto rows = co_await in->run(list_migrations);
  const auto pending = pending_migrations(service_, known_, read_migrations(rows));
  if (pending.empty() || pending.front().version != file.version) co_return outcome::applied;
  note_attempt();
  // Nobody waits behind this one: it waits for those who are at work, for as long as there is patience.
  co_await in->run({limit_waits_of_session, milliseconds(patience_left())});
  co_await watch(turn[0].get<std::int64_t>(1), drop_remains(*in, index));
  co_await in->run({limit_waits_of_session, milliseconds(patience_left())});
  std::exception_ptr failure;
  try {
    co_await watch(turn[0].get<std::int64_t>(1), in->run_script({file.name, file.text}));
  } catch (const error&) {
    failure = std::current_exception();
  }
  if (failure) {
    // An index that is not valid may refuse rows all the same, and costs every write.
    try {
      co_await in->run({limit_waits_of_session, milliseconds(with_.lock_timeout)});
      co_await drop_remains(*in, index);
    } catch (const error& remains) {
      tell(fmt::format("{} left the index {}, which is not valid; the next run drops it ({})", name_of(file), index.name, remains.what()));
    }
    std::rethrow_exception(failure);
  }
  if (index.is_created && co_await state_of(*in, index) != index_state::valid)
    throw error(fmt::format("the index {} is not valid", index.name));
  co_await in->run(insert_migration(file));
  co_return outcome::applied;
}

async::task<> migration_run::drop_remains(session& in, const concurrent_index& index) {
  const auto state = co_await state_of(in, index);
  if (!index.is_created || state != index_state::invalid) co_return;
  tell(fmt::format("{} was interrupted before: dropping its index {}, which is not valid", name_of(*current_), index.name));
  co_await in.run_script({"drop_remains", fmt::format("DROP INDEX CONCURRENTLY IF EXISTS {}", index.name)});
}

/// Its patience begins with the first.
void migration_run::note_attempt() {
  if (attempts_++ == 0) last_attempt_ = steady::now() + with_.patience;
}

std::chrono::milliseconds migration_run::patience_left() const {
  return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(last_attempt_ - steady::now()), with_.lock_timeout);
}

async::task<> migration_run::watch(std::int64_t process, async::task<> work) {
  lock_watch watching(on_, process);
  std::exception_ptr failure;
  try {
    co_await watching.during(std::move(work));
  } catch (const ended& cause) {
    failure = std::make_exception_ptr(migration_failed(ended_fault(cause.what())));
  } catch (const error&) {
    failure = std::current_exception();
  }
  holders_ = watching.seen();
  if (failure) std::rethrow_exception(failure);
}

void migration_run::tell(const std::string& what) const {
  if (with_.tell) with_.tell(what);
}

std::string migration_run::name_of(const migration& file) const {
  return fmt::format("migration {} ({}) of {}", file.version, file.name, service_);
}

std::string migration_run::lock_fault(const std::string& said) const {
  return fmt::format(
      "{} did not get its locks within {} s, at {} attempt{}, and took no effect; what runs goes on. {}. Wait until that is over or end it "
      "(SELECT pg_terminate_backend(PROCESS)), then run migrate again",
      name_of(*current_), std::chrono::duration_cast<std::chrono::seconds>(with_.patience).count(), attempts_, attempts_ == 1 ? "" : "s",
      holders_.empty() ? said : "It last waited for the " + holders_);
}

std::string migration_run::ended_fault(const std::string& said) const {
  return fmt::format(
      "{} was ended and took no effect; what runs goes on. {}. An operator did so, or the file's own statement_timeout: run migrate again, "
      "with more time where it was too little",
      name_of(*current_), said);
}

std::string migration_run::fault(const std::string& said) const {
  const bool wants_none = said.contains("25001") || said.contains("25P01");
  return fmt::format("{} failed and took no effect; what runs goes on. {}. {}, then run migrate again", name_of(*current_), said,
                     wants_none ? "Begin the file with the line \"-- outside a transaction\""
                                : "Mend the file, which this database does not have yet, or the rows that it met");
}

}  // namespace micro_sayur::sql
