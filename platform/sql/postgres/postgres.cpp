// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/postgres.hpp"

#include "platform/sql/postgres/elsewhere.hpp"
#include "platform/sql/postgres/lease.hpp"
#include "platform/sql/postgres/session.hpp"
#include "platform/sql/postgres/transaction.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <stdexcept>

namespace micro_sayur::sql::postgres {
namespace {

namespace asio = boost::asio;

/// Reads that share one connection; more would only wait on the server instead of here.
constexpr std::size_t pipeline_depth = 128;

/// From this many connections per core on, two of them read: one slow read then does not hold up all others.
constexpr std::size_t enough_for_two_readers = 6;

/// What a core does with its connections.
struct allotment {
  std::size_t readers;
  std::size_t depth;
};

allotment allot(const settings& with, std::size_t connections) {
  const std::size_t most_readers = with.is_replica ? connections : connections / 2;
  // One that waits for each answer serves one read at a time.
  if (with.between == pooler::transaction) return {.readers = most_readers, .depth = 1};
  if (with.is_replica) return {.readers = most_readers, .depth = pipeline_depth};
  return {.readers = connections >= enough_for_two_readers ? 2U : 1U, .depth = pipeline_depth};
}

/// Behind a pooler no session only reads by itself. Holds to the end of the unit.
constexpr statement only_read{"only_read", "SELECT set_config('transaction_read_only', 'on', true)"};
/// In the transaction of the read that follows. A server that was the writer, and does not know that it is no longer, is no replica; one
/// that has the heartbeat of a timeline follows it.
constexpr statement knows_position{"knows_position",
                                   "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= CAST('0/0' AS pg_lsn) + $2"
                                   " FROM heartbeats WHERE timeline = $1"};

/// What belongs to one core; other cores may come to use it.
struct shard {
  std::size_t core;
  async::executor where;
  std::shared_ptr<group> readers;
  std::shared_ptr<group> writers;
};

class postgres_database final : public database {
 public:
  postgres_database(async::runtime& cores, settings with) : with_(std::make_shared<const settings>(std::move(with))) {
    // A core needs a connection to read and one to write; when there are not so many, cores share.
    const std::size_t count = std::clamp<std::size_t>(with_->pool_size / 2, 1, cores.core_count());
    const auto share = [count](std::size_t total, std::size_t of) { return total / count + (of < total % count ? 1 : 0); };
    for (std::size_t i = 0; i < count; ++i) {
      const auto where = cores.core(i).get_executor();
      const std::size_t connections = std::max<std::size_t>(share(with_->pool_size, i), 2);
      const auto [readers, depth] = allot(*with_, connections);
      const auto make = [&](access mode, std::size_t size, std::size_t most_in_flight) {
        return std::make_shared<group>(where, with_, known_, mode, size, most_in_flight,
                                       std::max<std::size_t>(share(with_->queue_limit, i), 1));
      };
      shards_.push_back({i, where, make(access::read_only, readers, depth), make(access::read_write, connections - readers, 1)});
      // A demoted server does not know how old its rows are: readers follow the writers to the new primary.
      shards_.back().writers->on_ready([readers_here = shards_.back().readers](bool moved) {
        if (moved)
          readers_here->leave_older(std::chrono::steady_clock::now(), "another server may take the writes");
        else
          readers_here->leave_standbys();
      });
      shards_.back().writers->on_demotion([this](time_point opened_at) { leave_demoted(opened_at); });
      asio::dispatch(where, [here = shards_.back()] {
        here.readers->start();
        here.writers->start();
      });
    }
  }

  async::task<result> query(call what) override {
    const auto& here = shard_of_caller();
    return is_own(here) ? query_on(here, std::move(what)) : elsewhere(here.where, query_on(here, std::move(what)));
  }

  async::task<std::vector<result>> execute(std::vector<call> calls) override {
    const auto& here = shard_of_caller();
    return is_own(here) ? execute_on(here, std::move(calls)) : elsewhere(here.where, execute_on(here, std::move(calls)));
  }

  async::task<std::unique_ptr<transaction>> begin() override {
    const auto& here = shard_of_caller();
    return is_own(here) ? begin_on(here) : begin_elsewhere(here);
  }

  /// Of the core that asks alone: who migrates has one.
  async::task<std::unique_ptr<session>> open_session() override {
    if (with_->between != pooler::none) throw error("a pooler keeps no session for one client");
    const auto& here = shard_of_caller();
    if (!is_own(here)) throw error("sessions are for a core that has connections of its own");
    auto line = co_await lease::take(here.writers, here.where, deadline());
    co_return make_session(here.where, std::move(line), with_->call_timeout);
  }

  std::chrono::milliseconds call_timeout() const override { return with_->call_timeout; }

