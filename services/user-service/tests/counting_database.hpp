// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/database.hpp"

namespace micro_sayur::user_service::test {

/// Counts the trips to a database, which is what an onlooker can measure.
class counting_database final : public sql::database {
 public:
  explicit counting_database(sql::database& inner) : inner_(inner) {}

  async::task<sql::result> query(sql::call what) override {
    ++trips;
    return inner_.query(std::move(what));
  }
  async::task<std::vector<sql::result>> execute(std::vector<sql::call> calls) override {
    ++trips;
    return inner_.execute(std::move(calls));
  }
  async::task<std::unique_ptr<sql::transaction>> begin() override {
    auto open = co_await inner_.begin();
    co_return std::make_unique<counted>(std::move(open), trips);
  }
  std::chrono::milliseconds call_timeout() const override { return inner_.call_timeout(); }
  std::string_view system() const override { return inner_.system(); }
  sql::pool_state state() const override { return inner_.state(); }
  async::task<> close() override { return inner_.close(); }

  int trips = 0;

 private:
  class counted final : public sql::transaction {
   public:
    counted(std::unique_ptr<sql::transaction> inner, int& trips) : inner_(std::move(inner)), trips_(trips) {}

    async::task<sql::result> run(sql::call what) override {
      ++trips_;
      return inner_->run(std::move(what));
    }
    async::task<> run_script(sql::statement script) override { return inner_->run_script(script); }
    async::task<> commit() override {
      ++trips_;
      return inner_->commit();
    }

   private:
    std::unique_ptr<sql::transaction> inner_;
    int& trips_;
  };

  sql::database& inner_;
};

}  // namespace micro_sayur::user_service::test
