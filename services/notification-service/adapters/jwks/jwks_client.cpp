// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/jwks/jwks_client.hpp"

#include "platform/async/offload_pool.hpp"
#include "platform/async/runtime.hpp"
#include "platform/http/problem.hpp"

#include <mutex>
#include <optional>
#include <vector>

namespace micro_sayur::notification_service {
namespace {

using key_set = std::shared_ptr<const crypto::jwk_set>;
using waiter = async::one_shot<key_set>;
using time_point = std::chrono::steady_clock::time_point;

constexpr std::size_t most_waiting = 1000;

http::problem_error no_keys(std::chrono::steady_clock::duration retry_after) {
  return http::problem_error({.type = problems::unavailable,
                              .detail = "The keys that access tokens are signed with cannot be had now.",
                              .retry_after = std::chrono::ceil<std::chrono::seconds>(retry_after)});
}

key_set parse(const std::string& document) {
  auto parsed = crypto::jwk_set::from_json(document);
  if (!parsed) throw std::runtime_error(parsed.error());
  if (parsed->keys().empty()) throw std::runtime_error("the set holds no key for ES256");
  return std::make_shared<const crypto::jwk_set>(std::move(*parsed));
}

}  // namespace

/// Outlives the client while a fetch is on its way.
struct jwks_client::state : std::enable_shared_from_this<state> {
  state(jwks_settings with_, document_fetcher fetch_, const clock_source& clock_, fetch_failure_handler on_failure_)
      : with(std::move(with_)), fetch(std::move(fetch_)), clock(clock_), on_failure(std::move(on_failure_)), thread(1, 1) {}

  /// The keys that may be used without a fetch; null: none.
  key_set usable(time_point now, bool refresh) const {
    const bool may_fetch = !asked_at || now - *asked_at >= with.between_fetches;
    const bool fresh = known && now - known_at < with.cached;
    if (fresh && !(refresh && may_fetch)) return known;
    if (!may_fetch && !fetching) return last_resort(now);
    return nullptr;
  }

  key_set last_resort(time_point now) const { return known && now - known_at < with.longest_outage ? known : nullptr; }

  async::task<> run_fetch() {
    key_set found;
    try {
      found = co_await thread.run([fetch = fetch, url = with.url] { return parse(fetch(url)); });
    } catch (const std::exception& fault) {
      on_failure(fault.what());
    }
    settle(std::move(found));
  }

  void settle(key_set found) {
    std::vector<waiter> answered;
    key_set answer;
    {
      const std::lock_guard lock(mutex);
      fetching = false;
      if (found) {
        known = std::move(found);
        known_at = clock.steady_now();
      }
      answer = last_resort(clock.steady_now());
      answered.swap(waiting);
    }
    for (const auto& each : answered) {
      if (answer)
        each.set_value(answer);
      else
        each.set_error(std::make_exception_ptr(no_keys(with.between_fetches)));
    }
  }

  const jwks_settings with;
  const document_fetcher fetch;
  const clock_source& clock;
  const fetch_failure_handler on_failure;
  std::mutex mutex;
  key_set known;
  time_point known_at;
  std::optional<time_point> asked_at;
  bool fetching = false;
  std::vector<waiter> waiting;
  async::offload_pool thread;
};

jwks_client::jwks_client(jwks_settings with, document_fetcher fetch, const clock_source& clock, fetch_failure_handler on_failure)
    : state_(std::make_shared<state>(std::move(with), std::move(fetch), clock, std::move(on_failure))) {}

jwks_client::~jwks_client() = default;

async::task<std::shared_ptr<const crypto::jwk_set>> jwks_client::keys(bool refresh) {
  const auto here = co_await boost::asio::this_coro::executor;
  const auto held = state_;
  const waiter mine(here);
  bool starts = false;
  {
    const std::lock_guard lock(held->mutex);
    const auto now = held->clock.steady_now();
    if (auto ready = held->usable(now, refresh)) co_return ready;
    const bool just_failed = !held->fetching && held->asked_at && now - *held->asked_at < held->with.between_fetches;
    if (just_failed) throw no_keys(held->with.between_fetches);
    if (held->waiting.size() >= most_waiting) throw async::overloaded("too many requests wait for keys");
    held->waiting.push_back(mine);
    starts = !std::exchange(held->fetching, true);
    if (starts) held->asked_at = now;
  }
  if (starts) async::spawn(here, "JWKS fetch", [held] { return held->run_fetch(); });
  co_return co_await mine.wait();
}

}  // namespace micro_sayur::notification_service