  std::string_view system() const override { return "postgresql"; }
  pool_state state() const override {
    pool_state sum;
    for (const auto& one : shards_)
      for (const auto& part : {one.readers->state(), one.writers->state()}) {
        sum.connections += part.connections;
        sum.busy += part.busy;
        sum.waiting += part.waiting;
      }
    sum.refuses_writes = known_->refuses_rows;
    return sum;
  }

  async::task<> close() override {
    for (const auto& one : shards_)
      for (const auto& part : {one.readers, one.writers})
        co_await asio::co_spawn(one.where, part->close(with_->call_timeout), async::use_task);
  }

 private:
  /// One refused write tells all sessions that were open by then, on every core, that they are with a server that takes none. A later
  /// refusal in one of these is no news: it must not cost those that are with the new primary already. Readers go on until there is one.
  void leave_demoted(time_point opened_at) {
    const auto now = std::chrono::steady_clock::now();
    auto known = demotion_known_.load();
    do {
      if (opened_at <= known) return;
    } while (!demotion_known_.compare_exchange_weak(known, now));
    for (const auto& one : shards_)
      asio::post(one.where, [here = one, now] {
        here.writers->leave_older(now, "the server only reads");
        if (here.writers->is_ready()) here.readers->leave_older(now, "another server takes the writes");
      });
  }

  const shard& shard_of_caller() const { return shards_[async::runtime::this_core() % shards_.size()]; }
  static bool is_own(const shard& here) { return here.core == async::runtime::this_core(); }
  time_point deadline() const { return std::chrono::steady_clock::now() + with_->call_timeout; }

  async::task<result> query_on(const shard& here, call what) {
    std::vector<call> calls;
    if (with_->between != pooler::none) calls.emplace_back(only_read);
    const auto known = with_->is_replica ? what.wanted.known() : std::nullopt;
    if (known) calls.emplace_back(knows_position, std::vector<value>{known->timeline, known->offset});
    calls.push_back(std::move(what));
    auto answers = co_await async::await_reply<results>(here.where, [&here, calls = std::move(calls),
                                                                     deadline = deadline()](const async::reply<results>& to) mutable {
      auto serve = [readers = here.readers.get(), calls = std::move(calls), to, deadline](const std::shared_ptr<connection>& line) mutable {
        if (!to.is_awaited()) return;
        line->send({.calls = std::move(calls), .deadline = deadline, .reply = to});
        readers->watch(deadline);
      };
      here.readers->wait_for_room({deadline, std::move(serve), [to](std::exception_ptr error) { to.set_error(std::move(error)); }});
    });
    if (known) expect_known(answers[answers.size() - 2]);
    co_return std::move(answers.back());
  }

  static void expect_known(const result& told) {
    if (told.empty() || !told[0].get_optional<bool>(0).value_or(false)) throw behind("the replica has not replayed so far yet");
  }

  async::task<std::vector<result>> execute_on(const shard& here, std::vector<call> calls) {
    if (calls.empty()) co_return results();
    const auto until = deadline();
    const bool asks_position = calls.back().what == &ask_log_position;
    if (asks_position) calls.pop_back();
    const bool proves_room = !calls.empty() && calls.front().what == &try_to_write;
    auto line = co_await lease::take(here.writers, here.where, until);
    results answers;
    if (!calls.empty()) answers = co_await line.send(here.where, {.calls = std::move(calls), .deadline = until});
    if (proves_room) known_->refuses_rows = false;
    if (asks_position) answers.push_back(co_await ask_position(line, here.where, until));
    co_return answers;
  }

  static async::task<result> ask_position(lease& line, async::executor where, time_point until) {
    try {
      auto answers = co_await line.send(where, {.calls = {call(ask_log_position)}, .deadline = until});
      co_return std::move(answers.front());
    } catch (const error&) {
      // what was committed stays so
    }
    co_return result();
  }

  async::task<std::unique_ptr<transaction>> begin_on(const shard& here) {
    auto line = co_await lease::take(here.writers, here.where, deadline());
    co_return make_transaction(here.where, std::move(line), with_->call_timeout);
  }

  async::task<std::unique_ptr<transaction>> begin_elsewhere(const shard& there) {
    auto inner = co_await elsewhere(there.where, begin_on(there));
    co_return make_distant_transaction(there.where, std::move(inner));
  }

  std::shared_ptr<const settings> with_;
  std::shared_ptr<common_knowledge> known_ = std::make_shared<common_knowledge>();
  std::vector<shard> shards_;
  std::atomic<time_point> demotion_known_{};
};

bool is_plain_name(const std::string& name) {
  return std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

std::string name_of_servers(const settings& of) { return fmt::format("{}:{}", fmt::join(of.hosts, ","), of.port); }

std::unique_ptr<database> connect(async::runtime& cores, settings with) {
  if (!is_plain_name(with.schema)) throw std::invalid_argument("a schema is named with a-z, 0-9 and _");
  return std::make_unique<postgres_database>(cores, std::move(with));
}

}  // namespace micro_sayur::sql::postgres
