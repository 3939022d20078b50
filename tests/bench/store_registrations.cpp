// SPDX-License-Identifier: Apache-2.0
// Registrations with their outbox rows, straight into the store: the subject of P5. Reads DB_*; prints transactions per second.
#include "platform/async/task_group.hpp"
#include "platform/base/system.hpp"
#include "platform/config/reader.hpp"
#include "platform/sql/postgres/configuration.hpp"
#include "user-service/adapters/sql/sql_registration_store.hpp"

#include <fmt/core.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

namespace micro_sayur::user_service {
namespace {

using steady = std::chrono::steady_clock;

/// Ids, time and random values as the service makes them.
struct sources {
  system_clock clock;
  system_random random;
  id_source ids{clock, random};
};

registration make_registration(sources& from) {
  const auto id = from.ids.next();
  const auto email = id.to_string() + "@example.com";
  return {.id = id,
          .email = email,
          .email_key = email,
          .name = "Siti Aminah",
          .locale = "id",
          .password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27c6vXZ8nTqVqn3qKdPdcSRXg"};
}

constexpr std::chrono::seconds lifetime = std::chrono::hours(24);

user_event make_event(const registration& of, sources& from) {
  const auto now = from.clock.now();
  return {.id = from.ids.next(),
          .kind = user_event_kind::email_verification_requested,
          .user_id = of.id,
          .email = of.email,
          .name = of.name,
          .locale = of.locale,
          .link = "http://127.0.0.1:8080/verify-email?token=abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq",
          .expires_at = now + lifetime,
          .time = now,
          .from = {.request_id = of.id.to_string(), .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"}};
}

/// Every id is unique, so what is made of two is as well.
token_digest make_digest(sources& from) {
  token_digest digest{};
  const auto text = from.ids.next().to_string();
  std::memcpy(digest.data(), text.data() + text.size() - digest.size(), digest.size());
  return digest;
}

async::task<> add_until(registration_store& store, sources& from, steady::time_point end, std::atomic<std::size_t>& done) {
  while (steady::now() < end) {
    auto fresh = make_registration(from);
    auto event = make_event(fresh, from);
    co_await store.add(std::move(fresh), make_digest(from), lifetime, std::move(event), std::nullopt);
    ++done;
  }
}

double measure(double seconds, std::size_t cores_wanted, std::size_t clients) {
  config::reader reader(config::environment());
  const auto settings = sql::postgres::read_settings(reader, "user_service");
  reader.finish();
  sources from;
  async::runtime cores(cores_wanted);
  const auto database = sql::postgres::connect(cores, settings);
  const events::payload_seal seal([](std::string_view) { return std::vector{std::string(32, 's')}; }, from.random);
  const user_event_writer writer(seal, [] {});
  sql_registration_store store(*database, writer);
  std::atomic<std::size_t> done = 0;
  std::chrono::duration<double> took{};
  cores.run_until_done([&]() -> async::task<> {
    co_await add_until(store, from, steady::now() + std::chrono::milliseconds(300), done);  // connections and prepared statements
    done = 0;
    const auto start = steady::now();
    const auto end = start + std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(seconds));
    std::vector<async::one_shot<bool>> ends;
    const auto here = cores.core(0).get_executor();
    for (std::size_t i = 0; i < clients; ++i) {
      const auto ended = ends.emplace_back(here);
      async::spawn(cores.core(i % cores.core_count()).get_executor(), "client", [&, ended]() -> async::task<> {
        co_await add_until(store, from, end, done);
        ended.set_value(true);
      });
    }
    for (auto& each : ends) co_await each.wait();
    took = steady::now() - start;
    co_await database->close();
  });
  return static_cast<double>(done) / took.count();
}

}  // namespace
}  // namespace micro_sayur::user_service

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: store_registrations SECONDS CORES CLIENTS\n");
    return 64;
  }
  const auto rate =
      micro_sayur::user_service::measure(std::atof(argv[1]), std::strtoul(argv[2], nullptr, 10), std::strtoul(argv[3], nullptr, 10));
  fmt::print("{:.3f}\n", rate);
}
