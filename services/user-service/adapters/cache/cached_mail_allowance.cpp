// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/cache/cached_mail_allowance.hpp"

#include "platform/base/client_network.hpp"
#include "user-service/adapters/cache/budgets.hpp"
#include "user-service/domain/mail_limits.hpp"
#include "user-service/domain/throttling.hpp"

#include <fmt/format.h>

#include <utility>

namespace micro_sayur::user_service {
namespace {

struct keys {
  std::string all_clients;
  std::string one_client;
};

keys keys_of(mail_cause why, const std::string& email_key, const origin& from) {
  auto all = fmt::format("{}{}:{}", cache_keys::mails, to_string(why), email_key);
  auto one = fmt::format("{} {}", all, client_site(from.network));  // an address has no space in it
  return {std::move(all), std::move(one)};
}

/// What is refused does not count: only mails do.
async::task<bool> count(cache::store& store, std::string key, std::int64_t most) {
  const auto counted = co_await store.increment(key, mail_window);
  if (counted <= most) co_return true;
  co_await store.decrement(key, mail_window);
  co_return false;
}

}  // namespace

std::string_view to_string(mail_cause why) {
  switch (why) {
    case mail_cause::registration: return "registration";
    case mail_cause::resend: return "resend";
    case mail_cause::forgotten_password: return "forgotten_password";
  }
  std::unreachable();
}

async::task<bool> cached_mail_allowance::take(mail_cause why, std::string email_key, origin from) {
  bool allowed = true;
  co_await counters_.run([&allowed, counted = keys_of(why, email_key, from)](cache::store& store) -> async::task<> {
    // A client that has had its share does not use up that of the others.
    allowed = co_await count(store, counted.one_client, most_mails_by_one_client);
    if (!allowed) co_return;
    allowed = co_await count(store, counted.all_clients, most_mails_by_all_clients);
    if (!allowed) co_await store.decrement(counted.one_client, mail_window);
  });
  if (!allowed) refused_(why, from);
  co_return allowed;
}

async::task<std::optional<std::chrono::seconds>> cached_mail_allowance::take_request(std::string network) {
  const auto site = client_site(network);
  auto wait = co_await take_request_of(network, most_requests_by_one_client);
  if (!wait && site != network) wait = co_await take_request_of(site, networks_of_a_site * most_requests_by_one_client);
  co_return wait;
}

async::task<std::optional<std::chrono::seconds>> cached_mail_allowance::take_request_of(std::string client, std::int64_t most) {
  using namespace std::chrono_literals;
  std::optional<std::chrono::seconds> wait;
  co_await counters_.run([&wait, most, key = fmt::format("{}{}", cache_keys::requests, client)](cache::store& store) -> async::task<> {
    wait.reset();
    const auto counted = co_await store.increment(key, request_window);
    if (counted <= most) co_return;
    const auto left = co_await store.time_left(key);
    wait = std::chrono::ceil<std::chrono::seconds>(left.value_or(1ms));
  });
  co_return wait;
}

async::task<> cached_mail_allowance::give_back(mail_cause why, std::string email_key, origin from) {
  co_await counters_.run([counted = keys_of(why, email_key, from)](cache::store& store) -> async::task<> {
    co_await store.decrement(counted.one_client, mail_window);
    co_await store.decrement(counted.all_clients, mail_window);
  });
}

}  // namespace micro_sayur::user_service
