// SPDX-License-Identifier: Apache-2.0
#include "platform/http/server.hpp"

#include "platform/async/offload_pool.hpp"
#include "platform/async/task_group.hpp"
#include "platform/http/connection.hpp"
#include "platform/http/connection_counts.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <utility>

namespace micro_sayur::http {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

using tcp_acceptor = asio::basic_socket_acceptor<asio::ip::tcp, async::executor>;

constexpr auto sweep_interval = 250ms;
constexpr std::size_t reserved_files = 128;  ///< for databases, logs, caches
/// Of an answer that the client does not read the kernel holds so much, which it doubles, and no more: left alone it takes up to 4 MiB.
constexpr int send_buffer = 64 << 10;
constexpr std::size_t crowd = 500;  ///< connections whose end makes it worth while to give memory back
constexpr auto trim_interval = 10s;
constexpr std::size_t least_unread_per_core = 1U << 20;
constexpr auto quietly = asio::as_tuple(async::use_task);

}  // namespace

struct server::implementation {
  implementation(async::runtime& runtime_, dispatcher& dispatch, const clock_source& clock, random_source& random,
                 server_settings settings_)
      : runtime(runtime_), settings(std::move(settings_)), acceptor(runtime.core(0)), background(runtime.core(0).get_executor()) {
    const auto unread_limit = std::max(settings.unread_limit / runtime.core_count(), least_unread_per_core);
    for (std::size_t i = 0; i < runtime.core_count(); ++i) {
      std::array<std::uint8_t, 8> seed{};
      random.fill(seed);
      std::uint64_t number = 0;
      std::memcpy(&number, seed.data(), sizeof number);
      cores.push_back(std::make_unique<core_state>(runtime.core(i).get_executor(), settings, unread_limit, dispatch, clock, number));
    }
    const auto files = raise_file_limit();
    settings.connection_limit = std::min(settings.connection_limit, files > 2 * reserved_files ? files - reserved_files : files / 2);
    crowded = settings.connection_limit - settings.connection_limit / 10;
  }

