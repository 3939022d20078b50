// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/cache/cached_mail_allowance.hpp"

#include "user-service/adapters/cache/budgets.hpp"
#include "user-service/adapters/cache/client_limits.hpp"
#include "user-service/domain/mail_limits.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace micro_sayur::user_service {
namespace {

struct counter {
  std::string key;
  std::int64_t most;
};

/// From the narrowest to the widest: whoever has had its share does not use up that of others.
std::vector<counter> counters_of(mail_cause why, const std::string& email_key, const std::string& network) {
  const auto all = fmt::format("{}{}:{}", cache_keys::mails, to_string(why), email_key);
  const auto by = [&all](const std::string& client) { return fmt::format("{} {}", all, client); };  // an address has no space in it
  std::vector<counter> counters{{by(network), most_mails_by_one_client}};
  if (const auto home = wider_network(network, home_prefix); home != network) {
    counters.push_back({by(home), most_mails_by_a_home});
    counters.push_back({by(client_site(network)), most_mails_by_a_site});
  }
  counters.push_back({all, most_mails_by_all_clients});
  return counters;
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
  co_await counters_.run([&allowed, counters = counters_of(why, email_key, from.network)](cache::store& store) -> async::task<> {
    allowed = true;
    std::size_t counted = 0;
    for (; allowed && counted < counters.size(); ++counted) allowed = co_await count(store, counters[counted].key, counters[counted].most);
    if (allowed) co_return;
    for (std::size_t i = 0; i + 1 < counted; ++i) co_await store.decrement(counters[i].key, mail_window);
  });
  if (!allowed) refused_(why, from);
  co_return allowed;
}

async::task<std::optional<std::chrono::seconds>> cached_mail_allowance::take_request(std::string network) {
  std::optional<std::chrono::seconds> wait;
  for (const auto& [client, networks] : client_limits(network))
    if (!wait) wait = co_await take_request_of(client, networks * most_requests_by_one_client);
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
  co_await counters_.run([counters = counters_of(why, email_key, from.network)](cache::store& store) -> async::task<> {
    for (const auto& each : counters) co_await store.decrement(each.key, mail_window);
  });
}

}  // namespace micro_sayur::user_service
