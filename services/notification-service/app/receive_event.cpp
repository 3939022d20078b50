// SPDX-License-Identifier: Apache-2.0
#include "notification-service/app/receive_event.hpp"

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;

// A notification that gets a place while it is stored spares the commits of being claimed later; the queue keeps its event meanwhile.
constexpr auto longest_wait_for_place = 1s;

/// Sorts by when the event happened; what makes it unique is the event's.
uuid id_of_notification(const incoming_event& about) { return uuid::version_7(about.time, std::span(about.key.id.bytes).last<10>()); }

notification make_notification(notification_kind kind, incoming_event from, timestamp now, bool at_once) {
  return {.id = id_of_notification(from),
          .kind = kind,
          .user_id = from.user_id,
          .recipient = std::move(from.recipient),
          .language = from.language,
          .values = std::move(from.values),
          .status = at_once ? notification_status::sending : notification_status::pending,
          .attempts = at_once ? 1 : 0,
          .failures = 0,
          .created_at = now,
          .request_id = std::move(from.request_id),
          .traceparent = std::move(from.traceparent),
          .caused_at = from.time};
}

}  // namespace

async::task<receive_outcome> receive_event::operator()(incoming_event event) {
  if (event.user_deleted) co_return co_await store_.forget_user(std::move(event.key), event.user_id, clock_.now());
  if (!event.kind) co_return co_await store_.receive(std::move(event.key), std::nullopt, {});
  auto place = co_await deliveries_.take_place(clock_.steady_now() + longest_wait_for_place);
  const auto now = clock_.now();
  const auto key = event.key;
  const auto kind = *event.kind;
  const auto made = make_notification(kind, std::move(event), now, place != nullptr);
  const auto outcome = co_await store_.receive(key, made, deliveries_.lease());
  if (outcome == receive_outcome::stored && place) deliveries_.deliver(made, std::move(place));
  co_return outcome;
}

}  // namespace micro_sayur::notification_service
