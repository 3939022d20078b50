// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/cache/cached_login_throttle.hpp"

#include "user-service/domain/throttling.hpp"

#include <charconv>

namespace micro_sayur::user_service {
namespace {

std::string account_subject(const std::string& account) { return "account:" + account; }
std::string address_subject(const std::string& address) { return "address:" + address; }
std::string count_key(const std::string& subject) { return "login-failures:" + subject; }
std::string block_key(const std::string& subject) { return "login-blocked:" + subject; }

std::optional<timestamp> to_timestamp(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  std::int64_t microseconds = 0;
  std::from_chars(text->data(), text->data() + text->size(), microseconds);
  return timestamp(std::chrono::microseconds(microseconds));
}

async::task<std::optional<std::string>> get_from_both(cache::store& shared, cache::store& local, std::string key) {
  // What was counted while the shared cache was away still holds when it is back.
  if (auto here = co_await local.get(key)) co_return here;
  try {
    co_return co_await shared.get(key);
  } catch (const cache::unavailable&) {
    co_return std::nullopt;
  }
}

async::task<> count_in(cache::store& store, const std::string& subject, std::int64_t free, timestamp now) {
  const auto failures = co_await store.increment(count_key(subject), failure_window);
  const auto delay = delay_after(failures, free);
  if (delay.count() == 0) co_return;
  const auto until = now + delay;
  co_await store.set(block_key(subject), std::to_string(until.time_since_epoch().count()), delay);
}

async::task<> clear_in(cache::store& store, std::string subject) {
  co_await store.remove(count_key(subject));
  co_await store.remove(block_key(subject));
}

}  // namespace

async::task<std::optional<std::chrono::seconds>> cached_login_throttle::wait_for(std::string account, std::string client_address) {
  const auto now = clock_.now();
  const auto of_account = co_await blocked_until(account_subject(account));
  const auto of_address = co_await blocked_until(address_subject(client_address));
  const auto until = std::max(of_account.value_or(now), of_address.value_or(now));
  if (until <= now) co_return std::nullopt;
  co_return std::chrono::ceil<std::chrono::seconds>(until - now);
}

async::task<> cached_login_throttle::failed(std::string account, std::string client_address) {
  co_await count_failure(account_subject(account), account_failures_free);
  co_await count_failure(address_subject(client_address), address_failures_free);
}

async::task<> cached_login_throttle::succeeded(std::string account) {
  const auto subject = account_subject(account);
  co_await clear_in(local_, subject);
  try {
    co_await clear_in(shared_, subject);
  } catch (const cache::unavailable&) {
    // what it holds expires by itself
  }
}

async::task<std::optional<timestamp>> cached_login_throttle::blocked_until(std::string subject) {
  co_return to_timestamp(co_await get_from_both(shared_, local_, block_key(subject)));
}

async::task<> cached_login_throttle::count_failure(std::string subject, std::int64_t free) {
  bool shared_counted = true;
  try {
    co_await count_in(shared_, subject, free, clock_.now());
  } catch (const cache::unavailable&) {
    shared_counted = false;
  }
  if (!shared_counted) co_await count_in(local_, subject, free, clock_.now());
}

}  // namespace micro_sayur::user_service
