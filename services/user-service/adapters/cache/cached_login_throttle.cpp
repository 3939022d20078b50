// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/cache/cached_login_throttle.hpp"

#include "platform/async/backoff.hpp"
#include "platform/async/runtime.hpp"
#include "user-service/adapters/cache/budgets.hpp"
#include "user-service/adapters/cache/client_limits.hpp"
#include "user-service/domain/throttling.hpp"

#include <fmt/core.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;

/// An instance that died leaves its turn behind for so long; more than an attempt takes whose three hashes (two forms of the password and a
/// new hash) each wait in a full queue: 128 before each, of 100 ms where a fifth of a core is all there is, make 39 s.
constexpr auto longest_turn = 60s;

/// Somebody else's turn in another instance is waited for so long.
constexpr auto turn_patience = 5s;

struct network_limit {
  std::string subject;
  std::int64_t free;  ///< failures without a delay
};

std::vector<network_limit> limits_of(const std::string& network) {
  std::vector<network_limit> limits;
  for (const auto& [client, networks] : client_limits(network))
    limits.push_back({fmt::format("{}{}", cache_keys::network, client), networks * (network_failures_free + 1) - 1});
  return limits;
}

/// By whom an attempt is counted.
std::string subject_of(const login_attempt& what) {
  if (what.device.empty()) return fmt::format("{}{}", cache_keys::account, what.account);
  return fmt::format("{}{} {}", cache_keys::device, what.device, what.account);
}

std::string failures_key(const std::string& subject) { return fmt::format("{}{}", cache_keys::failures, subject); }
std::string blocked_key(const std::string& subject) { return fmt::format("{}{}", cache_keys::blocked, subject); }
std::string watched_key(const std::string& subject) { return fmt::format("{}{}", cache_keys::watched, subject); }
std::string turn_key(const std::string& subject) { return fmt::format("{}{}", cache_keys::turn, subject); }

}  // namespace

async::task<std::variant<login_throttle::turn, login_throttle::refused>> cached_login_throttle::begin(login_attempt what) {
  const auto refuse = [](std::chrono::milliseconds wait) { return refused{std::chrono::ceil<std::chrono::seconds>(wait)}; };
  const bool is_stranger = what.device.empty();
  // First, so that a client that has to wait writes nothing.
  std::vector<std::shared_ptr<void>> network_places;
  if (is_stranger) {
    for (const auto& [network, free] : limits_of(what.network)) {
      // Else all that come together when a delay ends would pass before the first of them has failed.
      if (co_await counters_.local().time_left(watched_key(network))) {
        network_places.push_back(co_await turns_.take(network));
        if (!network_places.back()) co_return refuse(1s);
      }
      const auto wait = co_await time_blocked(network);
      if (wait > 0ms) co_return refuse(wait);
    }
    if (const auto wait = strangers_blocked(); wait > 0ms) co_return refuse(wait);
  }
  const auto subject = subject_of(what);
  auto place = co_await turns_.take(subject);
  if (!place) co_return refuse(1s);
  const auto before = co_await time_blocked(subject);
  if (before > 0ms) co_return refuse(before);
  auto owner = ids_.next().to_string();
  const bool taken = co_await take_turn(subject, owner);
  if (!taken) co_return refuse(1s);
  // Whose turn it was in another instance may have begun a delay.
  const auto wait = co_await time_blocked(subject);
  if (wait > 0ms) {
    co_await end_turn(subject, std::move(owner));
    co_return refuse(wait);
  }
  co_return turn{std::move(what), std::move(place), std::move(network_places), std::move(owner)};
}

async::task<std::chrono::seconds> cached_login_throttle::settle(turn which, attempt_result result) {
  const auto subject = subject_of(which.of);
  auto wait = 0s;
  if (result == attempt_result::succeeded) co_await forget(subject);
  if (result == attempt_result::failed) {
    wait = co_await count_failure(subject, account_failures_free);
    if (which.of.device.empty())
      for (const auto& [network, free] : limits_of(which.of.network))
        wait = std::max(wait, co_await count_failure_of_network(network, free));
  }
  co_await end_turn(subject, std::move(which.owner));
  co_return wait;
}

async::task<> cached_login_throttle::clear(std::string account) { co_await forget(subject_of({.account = std::move(account)})); }

async::task<std::chrono::milliseconds> cached_login_throttle::time_blocked(std::string subject) {
  // What was counted while the shared cache was away still holds when it is back.
  auto left = (co_await counters_.local().time_left(blocked_key(subject))).value_or(0ms);
  co_await counters_.run([&left, subject](cache::store& store) -> async::task<> {
    left = std::max(left, (co_await store.time_left(blocked_key(subject))).value_or(0ms));
  });
  co_return left;
}

async::task<bool> cached_login_throttle::take_turn(std::string subject, std::string owner) {
  const auto deadline = std::chrono::steady_clock::now() + turn_patience;
  async::backoff look_again(2ms, 50ms);
  while (true) {
    bool taken = false;
    co_await counters_.run([&taken, subject, owner](cache::store& store) -> async::task<> {
      taken = co_await store.set_if_absent(turn_key(subject), owner, longest_turn);
    });
    if (taken) co_return true;
    if (std::chrono::steady_clock::now() >= deadline) co_return false;
    co_await async::sleep_for(look_again.next());
  }
}

async::task<> cached_login_throttle::end_turn(std::string subject, std::string owner) {
  co_await counters_.run(
      [subject, owner](cache::store& store) -> async::task<> { co_await store.remove_if_equal(turn_key(subject), owner); });
}

async::task<std::chrono::seconds> cached_login_throttle::count_failure(std::string subject, std::int64_t free) {
  auto delay = 0s;
  try {
    co_await counters_.run([&delay, subject, free](cache::store& store) -> async::task<> {
      delay = std::max(delay, delay_after(co_await store.increment(failures_key(subject), failure_window), free));
      if (delay > 0s) co_await store.set(blocked_key(subject), "1", delay);
    });
  } catch (const cache::unavailable&) {
    // Not even the local store has room for the delay, so it holds for every stranger.
    hold_strangers(delay);
  }
  co_return delay;
}

/// A network whose delays have begun is watched until its failures are forgotten. Without room for that its delays hold all the same.
async::task<std::chrono::seconds> cached_login_throttle::count_failure_of_network(std::string subject, std::int64_t free) {
  const auto delay = co_await count_failure(subject, free);
  if (delay == 0s) co_return delay;
  try {
    co_await counters_.local().set(watched_key(subject), "1", failure_window);
  } catch (const cache::unavailable&) {
  }
  co_return delay;
}

async::task<> cached_login_throttle::forget(std::string subject) {
  const auto remove = [subject](cache::store& store) -> async::task<> {
    co_await store.remove({failures_key(subject), blocked_key(subject)});
  };
  co_await remove(counters_.local());
  co_await counters_.run(remove);
}

/// A shorter delay does not end a longer one.
void cached_login_throttle::hold_strangers(std::chrono::seconds delay) {
  const auto until = clock_.steady_now() + delay;
  auto before = strangers_wait_until_.load();
  while (before < until && !strangers_wait_until_.compare_exchange_weak(before, until)) continue;
}

std::chrono::milliseconds cached_login_throttle::strangers_blocked() const {
  const auto left = strangers_wait_until_.load() - clock_.steady_now();
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(left), 0ms);
}

}  // namespace micro_sayur::user_service
