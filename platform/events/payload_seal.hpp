// SPDX-License-Identifier: Apache-2.0
// What lies in the outbox of an event's data: sealed under a secret that is not in the database, and bound to the event's id; or plain.
#pragma once

#include "platform/base/system.hpp"
#include "platform/sql/value.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::events {

/// Thread-safe.
class payload_seal {
 public:
  /// Secrets of 32 bytes for a purpose: first the one to seal with, then those by which older payloads are opened still. Thread-safe.
  using secrets = std::function<std::vector<std::string>(std::string_view purpose)>;

  /// `random` must outlive it.
  payload_seal(secrets derive, random_source& random) : derive_(std::move(derive)), random_(random) {}

  sql::bytes seal(const uuid& event_id, std::string_view data) const;

  /// For data that says nothing about anybody: it needs no secret, now or later.
  static sql::bytes leave_plain(std::string_view data);

  /// nullopt: the secret is gone, or the payload is another event's or was changed.
  std::optional<std::string> open(const uuid& event_id, const sql::bytes& payload) const;

 private:
  secrets derive_;
  random_source& random_;
};

}  // namespace micro_sayur::events
