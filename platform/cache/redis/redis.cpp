// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/redis/redis.hpp"

#include "platform/async/task_group.hpp"
#include "platform/cache/redis/connection.hpp"

#include <fmt/core.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>

#include <functional>
#include <numeric>

namespace micro_sayur::cache::redis {
namespace {

namespace asio = boost::asio;

void load_authorities(asio::ssl::context& into, const std::string& file) {
  boost::system::error_code failure;
  into.load_verify_file(file, failure);
  if (failure)
    throw std::runtime_error(fmt::format("REDIS_CA_FILE: cannot read the certificate authorities in {}: {}", file, failure.message()));
}

std::shared_ptr<asio::ssl::context> make_tls(const settings& with) {
  if (!with.tls) return nullptr;
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  tls->set_verify_mode(asio::ssl::verify_peer);
  if (with.ca_file.empty())
    tls->set_default_verify_paths();
  else
    load_authorities(*tls, with.ca_file);
  return tls;
}

/// What belongs to one core.
struct shard {
  shard(async::executor where_, const std::shared_ptr<const target>& to)
      : where(where_), line(std::make_shared<connection>(where_, to)), tasks(where_) {}
  async::executor where;
  std::shared_ptr<connection> line;
  async::task_group tasks;
};

async::task<> stop(std::shared_ptr<shard> which) {
  which->tasks.cancel();
  co_await which->tasks.join();
}

class redis_store final : public store {
 public:
  redis_store(async::runtime& cores, settings with) {
    auto tls = make_tls(with);
    const auto to = std::make_shared<const target>(std::move(with), std::move(tls));
    for (std::size_t i = 0; i < cores.core_count(); ++i) {
      const auto made = std::make_shared<shard>(cores.core(i).get_executor(), to);
      shards_.push_back(made);
      asio::dispatch(made->where, [made] { made->tasks.spawn("Redis connection", [line = made->line] { return line->run(); }); });
    }
  }

  async::task<std::optional<std::string>> get(std::string key) override {
    auto found = co_await send({"GET", key});
    if (found.what == answer::nothing) co_return std::nullopt;
    co_return std::move(found.words);
  }

  async::task<> set(std::string key, std::string value, std::chrono::milliseconds time_to_live) override {
    co_await send({"SET", key, value, "PX", std::to_string(time_to_live.count())});
  }

  async::task<bool> set_if_absent(std::string key, std::string value, std::chrono::milliseconds time_to_live) override {
    const auto done = co_await send({"SET", key, value, "PX", std::to_string(time_to_live.count()), "NX"});
    co_return done.what != answer::nothing;
  }

  async::task<> remove(std::vector<std::string> keys) override {
    std::vector<std::string_view> arguments{"DEL"};
    arguments.insert(arguments.end(), keys.begin(), keys.end());
    co_await send(arguments);
  }

  async::task<> remove_if_equal(std::string key, std::string value) override {
    co_await send(
        {"EVAL", "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0", "1", key, value});
  }

  async::task<std::optional<std::chrono::milliseconds>> time_left(std::string key) override {
    const auto left = co_await send({"PTTL", key});
    if (left.count < 0) co_return std::nullopt;
    co_return std::chrono::milliseconds(left.count);
  }

  async::task<std::int64_t> increment(std::string key, std::chrono::milliseconds time_to_live) override {
    return count("INCR", std::move(key), time_to_live);
  }

  async::task<std::int64_t> decrement(std::string key, std::chrono::milliseconds time_to_live) override {
    return count("DECR", std::move(key), time_to_live);
  }

  async::task<> try_to_write() override { co_await send({"SET", "health-check", "1", "PX", "1000"}); }
  async::task<> ping() override { co_await send({"PING"}); }

  std::string_view system() const override { return "redis"; }
  std::uint64_t connections_opened() const override {
    return std::transform_reduce(shards_.begin(), shards_.end(), std::uint64_t{0}, std::plus(),
                                 [](const auto& one) { return one->line->opened(); });
  }

  async::task<> close() override {
    for (const auto& one : shards_) co_await asio::co_spawn(one->where, stop(one), async::use_task);
  }

 private:
  connection& line() const { return *shards_[async::runtime::this_core()]->line; }

  async::task<std::int64_t> count(std::string_view how, std::string key, std::chrono::milliseconds time_to_live) {
    // Should the connection break between the two, the next count sets the expiry: NX looks for a missing one.
    std::string commands;
    append_command(commands, {how, key});
    append_command(commands, {"PEXPIRE", key, std::to_string(time_to_live.count()), "NX"});
    const auto counted = co_await line().send(std::move(commands), 2);
    co_return counted.count;
  }

  async::task<answer> send(const std::vector<std::string_view>& arguments) const {
    std::string command;
    append_command(command, arguments);
    return line().send(std::move(command), 1);
  }

  std::vector<std::shared_ptr<shard>> shards_;
};

}  // namespace

std::unique_ptr<store> connect(async::runtime& cores, settings with) { return std::make_unique<redis_store>(cores, std::move(with)); }

}  // namespace micro_sayur::cache::redis
