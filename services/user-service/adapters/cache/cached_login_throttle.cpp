// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/cache/cached_login_throttle.hpp"

#include "user-service/adapters/cache/client_network.hpp"
#include "user-service/domain/throttling.hpp"

#include <algorithm>
#include <charconv>

namespace micro_sayur::user_service {
namespace {

std::string account_subject(const std::string& account) { return "account:" + account; }
std::string address_subject(const std::string& address) { return "address:" + client_network(address); }

/// Attempts of the window that failed or have not ended.
std::string count_key(const std::string& subject) { return "login-failures:" + subject; }
/// Until when attempts are refused, in microseconds since 1970.
std::string block_key(const std::string& subject) { return "login-blocked:" + subject; }
/// Beyond the free failures one attempt a delay has its turn: whoever counts 1 here.
std::string turn_key(const std::string& subject) { return "login-turn:" + subject; }

std::int64_t to_number(const std::optional<std::string>& text) {
  std::int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

async::task<std::optional<std::chrono::seconds>> cached_login_throttle::begin(std::string account, std::string client_address) {
  // What was counted while the shared cache was away still holds when it is back.
  for (const auto& subject : {account_subject(account), address_subject(client_address)})
    if (const auto wait = co_await blocked(counters_.local(), subject)) co_return wait;
  if (const auto wait = co_await reserve(account_subject(account), account_failures_free)) co_return wait;
  const auto wait = co_await reserve(address_subject(client_address), address_failures_free);
  if (wait) co_await give_back(account_subject(account));
  co_return wait;
}

async::task<> cached_login_throttle::failed(std::string account, std::string client_address) {
  co_await begin_delay(account_subject(account), account_failures_free);
  co_await begin_delay(address_subject(client_address), address_failures_free);
}

async::task<> cached_login_throttle::succeeded(std::string account, std::string client_address) {
  // A block had ended when this attempt was let in.
  const auto forget = [subject = account_subject(account)](cache::store& store) -> async::task<> {
    co_await store.remove({count_key(subject), turn_key(subject)});
  };
  co_await forget(counters_.local());
  co_await counters_.run(forget);
  co_await counters_.run([of = address_subject(client_address)](cache::store& store) -> async::task<> {
    co_await store.decrement(count_key(of), failure_window);
  });
}

async::task<> cached_login_throttle::abandoned(std::string account, std::string client_address) {
  co_await give_back(account_subject(account));
  co_await give_back(address_subject(client_address));
}

async::task<std::optional<std::chrono::seconds>> cached_login_throttle::blocked(cache::store& store, std::string subject) {
  const auto now = clock_.now();
  const timestamp end{std::chrono::microseconds(to_number(co_await store.get(block_key(subject))))};
  if (end <= now) co_return std::nullopt;
  co_return std::chrono::ceil<std::chrono::seconds>(end - now);
}

async::task<std::optional<std::chrono::seconds>> cached_login_throttle::reserve(std::string subject, std::int64_t free) {
  std::optional<std::chrono::seconds> wait;
  co_await counters_.run([this, &wait, subject, free](cache::store& store) -> async::task<> {
    const auto attempts = co_await store.increment(count_key(subject), failure_window);
    const auto delay = delay_after(attempts, free);
    wait.reset();                       // of a first try, which the shared store broke off
    if (delay.count() == 0) co_return;  // a block ends, at the latest, with the window whose failures made it
    wait = co_await blocked(store, subject);
    if (!wait && co_await store.increment(turn_key(subject), delay) == 1) co_return;
    if (!wait) wait = delay;
    co_await store.decrement(count_key(subject), failure_window);
  });
  co_return wait;
}

async::task<> cached_login_throttle::begin_delay(std::string subject, std::int64_t free) {
  const auto now = clock_.now();
  co_await counters_.run([subject, free, now](cache::store& store) -> async::task<> {
    const auto delay = delay_after(to_number(co_await store.get(count_key(subject))), free);
    if (delay.count() == 0) co_return;
    co_await store.set(block_key(subject), std::to_string((now + delay).time_since_epoch().count()), delay);
  });
}

async::task<> cached_login_throttle::give_back(std::string subject) {
  co_await counters_.run([subject](cache::store& store) -> async::task<> {
    co_await store.decrement(count_key(subject), failure_window);
    co_await store.remove({turn_key(subject)});
  });
}

}  // namespace micro_sayur::user_service
