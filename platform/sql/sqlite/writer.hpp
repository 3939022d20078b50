// SPDX-License-Identifier: Apache-2.0
// The one thread that writes.
#pragma once

#include "platform/async/event.hpp"
#include "platform/sql/sqlite/connection.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

namespace micro_sayur::sql::sqlite {

using results = std::vector<result>;

/// The writer as one transaction sees it: what it is to run next. Guarded by the writer's mutex.
struct lease {
  std::deque<std::move_only_function<void(connection&)>> jobs;
  bool over = false;
};

/// Thread-safe. First come, first served; `execute` calls that wait next to each other share a commit. Transactions must not outlive it.
class writer {
 public:
  writer(const std::filesystem::path& file, std::size_t queue_limit, std::chrono::milliseconds call_timeout);
  ~writer() { stop(); }

  async::task<results> execute(std::vector<call> calls);
  async::task<std::unique_ptr<transaction>> begin();

  /// Runs `job` inside the transaction. Throws `unavailable` when the writer has stopped.
  void submit(lease& to, std::move_only_function<void(connection&)> job);
  void end(lease& which);
  time_point deadline() const { return std::chrono::steady_clock::now() + call_timeout_; }

  /// Fails what waits with `unavailable`; blocks until what runs has ended, an open transaction at most for `call_timeout`.
  void stop();

  pool_state state() const;

 private:
  struct batch {
    std::vector<call> calls;
    time_point deadline;
    async::one_shot<results> reply;
  };
  struct opening {
    time_point deadline;
    async::one_shot<std::unique_ptr<transaction>> reply;
  };
  using job = std::variant<batch, opening>;

  void enqueue(job what);
  void serve();
  std::vector<batch> take_batches();
  void drop_late(time_point now);
  void run(std::vector<batch>& batches);
  bool run_together(const std::vector<batch>& batches);
  void run_alone(const batch& what);
  void run_transaction(opening what);
  std::shared_ptr<lease> hand_out(opening what);
  void serve_lease(lease& current);
  void roll_back();

  const std::size_t queue_limit_;
  const std::chrono::milliseconds call_timeout_;
  connection connection_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<job> waiting_;
  bool busy_ = false;
  bool stopping_ = false;
  time_point stop_by_ = time_point::max();
  std::thread thread_;
};

}  // namespace micro_sayur::sql::sqlite
