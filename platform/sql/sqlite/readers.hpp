// SPDX-License-Identifier: Apache-2.0
// The threads that read.
#pragma once

#include "platform/async/event.hpp"
#include "platform/sql/sqlite/connection.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace micro_sayur::sql::sqlite {

/// Thread-safe. First come, first served.
class readers {
 public:
  readers(const std::filesystem::path& file, std::size_t threads, std::size_t queue_limit);
  ~readers() { stop(); }

  async::task<result> query(call what, time_point deadline);

  /// Fails what waits with `unavailable`; blocks until what runs has ended.
  void stop();

  pool_state state() const;

 private:
  struct job {
    call what;
    time_point deadline;
    async::one_shot<result> reply;
  };

  void serve(connection& with);

  const std::size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<job> waiting_;
  std::size_t busy_ = 0;
  bool stopping_ = false;
  std::vector<std::unique_ptr<connection>> connections_;
  std::vector<std::thread> threads_;
};

}  // namespace micro_sayur::sql::sqlite
