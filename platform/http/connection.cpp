// SPDX-License-Identifier: Apache-2.0
#include "platform/http/connection.hpp"

#include "platform/http/forwarded.hpp"
#include "platform/http/request_line.hpp"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace micro_sayur::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr std::size_t read_chunk = 4U << 10;
constexpr std::size_t kept_buffer = 16U << 10;
constexpr std::size_t body_ceiling = 64U << 20;  ///< above every route's limit; a parser wants to know one before the route is
constexpr std::size_t linger_bytes = 1U << 20;
constexpr auto linger_time = std::chrono::seconds(2);
constexpr auto patience_while_draining = std::chrono::seconds(2);

constexpr auto quietly = asio::as_tuple(async::use_task);

template <std::size_t Size>
void fill_from(std::mt19937_64& source, std::array<std::uint8_t, Size>& out) {
  for (std::size_t i = 0; i < Size; i += 8) {
    const std::uint64_t number = source();
    std::memcpy(out.data() + i, &number, std::min<std::size_t>(8, Size - i));
  }
}

}  // namespace

void core_state::close_oldest_idle() {
  const auto oldest = std::find_if(open.begin(), open.end(), [](const connection* each) { return each->is_idle(); });
  if (oldest != open.end()) (*oldest)->close();
}

void core_state::close_unread() {
  for (auto each = open.begin(); each != open.end() && unread > unread_limit; ++each) (*each)->close_unread();
}

connection::connection(core_state& core, tcp_socket socket, asio::ip::address peer)
    : core_(core), position_(core.open.insert(core.open.end(), this)), socket_(std::move(socket)), peer_(std::move(peer)) {
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

connection::~connection() {
  request_.span.fail("aborted");  // had it been answered, it would have ended
  core_.unread -= unread_;
  core_.open.erase(position_);
  if (core_.open.empty()) core_.empty.set();
}

async::task<> connection::run() {
  while (!core_.draining) {
    const bool goes_on = co_await serve_one();
    if (!goes_on) break;
  }
}

void connection::enter(step next) {
  const auto& settings = core_.settings;
  const auto limit = [&]() -> std::chrono::milliseconds {
    switch (next) {
      case step::idle: return settings.idle_timeout;
      case step::header: return settings.header_timeout;
      case step::body: return settings.body_timeout;
      case step::write: return settings.write_timeout;
      case step::linger: return linger_time;
      case step::handler: return std::chrono::hours(1);  // a handler has deadlines of its own
    }
    std::unreachable();
  }();
  step_ = next;
  if (next == step::idle) core_.open.splice(core_.open.end(), core_.open, position_);
  deadline_ = std::chrono::steady_clock::now() + limit;
  if (core_.draining) hurry();
}

/// Who has not sent the whole request yet gets little time more while the server drains.
void connection::hurry() {
  if (step_ == step::header || step_ == step::body)
    deadline_ = std::min(deadline_, std::chrono::steady_clock::now() + patience_while_draining);
}

void connection::expire(std::chrono::steady_clock::time_point now) {
  if (now < deadline_) return;
  timed_out_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void connection::drain() {
  if (step_ == step::idle) return close();
  hurry();
}

void connection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void connection::close_unread() {
  if (unread_ == 0) return;
  core_.unread -= std::exchange(unread_, 0);
  close();
}

async::task<bool> connection::serve_one() {
  begin_request();
  const bool has_header = co_await read_header();
  if (!has_header) co_return false;
  take_header();
  if (auto fault = fault_of_head(parser_->get(), request_)) {
    co_await refuse(std::move(*fault));
    co_return false;
  }
  const auto verb = known_method(parser_->get().method());
  auto target =
      verb ? core_.dispatch.routes().find(*verb, request_.path) : router::match{.allow = core_.dispatch.routes().allowed(request_.path)};
  request_.path_parameters = std::move(target.parameters);
  if (!co_await read_body(target.found != nullptr ? target.found->body_limit : default_body_limit)) co_return false;

  enter(step::handler);
  const response answer = co_await core_.dispatch.answer(request_, target, verb_text_);
  const framing how{.keep_alive = parser_->get().keep_alive() && !core_.draining, .head_only = verb_text_ == "HEAD"};
  request_.body = {};  // the client may take its time to read the answer
  const bool sent = co_await send(answer, how);
  core_.dispatch.record(request_, target.found, verb_text_, answer.status);
  co_return sent&& how.keep_alive;
}

void connection::begin_request() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(core_.settings.header_limit));
  parser_->body_limit(body_ceiling);
  parser_->eager(false);
  request_ = request{};
  verb_text_.clear();
  if (buffer_.size() == 0 && buffer_.capacity() > kept_buffer) buffer_ = {};
  enter(step::idle);
}

async::task<bool> connection::read_more() {
  const auto [error, size] = co_await socket_.async_read_some(buffer_.prepare(read_chunk), quietly);
  buffer_.commit(size);
  if (!error) co_return true;
  if (timed_out_ && step_ != step::idle)
    co_await refuse({.type = problems::request_timeout, .detail = "Send the whole request without long pauses."});
  co_return false;
}

