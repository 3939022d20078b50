// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/session.hpp"

#include <utility>

namespace micro_sayur::sql::postgres {
namespace {

constexpr statement take_all_the_time{"take_all_the_time_of_the_session", "SET statement_timeout = 0"};

class postgres_session final : public session {
 public:
  postgres_session(async::executor where, lease line, std::chrono::milliseconds call_timeout)
      : where_(where), line_(std::move(line)), call_timeout_(call_timeout) {}
  ~postgres_session() override { line_.drop("its session is over"); }

  async::task<result> run(call what) override {
    auto answers = co_await line_.send(where_, {.calls = {std::move(what)}, .deadline = std::chrono::steady_clock::now() + call_timeout_});
    co_return std::move(answers.front());
  }

  async::task<> run_script(statement script) override {
    co_await run(call(take_all_the_time));
    co_await line_.send(where_, {.script = std::string(script.text), .whole = false});
  }

 private:
  async::executor where_;
  lease line_;
  std::chrono::milliseconds call_timeout_;
};

}  // namespace

std::unique_ptr<session> make_session(async::executor where, lease line, std::chrono::milliseconds call_timeout) {
  return std::make_unique<postgres_session>(where, std::move(line), call_timeout);
}

}  // namespace micro_sayur::sql::postgres
