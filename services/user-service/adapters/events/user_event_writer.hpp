// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/events/payload_seal.hpp"
#include "platform/sql/database.hpp"
#include "user-service/domain/user_event.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace micro_sayur::user_service {

inline constexpr std::string_view event_source = "/user-service";

/// Events as rows of the outbox. Thread-safe.
class user_event_writer {
 public:
  /// `seal` must outlive it. `committed` is called after each commit that left events in the outbox.
  user_event_writer(const events::payload_seal& seal, std::function<void()> committed) : seal_(seal), committed_(std::move(committed)) {}

  /// The event as contracts/<type>.schema.json describes it, for the transaction of what happened. Its data is sealed, but for a deletion:
  /// that names nobody, and others are to hear of it even when the secret is lost.
  sql::call write(const user_event& event, std::int64_t sequence) const;

  void committed() const { committed_(); }

 private:
  const events::payload_seal& seal_;
  std::function<void()> committed_;
};

}  // namespace micro_sayur::user_service