async::task<bool> connection::read_header() {
  while (!parser_->is_header_done()) {
    if (buffer_.size() > 0) {
      if (step_ == step::idle) {
        enter(step::header);
        request_.received = std::chrono::steady_clock::now();
      }
      boost::system::error_code error;
      buffer_.consume(parser_->put(buffer_.data(), error));
      if (error && error != beast::http::error::need_more) {
        co_await refuse(refusal_of(error));
        co_return false;
      }
      if (!error) continue;
      if (buffer_.size() > core_.settings.header_limit) {
        co_await refuse(refusal_of(beast::http::error::header_limit));
        co_return false;
      }
    }
    if (!co_await read_more()) co_return false;
  }
  co_return true;
}

void connection::take_header() {
  const auto& message = parser_->get();
  verb_text_ = std::string(message.method_string());
  take_head(request_, message);
  request_.client = client_address(peer_, request_.headers, core_.settings.proxies);
  make_trace_ids();
  core_.dispatch.trace(request_, verb_text_);
  if (const auto id = request_.header("x-request-id"); is_request_id(id)) {
    request_.request_id = id;
  } else {
    make_request_id();
  }
}

void connection::make_trace_ids() {
  fill_from(core_.ids, request_.trace.trace_id);
  fill_from(core_.ids, request_.trace.span_id);
}

void connection::make_request_id() {
  std::array<std::uint8_t, 10> random{};
  fill_from(core_.ids, random);
  request_.request_id = uuid::version_7(core_.clock.now(), random).to_string();
}

async::task<bool> connection::read_body(std::size_t limit) {
  if (const auto length = parser_->content_length(); length && *length > limit) {
    co_await refuse({.type = problems::payload_too_large, .detail = fmt::format("Send at most {} bytes.", limit)});
    co_return false;
  }
  parser_->body_limit(limit);
  parser_->eager(true);
  enter(step::body);
  if (!parser_->is_done() && beast::iequals(request_.header("expect"), "100-continue")) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(go_on), quietly);
    if (error) co_return false;
  }
  while (!parser_->is_done()) {
    if (buffer_.size() > 0) {
      boost::system::error_code error;
      buffer_.consume(parser_->put(buffer_.data(), error));
      if (error && error != beast::http::error::need_more) {
        co_await refuse(refusal_of(error));
        co_return false;
      }
      if (!error) continue;
      // What the parser leaves lying is the line of a chunk, or trailers: they have the bounds of a header.
      if (buffer_.size() > core_.settings.header_limit) {
        co_await refuse(refusal_of(beast::http::error::header_limit));
        co_return false;
      }
    }
    if (!co_await read_more()) co_return false;
  }
  request_.body = std::move(parser_->get().body());
  co_return true;
}

problem connection::refusal_of(const boost::system::error_code& error) const {
  if (error == beast::http::error::header_limit)
    return {.type = problems::header_too_large, .detail = fmt::format("Send at most {} bytes of header.", core_.settings.header_limit)};
  if (error == beast::http::error::body_limit) return {.type = problems::payload_too_large, .detail = "The body goes on beyond the limit."};
  return {.type = problems::bad_request, .detail = error.message()};
}

async::task<> connection::refuse(problem why) {
  if (request_.received == std::chrono::steady_clock::time_point{}) request_.received = std::chrono::steady_clock::now();
  if (request_.request_id.empty()) {
    make_request_id();
    make_trace_ids();
  }
  timed_out_ = false;
  response answer(std::move(why));
  answer.content_type = "application/problem+json";
  answer.body = to_json(*answer.fault, request_.request_id);
  answer.with("Cache-Control", "no-store");
  core_.dispatch.record(request_, nullptr, verb_text_, answer.status);
  if (co_await send(answer, {.keep_alive = false})) co_await linger();
}

async::task<bool> connection::send(const response& answer, framing how) {
  enter(step::write);
  output_.clear();
  serialize_head(output_, answer, request_.request_id, request_.trace, how);
  const std::string_view body = how.head_only ? std::string_view() : answer.body;
  unread_ = output_.size() + body.size();
  core_.unread += unread_;
  core_.close_unread();
  const std::array<asio::const_buffer, 2> parts{asio::buffer(output_), asio::buffer(body)};
  const auto [error, size] = co_await asio::async_write(socket_, parts, quietly);
  core_.unread -= std::exchange(unread_, 0);
  if (output_.capacity() > kept_buffer) output_ = {};
  co_return !error;
}

async::task<> connection::linger() {
  // Closing with unread data would reset the connection, and the client might never see the answer.
  enter(step::linger);
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  std::array<char, read_chunk> discarded{};
  for (std::size_t total = 0; total < linger_bytes;) {
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(discarded), quietly);
    if (error) co_return;
    total += size;
  }
}

}  // namespace micro_sayur::http
