// SPDX-License-Identifier: Apache-2.0
// Sessions, requests for mails, and tokens that set passwords.
#include "user-service/tests/memory_stores.hpp"

#include "platform/sql/error.hpp"

#include <algorithm>

namespace micro_sayur::user_service::test {

async::task<bool> memory_stores::add(new_session what) {
  const auto owner = accounts.find(what.account_id);
  if (owner == accounts.end() || owner->second.status != account_status::active ||
      owner->second.credential_version != what.credential_version)
    co_return false;
  const auto now = clock_.now();
  const session opened{.id = what.id, .account_id = what.account_id, .expires_at = now + refresh_absolute_lifetime};
  tokens[what.refresh_token] = {opened, now + refresh_idle_lifetime, std::nullopt};
  co_return true;
}

async::task<std::optional<refresh_state>> memory_stores::rotate(token_digest presented, token_digest successor) {
  const auto now = clock_.now();
  const auto found = tokens.find(presented);
  if (found == tokens.end() || found->second.used_at || found->second.expires_at <= now || revoked.contains(found->second.of.id) ||
      !is_active(found->second.of.account_id))
    co_return std::nullopt;
  found->second.used_at = now;
  const auto of = found->second.of;
  tokens[successor] = {of, std::min(timestamp(now + refresh_idle_lifetime), of.expires_at), std::nullopt};
  co_return co_await find(successor);
}

async::task<std::optional<refresh_state>> memory_stores::find(token_digest refresh_token) {
  const auto found = tokens.find(refresh_token);
  if (found == tokens.end()) co_return std::nullopt;
  const auto& token = found->second;
  co_return refresh_state{token.of,      accounts.at(token.of.account_id), token.expires_at,
                          token.used_at, revoked.contains(token.of.id),    clock_.now()};
}

bool memory_stores::is_active(const uuid& account_id) const {
  const auto owner = accounts.find(account_id);
  return owner != accounts.end() && owner->second.status == account_status::active;
}

async::task<bool> memory_stores::is_live(uuid session_id, consistency wanted) {
  if (writer_away && !wanted.allows_replica()) throw sql::unavailable("the writer is away");
  const auto of = [&](const auto& each) { return each.second.of.id == session_id; };
  const auto found = std::ranges::find_if(tokens, of);
  co_return found != tokens.end() && !revoked.contains(session_id) && found->second.of.expires_at > clock_.now() &&
      is_active(found->second.of.account_id);
}

async::task<std::optional<account>> memory_stores::find_owner(uuid session_id, consistency wanted) {
  if (!co_await is_live(session_id, wanted)) co_return std::nullopt;
  for (const auto& [digest, each] : tokens)
    if (each.of.id == session_id) co_return accounts.at(each.of.account_id);
  co_return std::nullopt;
}

async::task<> memory_stores::revoke(uuid session_id) {
  revoked.insert(session_id);
  co_return;
}

async::task<bool> memory_stores::note_late(uuid session_id, token_digest token) {
  const auto now = clock_.now();
  const auto found = late.find(session_id);
  const bool another = found != late.end() && found->second.token != token && found->second.at > now - late_token_interval;
  if (another || revoked.contains(session_id)) co_return false;
  if (found == late.end() || found->second.token != token) late[session_id] = {token, now};
  co_return true;
}

async::task<> memory_stores::add(mail_request what) {
  std::optional<std::int64_t> last;
  for (const auto& [turn, each] : requests)
    if (each.from.network == what.from.network) last = turn;
  const auto turn = last ? *last + 1 : requests.empty() ? 0 : requests.front().first;
  const auto place = std::ranges::upper_bound(requests, turn, {}, [](const auto& each) { return each.first; });
  requests.emplace(place, turn, std::move(what));
  co_return;
}

bool memory_stores::issue(const mailed_token& wanted) {
  const auto until = clock_.now() + wanted.lifetime;
  if (wanted.event.kind == user_event_kind::password_reset_requested) {
    if (!is_active(wanted.owner_id)) return false;
    resets[wanted.token] = {wanted.owner_id, until};
    return true;
  }
  const auto waiting = std::ranges::find(registrations, wanted.owner_id, [](const pending& each) { return each.what.id; });
  if (waiting == registrations.end()) return false;
  waiting->token = wanted.token;
  waiting->expires_at = until;
  return true;
}

async::task<std::vector<uuid>> memory_stores::settle(std::size_t most, decision decide) {
  const auto end = requests.begin() + static_cast<std::ptrdiff_t>(std::min(most, requests.size()));
  const std::vector next(requests.begin(), end);
  std::vector<uuid> ids;
  std::vector<mailed_token> wanted;
  for (int runs = std::exchange(lost_settlements, 0) + 1; runs > 0; --runs) {
    wanted.clear();
    for (const auto& [turn, each] : next)
      if (auto one = co_await decide(each)) wanted.push_back(std::move(*one));
  }
  if (settling_fails && !settled_all_the_same) throw std::runtime_error("the commit got no answer");
  for (const auto& [turn, each] : next) ids.push_back(each.id);
  requests.erase(requests.begin(), requests.begin() + std::ssize(next));
  for (auto& each : wanted)
    if (issue(each)) events.push_back(std::move(each.event));
  if (settling_fails) throw std::runtime_error("the commit got no answer");
  co_return ids;
}

async::task<std::int64_t> memory_stores::count_waiting(std::int64_t most) { co_return std::min(most, std::ssize(requests)); }

std::vector<uuid> memory_stores::end_sessions(const uuid& account_id) {
  std::vector<uuid> ended;
  for (const auto& [digest, each] : tokens)
    if (each.of.account_id == account_id && revoked.insert(each.of.id).second) ended.push_back(each.of.id);
  std::erase_if(resets, [&](const auto& each) { return each.second.account_id == account_id; });
  return ended;
}

async::task<std::optional<account>> memory_stores::find_account(token_digest token) {
  const auto found = resets.find(token);
  if (found == resets.end() || found->second.expires_at <= clock_.now() || !is_active(found->second.account_id)) co_return std::nullopt;
  co_return accounts.at(found->second.account_id);
}

async::task<std::optional<std::vector<uuid>>> memory_stores::use(token_digest token, std::string password_hash, timestamp,
                                                                 user_event event) {
  const auto owner = co_await find_account(token);
  if (!owner) co_return std::nullopt;
  auto& kept = accounts.at(owner->id);
  kept.password_hash = std::move(password_hash);
  ++kept.version;
  ++kept.credential_version;
  events.push_back(std::move(event));
  co_return end_sessions(owner->id);
}

std::int64_t memory_stores::count(std::string_view statement) const {
  if (statement == "count_registrations") return std::ssize(registrations);
  if (statement == "count_events") return std::ssize(events);
  if (statement == "count_requests") return std::ssize(requests);
  if (statement == "count_tokens") return std::ssize(resets);
  if (statement == "count_mails") return std::ranges::count(events, user_event_kind::password_reset_requested, &user_event::kind);
  if (statement == "count_personal_data") return std::ssize(accounts);
  if (statement != "count_live_sessions") throw std::logic_error("nothing stands for " + std::string(statement));
  std::set<uuid> live;
  for (const auto& [token, each] : tokens)
    if (!revoked.contains(each.of.id)) live.insert(each.of.id);
  return std::ssize(live);
}

}  // namespace micro_sayur::user_service::test
