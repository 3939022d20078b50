// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/replicated.hpp"

#include "platform/async/task_group.hpp"
#include "platform/sql/postgres/replica.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>

#include <deque>

namespace micro_sayur::sql::postgres {
namespace {

namespace asio = boost::asio;

settings of_replica(settings with, const std::string& host) {
  with.hosts = {host};
  with.is_replica = true;
  return with;
}

class replicated_database final : public database {
 public:
  replicated_database(async::runtime& cores, const settings& with)
      : where_(cores.core(0).get_executor()), writer_(connect(cores, with)), watching_(where_) {
    for (const auto& host : with.replica_hosts) replicas_.emplace_back(host, connect(cores, of_replica(with, host)));
    asio::dispatch(where_, [this] {
      watching_.spawn("heartbeat", [this] { return beat(*writer_, time_); });
      for (auto& each : replicas_) watching_.spawn("replica", [this, &each] { return each.watch(time_); });
    });
  }

  async::task<result> query(call what) override {
    return what.wanted.allows_replica() ? query_replica(std::move(what)) : writer_->query(std::move(what));
  }

  async::task<std::vector<result>> execute(std::vector<call> calls) override { return writer_->execute(std::move(calls)); }
  async::task<std::unique_ptr<transaction>> begin() override { return writer_->begin(); }
  std::chrono::milliseconds call_timeout() const override { return writer_->call_timeout(); }
  std::string_view system() const override { return writer_->system(); }
  pool_state state() const override { return writer_->state(); }

  std::vector<replica_state> replicas() const override {
    std::vector<replica_state> all;
    for (const auto& each : replicas_) all.push_back(each.state());
    return all;
  }

  async::task<> close() override {
    co_await asio::co_spawn(where_, stop_watching(), async::use_task);
    for (auto& each : replicas_) co_await each.close();
    co_await writer_->close();
  }

 private:
  /// One that is behind tells nothing of the others, and one that fails is left out.
  async::task<result> query_replica(call what) {
    const auto first = next_++;
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
      auto& one = replicas_[(first + i) % replicas_.size()];
      if (!one.is_used()) continue;
      try {
        co_return co_await one.read(what);
      } catch (const behind&) {
        continue;
      } catch (const error& failure) {
        if (!passes_by_itself(failure)) throw;
        one.leave_out();
      }
    }
    co_return co_await writer_->query(std::move(what));
  }

  async::task<> stop_watching() {
    watching_.cancel();
    co_await watching_.join();
  }

  const async::executor where_;
  const std::unique_ptr<database> writer_;
  std::deque<replica> replicas_;
  writer_time time_;
  async::task_group watching_;
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace

std::unique_ptr<database> connect_with_replicas(async::runtime& cores, const settings& with) {
  if (with.replica_hosts.empty()) return connect(cores, with);
  return std::make_unique<replicated_database>(cores, with);
}

}  // namespace micro_sayur::sql::postgres
