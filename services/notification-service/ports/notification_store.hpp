// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/domain/mail.hpp"
#include "notification-service/domain/notification.hpp"
#include "platform/async/task.hpp"
#include "platform/base/consistency.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace micro_sayur::notification_service {

/// By what an event is known when it arrives again.
struct event_key {
  std::string source;
  uuid id;
  std::string type;
};

enum class receive_outcome {
  stored,
  duplicate,
  forgotten,  ///< noted, but nothing came of it: the user was deleted
};

/// The end of an attempt.
struct attempt_result {
  uuid id;
  std::int64_t number;
  timestamp ended_at;
  delivery_outcome outcome;
  notification_status status;                            ///< of the notification from now on
  std::int64_t failures = 0;                             ///< likewise
  std::optional<std::chrono::microseconds> retry_after;  ///< when `status` is pending
};

struct notification_filter {
  std::optional<std::string> recipient;  ///< an address in any spelling
  std::optional<notification_status> status;
  std::optional<uuid> before;  ///< older than this one
  std::int64_t limit = 50;
  consistency wanted = {};
};

struct notification_history {
  notification what;
  std::vector<attempt> attempts;
};

enum class retry_outcome { done, not_found, not_failed, withheld, erased };

/// Due times and leases are counted by the store's clock, so that instances whose machines disagree share the work. Every change is one
/// transaction. Throws as platform/sql/error.hpp. Callable from every io thread.
class notification_store {
 public:
  virtual ~notification_store() = default;

  /// Notes the event and, with it, what it brings about; a `sending` one has its first attempt begun and is left alone by
  /// `claim` for `lease`. Nothing is stored about a user whom `forget_user` has erased.
  virtual async::task<receive_outcome> receive(event_key event, std::optional<notification> what, std::chrono::microseconds lease) = 0;

  /// Notes the event and, with it, erases who the notifications of the user went to and what they said. What is not sent never will be:
  /// it has failed. So do notifications to the same address about registrations that were made before the event, under other ids. Events
  /// about the user that come later bring nothing about.
  virtual async::task<receive_outcome> forget_user(event_key event, uuid user_id, timestamp now) = 0;

  /// Begins an attempt of each of at most `limit` notifications that are due, and of those whose attempt has lost its lease:
  /// that one counts as a failure.
  virtual async::task<std::vector<notification>> claim(std::chrono::microseconds lease, std::int64_t limit) = 0;

  /// `sent` always holds and erases the values; anything else is dropped when a later attempt has begun. An outcome whose detail cannot be
  /// stored is stored without it.
  virtual async::task<> finish(attempt_result result) = 0;

  /// Newest first.
  virtual async::task<std::vector<notification>> list(notification_filter filter) = 0;
  virtual async::task<std::optional<notification_history>> find(uuid id, consistency wanted = {}) = 0;

  /// For how long the notification has waited that is due for longest; 0 when nothing waits.
  virtual async::task<std::chrono::seconds> longest_overdue() = 0;

  /// A failed notification is due again at once, with its failures forgotten.
  virtual async::task<retry_outcome> retry(uuid id) = 0;

  /// Those of `ids` that are withheld are due at once, and are not withheld again. How many those were.
  virtual async::task<std::int64_t> release(std::vector<uuid> ids) = 0;
};

}  // namespace micro_sayur::notification_service
