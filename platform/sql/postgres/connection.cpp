// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/connection.hpp"

#include "platform/async/backoff.hpp"
#include "platform/async/runtime.hpp"
#include "platform/base/foreign_text.hpp"
#include "platform/sql/postgres/script_place.hpp"

#include <fmt/core.h>
#include <boost/asio/as_tuple.hpp>

#include <charconv>

namespace micro_sayur::sql::postgres {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// The server itself ends a statement at the deadline; this much later its silence means that it, or the way to it, is dead.
constexpr auto silence_limit = 500ms;

std::string_view field(const PGresult& from, int code) {
  const char* text = PQresultErrorField(&from, code);
  return text == nullptr ? std::string_view() : text;
}

}  // namespace

connection::connection(async::executor where, std::shared_ptr<const settings> with, std::shared_ptr<common_knowledge> known, access mode,
                       std::function<void()> changed)
    : with_(std::move(with)), mode_(mode), changed_(std::move(changed)), link_(where), known_(std::move(known)), prepared_(known_) {}

async::task<> connection::run() {
  async::backoff delay(100ms, 2000ms);
  while (true) {
    std::string reason;
    try {
      co_await link_.open(*with_, mode_);
      delay.reset();
      fault_.clear();
      ++session_;
      opened_at_ = std::chrono::steady_clock::now();
      ready_ = true;
      changed_();
      co_await serve();
    } catch (const std::exception& failure) {
      reason = failure.what();
    }
    lose(fmt::format("PostgreSQL at {}: {}", name_of_servers(*with_), reason));
    co_await async::sleep_for(delay.next());
  }
}

async::task<> connection::serve() {
  while (!dropped_) {
    const auto [failure] = co_await link_.socket().async_wait(link::descriptor::wait_read, asio::as_tuple(async::use_task));
    if (dropped_) break;
    if (failure) throw boost::system::system_error(failure);
    if (PQconsumeInput(link_.get()) == 0) {
      take_results();
      throw unavailable(link_.error_message());
    }
    take_results();
    flush();
  }
  throw unavailable(fault_);
}

void connection::lose(const std::string& reason) {
  const bool was_open = ready_ || dropped_;
  may_have_moved_ = may_have_moved_ || !was_open;
  ready_ = dropped_ = writing_ = step_answered_ = false;
  fault_ = reason;
  leaving_.clear();
  link_.close();
  steps_.clear();
  prepared_.forget_all();
  const auto lost = std::exchange(in_flight_, {});
  for (const auto& what : lost) what.reply.set_error(what.error ? what.error : std::make_exception_ptr(unavailable(reason)));
  changed_();
}

void connection::drop(std::string reason) {
  if (!ready_) return;
  ready_ = false;
  dropped_ = true;
  fault_ = std::move(reason);
  link_.socket().cancel();
}

void connection::leave(std::string reason) {
  if (!ready_) return;
  leaving_ = std::move(reason);
  may_have_moved_ = true;
  leave_when_idle();
}

void connection::send(unit what) {
  try {
    check_parameters(what);
  } catch (const error&) {
    return what.reply.set_error(std::current_exception());
  }
  in_flight_.push_back(std::move(what));
  if (in_flight_.size() == 1 || !waits_for_answers()) transmit(in_flight_.back());
}

void connection::transmit(const unit& what) {
  if (!queue(what)) return drop(link_.error_message());
  flush();
}

/// A parameter must not be refused when a part of its unit is already on its way.
void connection::check_parameters(const unit& what) {
  for (const auto& one : what.calls) parameters_.assign(one.parameters);
}

bool connection::queue(const unit& what) {
  if (!what.script.empty()) return queue_script(what.script);
  prepared_.forget_old();
  for (const auto& one : what.calls)
    if (!queue(one)) return false;
  steps_.push_back({step::sync});
  return PQpipelineSync(link_.get()) == 1;
}

bool connection::queue(const call& what) {
  parameters_.assign(what.parameters);
  if (with_->between == pooler::transaction) return queue_unnamed(what);
  const auto [name, is_new] = prepared_.name_of(*what.what);
  if (is_new) {
    const auto text = with_->between == pooler::none ? std::string(what.what->text) : prepared_.text_behind_pooler(*what.what);
    if (PQsendPrepare(link_.get(), name.c_str(), text.c_str(), 0, nullptr) == 0) return false;
    steps_.push_back({step::prepare, what.what, name});
  }
  steps_.push_back({step::execute, what.what});
  return PQsendQueryPrepared(link_.get(), name.c_str(), parameters_.count(), parameters_.texts(), parameters_.lengths(),
                             parameters_.formats(), 1) == 1;
}

bool connection::queue_unnamed(const call& what) {
  steps_.push_back({step::execute, what.what});
  const std::string text(what.what->text);
  return PQsendQueryParams(link_.get(), text.c_str(), parameters_.count(), nullptr, parameters_.texts(), parameters_.lengths(),
                           parameters_.formats(), 1) == 1;
}

bool connection::queue_script(const std::string& text) {
  steps_.push_back({step::script});
  return PQexitPipelineMode(link_.get()) == 1 && PQsendQuery(link_.get(), text.c_str()) == 1;
}