  void listen() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(settings.host, error);
    const auto fail = [&] { throw listen_error(fmt::format("{}:{}", settings.host, settings.port), error.message()); };
    if (error) fail();
    const asio::ip::tcp::endpoint endpoint(address, settings.port);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.set_option(asio::socket_base::send_buffer_size(send_buffer));  // what is accepted inherits it
    acceptor.bind(endpoint, error);
    if (error) fail();
    acceptor.listen(4096, error);
    if (error) fail();
  }

  async::task<> accept_all() {
    for (std::size_t next = 0;; next = (next + 1) % cores.size()) {
      auto& core = *cores[next];
      asio::ip::tcp::endpoint peer;
      auto [error, socket] = co_await acceptor.async_accept(core.where, peer, quietly);
      if (error == asio::error::operation_aborted || !acceptor.is_open()) co_return;
      if (error) {
        co_await async::sleep_for(50ms);  // out of file descriptors, most likely: let some connections end
        continue;
      }
      if (!admit(peer.address())) continue;  // closing is the answer: what may be written to whom comes in thousands is nothing
      asio::dispatch(core.where, [this, &core, address = peer.address(), moved = tcp_socket(std::move(socket))]() mutable {
        begin(core, std::move(moved), std::move(address));
      });
    }
  }

  /// Counts a connection that was accepted; false when there are too many.
  bool admit(const asio::ip::address& client) {
    if (open.load() >= settings.connection_limit) {
      ++refused_of_all;
      return false;
    }
    const bool limited = !settings.proxies.is_trusted(client) && !settings.is_unlimited(client);
    if (!counts.take(client, limited ? settings.connections_per_client : settings.connection_limit)) {
      ++refused_of_clients;
      return false;
    }
    most = std::max(most, ++open);
    return true;
  }

  void begin(core_state& core, tcp_socket socket, asio::ip::address client) {
    if (open.load() > crowded) core.close_oldest_idle();
    auto held = std::make_shared<tcp_socket>(std::move(socket));
    core.running.spawn("connection", [this, &core, held, client]() -> async::task<> { return serve(core, held, client); });
  }

  async::task<> serve(core_state& core, std::shared_ptr<tcp_socket> socket, asio::ip::address client) {
    struct counted {
      implementation& of;
      const asio::ip::address client;
      ~counted() {
        of.counts.give_back(client);
        --of.open;
      }
    } const counting{*this, client};
    connection served(core, std::move(*socket), std::move(client));
    socket.reset();
    co_await served.run();
  }

  static async::task<> sweep(core_state& core) {
    while (true) {
      co_await async::sleep_for(sweep_interval);
      const auto now = std::chrono::steady_clock::now();
      for (auto* each : core.open) each->expire(now);
    }
  }

  /// The C library keeps what connections held: of 72 MiB after 8000 of them all but 4 MiB were free, and stayed. To let it go stops
  /// whoever allocates for some milliseconds, so it is done after many have ended, and seldom.
  async::task<> give_memory_back() {
    std::size_t before = 0;
    while (true) {
      co_await async::sleep_for(1s);
      const auto now = open.load();
      const bool still_ending = now < std::exchange(before, now);
      if (still_ending || most - now < crowd) continue;
      most = now;
      {
        async::offload_pool blocking(1, 1);
        co_await blocking.run([] { malloc_trim(0); });
      }
      co_await async::sleep_for(trim_interval);
    }
  }

  /// Nothing of a connection runs any more when this returns: what is awaited there by then is cancelled.
  static async::task<> drain(core_state& core, std::chrono::steady_clock::time_point until) {
    core.draining = true;
    for (auto* each : core.open) each->drain();
    if (!core.open.empty()) {
      core.empty.reset();
      co_await core.empty.wait_until(until);
    }
    for (auto* each : core.open) each->close();
    core.running.cancel();
    co_await core.running.join();
  }

  async::runtime& runtime;
  server_settings settings;
  std::vector<std::unique_ptr<core_state>> cores;
  connection_counts counts;
  std::atomic<std::size_t> open = 0;
  std::size_t most = 0;  ///< open at a time since memory was given back; of core 0
  std::size_t crowded = 0;
  std::atomic<std::uint64_t> refused_of_clients = 0;
  std::atomic<std::uint64_t> refused_of_all = 0;
  tcp_acceptor acceptor;
  async::task_group background;
  std::vector<std::unique_ptr<async::task_group>> sweepers;
};

server::server(async::runtime& runtime, dispatcher& dispatch, const clock_source& clock, random_source& random, server_settings settings)
    : impl_(std::make_unique<implementation>(runtime, dispatch, clock, random, std::move(settings))) {
  impl_->listen();
}

server::~server() = default;

std::uint16_t server::port() const { return impl_->acceptor.local_endpoint().port(); }

std::size_t server::connections() const { return impl_->open.load(); }

server::refusals server::refused() const { return {impl_->refused_of_clients.load(), impl_->refused_of_all.load()}; }

void server::start() {
  impl_->background.spawn("accept", [impl = impl_.get()] { return impl->accept_all(); });
  for (auto& core : impl_->cores) {
    impl_->sweepers.push_back(std::make_unique<async::task_group>(core->where));
    asio::dispatch(core->where, [group = impl_->sweepers.back().get(), &core] {
      group->spawn("connection deadlines", [&core = *core] { return implementation::sweep(core); });
    });
  }
  impl_->sweepers.front()->spawn("memory", [impl = impl_.get()] { return impl->give_memory_back(); });
}

async::task<> server::stop(std::chrono::steady_clock::duration grace) {
  const auto until = std::chrono::steady_clock::now() + grace;
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
  co_await impl_->background.join();
  const auto here = co_await asio::this_coro::executor;
  std::vector<async::one_shot<bool>> drained;
  for (std::size_t i = 0; i < impl_->cores.size(); ++i) {
    drained.emplace_back(here);
    async::spawn(impl_->cores[i]->where, "drain",
                 [done = drained.back(), &core = *impl_->cores[i], group = impl_->sweepers[i].get(), until]() -> async::task<> {
                   co_await implementation::drain(core, until);
                   group->cancel();
                   co_await group->join();
                   done.set_value(true);
                 });
  }
  for (const auto& core : drained) co_await core.wait();
}

std::size_t raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return std::min<std::size_t>(limit.rlim_cur, 1U << 20);
}

}  // namespace micro_sayur::http
