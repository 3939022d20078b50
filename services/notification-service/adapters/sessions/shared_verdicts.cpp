// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/sessions/shared_verdicts.hpp"

#include "contracts/session_verdict.hpp"

#include <optional>

namespace micro_sayur::notification_service {
namespace {

async::task<std::optional<bool>> noted(cache::store& in, std::string key) {
  try {
    const auto word = co_await in.get(std::move(key));
    if (word == session_verdict::live) co_return true;
    if (word == session_verdict::ended) co_return false;
  } catch (const cache::unavailable&) {
    // the cache is never the record: who keeps the sessions is asked
  }
  co_return std::nullopt;
}

}  // namespace

session_check shared_verdicts(cache::store& shared, session_check otherwise) {
  return [&shared, otherwise = std::move(otherwise)](const http::request& from,
                                                     const crypto::access_token_claims& claims) -> async::task<bool> {
    if (const auto known = co_await noted(shared, session_verdict::key_of(claims.session.to_string()))) co_return *known;
    co_return co_await otherwise(from, claims);
  };
}

}  // namespace micro_sayur::notification_service
