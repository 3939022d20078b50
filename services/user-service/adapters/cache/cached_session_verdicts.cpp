// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/cache/cached_session_verdicts.hpp"

#include "contracts/session_verdict.hpp"
#include "platform/sql/error.hpp"
#include "user-service/domain/session.hpp"

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;

constexpr auto live_lifetime = 500ms;  // at each of the two levels
constexpr std::chrono::milliseconds ended_lifetime = access_token_lifetime + std::chrono::minutes(1);
constexpr std::size_t most_entries = 50'000;

std::string key_of(const uuid& id) { return session_verdict::key_of(id.to_string()); }

}  // namespace

async::task<bool> cached_session_verdicts::is_live(uuid session_id) {
  if (const auto known = recall(session_id)) co_return *known;
  const auto key = key_of(session_id);
  const auto shared = co_await ask_shared(key);
  if (shared.live) {
    remember(session_id, *shared.live);
    co_return *shared.live;
  }
  const auto ask = [this, session_id](consistency wanted) { return sessions_.is_live(session_id, wanted); };
  const bool live = co_await ask_store<bool>(session_id, shared, ask);
  remember(session_id, live);
  co_await tell_shared(key, live);
  co_return live;
}

async::task<std::optional<account>> cached_session_verdicts::find_owner(uuid session_id) {
  if (recall(session_id) == false) co_return std::nullopt;
  const auto ask = [this, session_id](consistency wanted) { return sessions_.find_owner(session_id, wanted); };
  auto owner = co_await ask_store<std::optional<account>>(session_id, std::nullopt, ask);
  remember(session_id, owner.has_value());
  co_return owner;
}

template <typename T>
async::task<T> cached_session_verdicts::ask_store(uuid session_id, std::optional<shared_answer> shared,
                                                  std::function<async::task<T>(consistency)> ask) {
  std::exception_ptr away;
  try {
    co_return co_await ask(consistency::strong());
  } catch (const sql::unavailable&) {
    away = std::current_exception();
  }
  if (!shared) shared = co_await ask_shared(key_of(session_id));
  if (shared->live == false) co_return T();
  const auto wanted = co_await consistency_for_(session_id);
  if (!shared->is_there || !wanted.allows_replica()) std::rethrow_exception(away);
  co_return co_await ask(wanted);
}

async::task<> cached_session_verdicts::forget(std::vector<uuid> session_ids) {
  for (const auto& id : session_ids) remember(id, false);
  for (const auto& id : session_ids) co_await tell_shared(key_of(id), false);
}

std::optional<bool> cached_session_verdicts::recall(const uuid& id) {
  const auto now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.expires <= now) return std::nullopt;
  return found->second.live;
}

void cached_session_verdicts::remember(const uuid& id, bool live) {
  const auto now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= most_entries) entries_.clear();
  auto& slot = entries_[id];
  const bool ended_is_known = slot.expires > now && !slot.live;
  if (live && ended_is_known) return;  // an answer that was under way while the session ended
  slot = {live, now + (live ? std::chrono::milliseconds(live_lifetime) : ended_lifetime)};
}

async::task<cached_session_verdicts::shared_answer> cached_session_verdicts::ask_shared(std::string key) {
  try {
    const auto word = co_await shared_.get(std::move(key));
    if (!word) co_return shared_answer{true, std::nullopt};
    co_return shared_answer{true, *word == session_verdict::live};
  } catch (const cache::unavailable&) {
    // the store answers instead
  }
  co_return shared_answer{false, std::nullopt};
}

async::task<> cached_session_verdicts::tell_shared(std::string key, bool live) {
  try {
    // An answer that was under way while the session ended must not hide the end.
    if (live)
      co_await shared_.set_if_absent(std::move(key), std::string(session_verdict::live), live_lifetime);
    else
      co_await shared_.set(std::move(key), std::string(session_verdict::ended), ended_lifetime);
  } catch (const cache::unavailable&) {
    // nothing depends on it: what the cache says otherwise expires within the bound
  }
}

}  // namespace micro_sayur::user_service
