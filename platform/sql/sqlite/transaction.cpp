// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/sqlite/transaction.hpp"

#include <boost/asio/this_coro.hpp>

namespace micro_sayur::sql::sqlite {
namespace {

class sqlite_transaction final : public transaction {
 public:
  sqlite_transaction(writer& by, std::shared_ptr<lease> lent) : writer_(by), lease_(std::move(lent)) {}
  ~sqlite_transaction() override { writer_.end(*lease_); }

  async::task<result> run(call what) override {
    co_return co_await perform<result>(
        [what = std::move(what), deadline = writer_.deadline()](connection& with) { return with.run(what, deadline); });
  }

  async::task<> run_script(statement script) override {
    const auto text = std::string(script.sqlite_text.empty() ? script.text : script.sqlite_text);
    co_await perform<bool>([text](connection& with) {
      with.run_script(text);
      return true;
    });
  }

  async::task<> commit() override {
    co_await perform<bool>([](connection& with) {
      if (!with.in_transaction()) throw error("the transaction was lost");
      with.run_script("COMMIT");
      return true;
    });
  }

 private:
  template <typename T>
  async::task<T> perform(std::function<T(connection&)> work) {
    const async::one_shot<T> reply(co_await boost::asio::this_coro::executor);
    writer_.submit(*lease_, [reply, work = std::move(work)](connection& with) {
      std::exception_ptr failure;
      try {
        reply.set_value(work(with));
      } catch (...) {
        failure = std::current_exception();
      }
      if (failure) reply.set_error(std::move(failure));
    });
    co_return co_await reply.wait();
  }

  writer& writer_;
  std::shared_ptr<lease> lease_;
};

}  // namespace

std::unique_ptr<transaction> make_transaction(writer& by, std::shared_ptr<lease> lent) {
  return std::make_unique<sqlite_transaction>(by, std::move(lent));
}

}  // namespace micro_sayur::sql::sqlite
