// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/redis/connection.hpp"

#include "platform/async/backoff.hpp"
#include "platform/base/foreign_text.hpp"

#include <fmt/core.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>

namespace micro_sayur::cache::redis {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using resolver = asio::ip::basic_resolver<asio::ip::tcp, async::executor>;

/// A server that answers nothing for so long after a deadline is dead, or the way to it is.
constexpr auto silence_limit = 1s;

std::exception_ptr failure(const std::string& reason) { return std::make_exception_ptr(unavailable(reason)); }

}  // namespace

connection::connection(async::executor where, std::shared_ptr<const target> to)
    : where_(where), to_(std::move(to)), socket_(where), written_(where), alarm_(where, [this] { expire(); }) {
  written_.set();
}

async::task<> connection::run() {
  async::backoff delay(100ms, 2000ms);
  while (true) {
    std::string reason;
    try {
      co_await open();
      delay.reset();
      ready_ = true;
      opened_.fetch_add(1, std::memory_order_relaxed);
      co_await serve();
    } catch (const std::exception& ended) {
      reason = ended.what();
    }
    lose(fmt::format("Redis at {}:{}: {}", to_->with.host, to_->with.port, reason));
    co_await written_.wait();
    co_await async::sleep_for(delay.next());
  }
}

async::task<> connection::open() {
  reader_ = reader();
  tls_ = to_->tls ? std::make_unique<tls_stream>(socket_, *to_->tls) : nullptr;
  resolver names(where_);
  bool expired = false;
  async::alarm limit(where_, [&] {
    expired = true;
    names.cancel();
    close_socket();
  });
  limit.at(std::chrono::steady_clock::now() + to_->with.connect_timeout);
  try {
    const auto found = co_await names.async_resolve(to_->with.host, std::to_string(to_->with.port), async::use_task);
    co_await asio::async_connect(socket_, found, async::use_task);
    socket_.set_option(asio::ip::tcp::no_delay(true));
    co_await greet();
  } catch (const std::exception&) {
    if (!expired) throw;
  }
  if (expired) throw unavailable(fmt::format("no connection within {} ms", to_->with.connect_timeout.count()));
}

async::task<> connection::greet() {
  if (tls_) {
    SSL_set_tlsext_host_name(tls_->native_handle(), to_->with.host.c_str());
    tls_->set_verify_callback(asio::ssl::host_name_verification(to_->with.host));
    co_await tls_->async_handshake(tls_stream::client, async::use_task);
  }
  std::string command;
  const auto password = to_->with.password ? to_->with.password() : std::string();
  if (!password.empty()) {
    append_command(command, {"AUTH", to_->with.user, password});
    co_await ask(std::exchange(command, {}));
  }
  // Tells a server that wants a password, or is still loading.
  append_command(command, {"PING"});
  co_await ask(std::move(command));
}

async::task<answer> connection::ask(std::string command) {
  co_await write_all(command);
  while (true) {
    if (auto reply = reader_.next()) {
      if (reply->what == answer::refusal) throw unavailable(foreign_text(reply->words));
      co_return std::move(*reply);
    }
    const auto size = co_await read_some();
    reader_.feed({buffer_.data(), size});
  }
}

async::task<std::size_t> connection::read_some() {
  const auto into = asio::buffer(buffer_);
  if (tls_) co_return co_await tls_->async_read_some(into, async::use_task);
  co_return co_await socket_.async_read_some(into, async::use_task);
}

async::task<> connection::write_all(const std::string& data) {
  if (tls_)
    co_await asio::async_write(*tls_, asio::buffer(data), async::use_task);
  else
    co_await asio::async_write(socket_, asio::buffer(data), async::use_task);
}

async::task<> connection::serve() {
  while (true) {
    const auto size = co_await read_some();
    reader_.feed({buffer_.data(), size});
    while (auto reply = reader_.next()) take(std::move(*reply));
  }
}

async::task<answer> connection::send(std::string commands, std::size_t replies) {
  if (!ready_) throw unavailable(fault_);
  if (in_flight_.size() >= to_->with.queue_limit) throw unavailable("too many calls to Redis are under way");
  co_return co_await async::await_reply<answer>(where_, [this, &commands, replies](const async::reply<answer>& to) {
    enqueue(commands, {.replies = replies, .deadline = std::chrono::steady_clock::now() + to_->with.call_timeout, .reply = to});
  });
}

void connection::enqueue(const std::string& commands, request what) {
  pending_ += commands;
  alarm_.at(what.deadline);
  in_flight_.push_back(std::move(what));
  if (!written_.is_set()) return;
  written_.reset();
  async::spawn(where_, "Redis writer", [self = shared_from_this()] { return self->write_pending(); });
}

async::task<> connection::write_pending() {
  try {
    // What else is sent in this turn of the loop joins the same write.
    co_await asio::post(where_, async::use_task);
    while (ready_ && !pending_.empty()) {
      const auto data = std::exchange(pending_, {});
      co_await write_all(data);
    }
  } catch (const boost::system::system_error&) {
    // `serve` reads from the same socket: it sees the fault too and tells everybody.
  }
  written_.set();
}

void connection::take(answer from) {
  if (in_flight_.empty()) throw unavailable("Redis sent a reply that nobody asked for");
  auto& current = in_flight_.front();
  const bool refused_before = current.first && current.first->what == answer::refusal;
  if (!current.first || (from.what == answer::refusal && !refused_before)) current.first = std::move(from);
  if (--current.replies > 0) return;
  if (current.first->what == answer::refusal)
    current.reply.set_error(failure("Redis: " + foreign_text(current.first->words)));
  else
    current.reply.set_value(std::move(*current.first));
  in_flight_.pop_front();
}

void connection::lose(const std::string& reason) {
  ready_ = false;
  fault_ = reason;
  pending_.clear();
  close_socket();
  for (const auto& one : std::exchange(in_flight_, {})) one.reply.set_error(failure(reason));
}

void connection::expire() {
  const auto now = std::chrono::steady_clock::now();
  for (const auto& one : in_flight_) {
    if (now < one.deadline) {
      alarm_.at(one.deadline);
      break;
    }
    one.reply.set_error(failure("Redis did not answer in time"));
  }
  if (in_flight_.empty()) return;
  const auto patience = in_flight_.front().deadline + silence_limit;
  if (now < patience)
    alarm_.at(patience);
  else
    close_socket();
}

void connection::close_socket() {
  boost::system::error_code closed_either_way;
  socket_.close(closed_either_way);
}

}  // namespace micro_sayur::cache::redis