void connection::flush() {
  if (writing_ || dropped_) return;
  const int rest = PQflush(link_.get());
  if (rest < 0) return drop(link_.error_message());
  if (rest == 0) return;
  writing_ = true;
  link_.socket().async_wait(link::descriptor::wait_write, [self = weak_from_this(), session = session_](boost::system::error_code failure) {
    const auto living = self.lock();
    if (!living || failure || living->session_ != session || !living->ready_) return;
    living->writing_ = false;
    living->flush();
  });
}

void connection::take_results() {
  while (!steps_.empty() && PQisBusy(link_.get()) == 0) {
    const result_pointer next(PQgetResult(link_.get()));
    if (next) {
      take(*next);
    } else {
      if (!step_answered_) return;
      end_step();
    }
  }
}

void connection::take(const PGresult& from) {
  switch (PQresultStatus(&from)) {
    case PGRES_PIPELINE_SYNC: return end_unit();
    case PGRES_PIPELINE_ABORTED:
      if (steps_.front().what == step::prepare) prepared_.forget(steps_.front().which, steps_.front().name);
      break;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK: take_rows(from); break;
    default: take_error(from);
  }
  step_answered_ = true;
}

void connection::take_rows(const PGresult& from) {
  ++steps_.front().answered;
  if (steps_.front().what != step::execute) return;
  auto& current = in_flight_.front();
  try {
    current.answers.push_back(decode(from));
  } catch (const error&) {
    if (!current.error) current.error = std::current_exception();
  }
}

void connection::take_error(const PGresult& from) {
  const auto& at = steps_.front();
  auto& current = in_flight_.front();
  const auto said = field(from, PG_DIAG_SQLSTATE);
  // Without a SQLSTATE it is libpq that speaks: the connection is gone.
  const auto sqlstate = said.empty() ? std::string_view("08006") : said;
  auto means = of_sqlstate(sqlstate);
  // Here the session, not the server, only reads: the statement is wrong.
  if (mode_ == access::read_only && means.told == answer::read_only) means = {};
  // Within a transaction whose earlier answers were used already, only its owner can begin anew.
  if (means.prepare_again && !current.whole) means.told = answer::stale_plan;
  if (at.what == step::prepare) prepared_.forget(at.which, at.name);
  if (means.prepare_again) prepared_.note_changed_schema();
  const auto name = at.which == nullptr ? "script" + place(from) : std::string(at.which->name);
  const auto primary = field(from, PG_DIAG_MESSAGE_PRIMARY);
  const auto message =
      fmt::format("{}: {} (SQLSTATE {})", name, foreign_text(primary.empty() ? PQresultErrorMessage(&from) : primary), sqlstate);
  if (!current.error) {
    current.error = make_error(means.told, field(from, PG_DIAG_CONSTRAINT_NAME), message);
    current.means = means;
  }
  if (means.told == answer::read_only) learn_of_demotion();
  if (means.refuses_rows) known_->refuses_rows = true;
  if (means.close) leaving_ = message;
}

std::string connection::place(const PGresult& from) const {
  std::size_t position = 0;
  const auto told = field(from, PG_DIAG_STATEMENT_POSITION);
  std::from_chars(told.data(), told.data() + told.size(), position);
  return place_in_script(in_flight_.front().script, position, steps_.front().answered);
}

void connection::learn_of_demotion() {
  learned_of_demotion_ = opened_at_;
  may_have_moved_ = true;
}

/// A server tells with its answers when it has become a standby, or a primary again.
bool connection::only_reads() const { return mode_ == access::read_write && link_.only_reads(); }

void connection::end_step() {
  step_answered_ = false;
  if (steps_.front().what == step::script) {
    if (PQenterPipelineMode(link_.get()) == 0) drop(link_.error_message());
    end_unit();
  } else if (steps_.front().what != step::sync) {
    steps_.pop_front();
  }
}

void connection::end_unit() {
  step_answered_ = false;
  steps_.pop_front();
  auto done = std::move(in_flight_.front());
  in_flight_.pop_front();
  if (waits_for_answers() && !in_flight_.empty()) transmit(in_flight_.front());
  if (done.error && is_ready() && done.may_be_sent_again(std::chrono::steady_clock::now())) {
    done.forget_failure();
    return send(std::move(done));
  }
  if (done.error)
    done.reply.set_error(done.error);
  else
    done.reply.set_value(std::move(done.answers));
  if (leaving_.empty() && only_reads()) {
    leaving_ = "the server only reads";
    learn_of_demotion();
  }
  leave_when_idle();
  changed_();
}

time_point connection::expire(time_point now) {
  if (in_flight_.empty() || in_flight_.front().deadline == time_point::max()) return time_point::max();
  const auto patience = in_flight_.front().deadline + silence_limit;
  if (now >= patience) drop("the server stays silent");
  for (const auto& what : in_flight_) {
    if (now < what.deadline) return std::min(what.deadline, patience);
    what.reply.set_error(std::make_exception_ptr(timed_out("no answer from PostgreSQL before the deadline")));
  }
  return patience;
}

}  // namespace micro_sayur::sql::postgres
