// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/tests/contract/contract.hpp"

#include "platform/base/system.hpp"
#include "platform/cache/in_process.hpp"
#include "platform/cache/redis/redis.hpp"

#include <cstdlib>

namespace micro_sayur::cache::contract {
namespace {

const system_clock real_clock;

async::task<> run_and_close(store& on, const std::function<async::task<>(store&)>& body) {
  std::exception_ptr failure;
  try {
    co_await until_answering(on);
    co_await body(on);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await on.close();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

std::string server_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set: run ./sayur test contract");
  return value;
}

void control_redis(const std::string& action) {
  const auto command = server_variable("TEST_SERVER_CONTROL") + " " + action + " redis";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

std::unique_ptr<store> open(const std::string& kind, async::runtime& cores, const options& with) {
  if (kind == "in_process") return make_in_process_store(real_clock);
  const auto password = with.password.empty() ? server_variable("TEST_REDIS_PASSWORD") : with.password;
  return redis::connect(cores, {.host = server_variable("TEST_REDIS_HOST"),
                                .port = static_cast<std::uint16_t>(std::stoi(server_variable("TEST_REDIS_PORT"))),
                                .password = [password] { return password; },
                                .call_timeout = with.call_timeout});
}

void on_store(const std::string& kind, const options& with, std::function<async::task<>(store&)> body) {
  async::runtime cores(2);
  const auto opened = open(kind, cores, with);
  cores.run_until_done([&]() -> async::task<> { co_await run_and_close(*opened, body); });
}

async::task<> until_answering(store& on) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (true) {
    try {
      co_await on.ping();
      co_return;
    } catch (const unavailable&) {
      if (std::chrono::steady_clock::now() > deadline) throw;
    }
    co_await async::sleep_for(5ms);
  }
}

std::string fresh_key() {
  system_random random;
  return "contract:" + id_source(real_clock, random).next().to_string();
}

}  // namespace micro_sayur::cache::contract
