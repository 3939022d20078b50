// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/lease.hpp"

namespace micro_sayur::sql::postgres {
namespace {

constexpr statement rollback{"rollback", "ROLLBACK"};

}  // namespace

lease::lease(std::shared_ptr<group> from, std::shared_ptr<connection> line)
    : from_(std::move(from)), line_(std::move(line)), session_(line_->session()) {
  from_->lend(*line_);
}

lease::~lease() {
  if (!line_) return;
  if (is_same_session()) {
    if (line_->runs_script()) {
      line_->drop("a script was cancelled");
    } else if (open_) {
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
      line_->send({.calls = {call(rollback)}, .deadline = deadline});
      from_->watch(deadline);
    }
  }
  from_->give_back(*line_);
}

void lease::drop(std::string reason) {
  if (is_same_session()) line_->drop(std::move(reason));
}

async::task<lease> lease::take(std::shared_ptr<group> from, async::executor where, time_point deadline) {
  using handed = std::shared_ptr<lease>;
  const auto start = [from, deadline](const async::reply<handed>& to) {
    from->wait_for_room({.deadline = deadline,
                         .serve =
                             [from, to](const std::shared_ptr<connection>& line) {
                               if (to.is_awaited()) to.set_value(std::make_shared<lease>(from, line));
                             },
                         .fail = [to](std::exception_ptr error) { to.set_error(std::move(error)); }});
  };
  const handed taken = co_await async::await_reply<handed>(where, start);
  co_return std::move(*taken);
}

async::task<results> lease::send(async::executor where, unit what) {
  if (!is_same_session()) throw unavailable("the connection was lost");
  co_return co_await async::await_reply<results>(where, [this, what = std::move(what)](const async::reply<results>& to) mutable {
    what.reply = to;
    const auto deadline = what.deadline;
    line_->send(std::move(what));
    from_->watch(deadline);
  });
}

}  // namespace micro_sayur::sql::postgres
