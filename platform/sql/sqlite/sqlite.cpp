// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/sqlite/sqlite.hpp"

#include "platform/async/offload_pool.hpp"
#include "platform/sql/sqlite/readers.hpp"
#include "platform/sql/sqlite/writer.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace micro_sayur::sql::sqlite {
namespace {

/// SQLite gives the files beside it (-wal, -shm) the permissions of this one.
std::filesystem::path make_private(std::filesystem::path file) {
  const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (made < 0) throw error(file.string() + ": " + std::generic_category().message(errno));
  ::close(made);
  return file;
}

class sqlite_database final : public database {
 public:
  explicit sqlite_database(const settings& with)
      : call_timeout_(with.call_timeout),
        writer_(make_private(with.file), with.queue_limit, with.call_timeout),
        readers_(with.file, with.readers, with.queue_limit) {}

  async::task<result> query(call what) override {
    co_return co_await readers_.query(std::move(what), std::chrono::steady_clock::now() + call_timeout_);
  }

  async::task<std::vector<result>> execute(std::vector<call> calls) override { co_return co_await writer_.execute(std::move(calls)); }

  async::task<std::unique_ptr<transaction>> begin() override { co_return co_await writer_.begin(); }

  std::chrono::milliseconds call_timeout() const override { return call_timeout_; }

  std::string_view system() const override { return "sqlite"; }
  pool_state state() const override {
    const auto writing = writer_.state();
    const auto reading = readers_.state();
    return {writing.connections + reading.connections, writing.busy + reading.busy, writing.waiting + reading.waiting,
            writing.refuses_writes};
  }

  async::task<> close() override {
    async::offload_pool blocking(1, 1);
    co_await blocking.run([this] {
      writer_.stop();
      readers_.stop();
    });
  }

 private:
  std::chrono::milliseconds call_timeout_;
  writer writer_;
  readers readers_;
};

}  // namespace

std::unique_ptr<database> open(settings with) { return std::make_unique<sqlite_database>(with); }

}  // namespace micro_sayur::sql::sqlite
