// SPDX-License-Identifier: Apache-2.0
#include "user-service/tests/memory_stores.hpp"

#include <algorithm>

namespace micro_sayur::user_service::test {

async::task<std::optional<account>> memory_stores::find(uuid id) {
  const auto found = accounts.find(id);
  co_return found == accounts.end() ? std::nullopt : std::optional(found->second);
}

async::task<std::optional<account>> memory_stores::find_by_email(std::string email_key) {
  for (const auto& [id, each] : accounts)
    if (each.email_key == email_key) co_return each;
  co_return std::nullopt;
}

async::task<bool> memory_stores::save_profile(account changed, std::int64_t expected, timestamp now) {
  const auto found = accounts.find(changed.id);
  if (found == accounts.end() || found->second.version != expected) co_return false;
  auto& kept = found->second;
  kept.name = std::move(changed.name);
  kept.locale = std::move(changed.locale);
  kept.phone = std::move(changed.phone);
  kept.address = std::move(changed.address);
  kept.lat = changed.lat;
  kept.lng = changed.lng;
  kept.version = expected + 1;
  kept.updated_at = now;
  co_return true;
}

async::task<> memory_stores::replace_hash(uuid id, std::string old_hash, std::string new_hash) {
  const auto found = accounts.find(id);
  if (found != accounts.end() && found->second.password_hash == old_hash) found->second.password_hash = std::move(new_hash);
  co_return;
}

async::task<bool> memory_stores::add(account what, user_event registered) {
  if (co_await find_by_email(what.email_key)) co_return false;
  accounts.emplace(what.id, what);
  events.push_back(std::move(registered));
  co_return true;
}

async::task<bool> memory_stores::erase(uuid id, timestamp, user_event deleted) {
  if (accounts.erase(id) == 0) co_return false;
  end_sessions(id);
  std::erase_if(tokens, [&](const auto& each) { return each.second.of.account_id == id; });
  forget(id);
  events.push_back(std::move(deleted));
  co_return true;
}

async::task<bool> memory_stores::save_roles(uuid id, std::int64_t expected, std::vector<std::string> roles, bool ends_sessions,
                                            timestamp now) {
  const auto found = accounts.find(id);
  if (found == accounts.end() || found->second.version != expected) co_return false;
  found->second.roles = std::move(roles);
  ++found->second.version;
  if (ends_sessions) {
    ++found->second.credential_version;
    end_sessions(id);
  }
  found->second.updated_at = now;
  co_return true;
}

async::task<bool> memory_stores::set_status(uuid id, account_status wanted, timestamp now) {
  const auto found = accounts.find(id);
  if (found == accounts.end() || found->second.status == wanted) co_return false;
  found->second.status = wanted;
  found->second.updated_at = now;
  ++found->second.version;
  ++found->second.credential_version;
  if (wanted != account_status::active) end_sessions(id);
  co_return true;
}

claim_outcome memory_stores::take(const std::optional<idempotency_claim>& claim) {
  if (!claim) return claim_outcome::done;
  if (running.contains({claim->route, claim->key})) return claim_outcome::running;
  const std::pair key(claim->route, claim->key);
  const auto earlier = answered_at.find(key);
  if (earlier != answered_at.end() && earlier->second + idempotency_lifetime > clock_.now()) return claim_outcome::repeated;
  answered_at[key] = clock_.now();
  answers[key] = {claim->fingerprint, claim->status, claim->body};
  return claim_outcome::done;
}

async::task<claim_outcome> memory_stores::add(registration what, token_digest token, std::chrono::seconds lifetime,
                                              std::optional<user_event> event, std::optional<idempotency_claim> claim) {
  const auto outcome = take(claim);
  if (outcome != claim_outcome::done) co_return outcome;
  registrations.push_back({std::move(what), token, clock_.now() + lifetime});
  if (event) events.push_back(std::move(*event));
  co_return outcome;
}

async::task<claim_outcome> memory_stores::add_attempt(uuid, std::optional<user_event> event, std::optional<idempotency_claim> claim) {
  const auto outcome = take(claim);
  if (outcome == claim_outcome::done && event) events.push_back(std::move(*event));
  co_return outcome;
}

async::task<std::optional<registration>> memory_stores::find_by_token(token_digest token) {
  const auto found = std::ranges::find(registrations, token, &pending::token);
  if (found == registrations.end() || found->expires_at <= clock_.now()) co_return std::nullopt;
  co_return found->what;
}

async::task<std::optional<account>> memory_stores::confirm(token_digest token, timestamp now, uuid event_id, origin from) {
  const auto found = std::ranges::find(registrations, token, &pending::token);
  if (found == registrations.end() || found->expires_at <= clock_.now()) co_return std::nullopt;
  const auto waiting = found->what;
  if (co_await find_by_email(waiting.email_key)) co_return std::nullopt;
  drop_registrations_like(waiting);
  const account made{.id = waiting.id,
                     .email = waiting.email,
                     .email_key = waiting.email_key,
                     .name = waiting.name,
                     .locale = waiting.locale,
                     .password_hash = waiting.password_hash,
                     .roles = {"customer"},
                     .created_at = now,
                     .updated_at = now};
  accounts.emplace(made.id, made);
  events.push_back({.id = event_id, .kind = user_event_kind::registered, .user_id = made.id, .time = now, .from = std::move(from)});
  co_return made;
}

async::task<std::optional<registration>> memory_stores::find_waiting(std::string email_key, std::string password_hash) {
  for (auto each = registrations.rbegin(); each != registrations.rend(); ++each)
    if (each->what.email_key == email_key && each->what.password_hash == password_hash && each->expires_at > clock_.now())
      co_return each->what;
  co_return std::nullopt;
}

async::task<std::optional<registration>> memory_stores::find_registration(uuid id) {
  for (const auto& each : registrations)
    if (each.what.id == id && each.expires_at > clock_.now()) co_return each.what;
  co_return std::nullopt;
}

async::task<std::optional<idempotency_record>> memory_stores::find(std::string route, std::string key) {
  const auto found = answers.find({route, key});
  const bool expired = found != answers.end() && answered_at[{route, key}] + idempotency_lifetime <= clock_.now();
  co_return found == answers.end() || expired ? std::nullopt : std::optional(found->second);
}

}  // namespace micro_sayur::user_service::test
