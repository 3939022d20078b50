// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/transaction.hpp"

#include "platform/sql/postgres/elsewhere.hpp"

#include <boost/asio/dispatch.hpp>

#include <utility>

namespace micro_sayur::sql::postgres {
namespace {

constexpr statement begin_transaction{"begin", "BEGIN"};
constexpr statement commit_transaction{"commit", "COMMIT"};
constexpr statement take_all_the_time{"take_all_the_time", "SET LOCAL statement_timeout = 0"};

class postgres_transaction final : public transaction {
 public:
  postgres_transaction(async::executor where, lease line, std::chrono::milliseconds call_timeout)
      : where_(where), line_(std::move(line)), call_timeout_(call_timeout) {}

  async::task<result> run(call what) override {
    std::vector<call> calls;
    if (!begun_) calls.emplace_back(begin_transaction);
    calls.push_back(std::move(what));
    auto answers = co_await send({.calls = std::move(calls), .deadline = deadline()});
    co_return std::move(answers.back());
  }

  /// The statement time-out of calls is not for migrations.
  async::task<> run_script(statement script) override {
    co_await run(call(take_all_the_time));
    co_await send({.script = std::string(script.text)});
  }

  async::task<> commit() override {
    if (!begun_) co_return;
    co_await send({.calls = {call(commit_transaction)}, .deadline = deadline()});
    line_.set_open(false);
  }

 private:
  async::task<results> send(unit what) {
    // Set before: a call that fails may have begun the transaction.
    begun_ = true;
    line_.set_open(true);
    what.whole = false;
    co_return co_await line_.send(where_, std::move(what));
  }

  time_point deadline() const { return std::chrono::steady_clock::now() + call_timeout_; }

  async::executor where_;
  lease line_;
  std::chrono::milliseconds call_timeout_;
  bool begun_ = false;
};

class distant_transaction final : public transaction {
 public:
  distant_transaction(async::executor where, std::unique_ptr<transaction> inner) : where_(where), inner_(std::move(inner)) {}
  ~distant_transaction() override {
    boost::asio::dispatch(where_, [inner = std::move(inner_)] {});
  }

  async::task<result> run(call what) override { return elsewhere(where_, inner_->run(std::move(what))); }
  async::task<> run_script(statement script) override { return elsewhere(where_, inner_->run_script(script)); }
  async::task<> commit() override { return elsewhere(where_, inner_->commit()); }

 private:
  async::executor where_;
  std::unique_ptr<transaction> inner_;
};

}  // namespace

std::unique_ptr<transaction> make_transaction(async::executor where, lease line, std::chrono::milliseconds call_timeout) {
  return std::make_unique<postgres_transaction>(where, std::move(line), call_timeout);
}

std::unique_ptr<transaction> make_distant_transaction(async::executor where, std::unique_ptr<transaction> inner) {
  return std::make_unique<distant_transaction>(where, std::move(inner));
}

}  // namespace micro_sayur::sql::postgres
