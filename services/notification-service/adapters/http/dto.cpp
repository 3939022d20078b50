// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/http/dto.hpp"

namespace micro_sayur::notification_service::dto {
namespace {

std::optional<std::string> unless_empty(const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); }

attempt to_attempt(const notification_service::attempt& from) {
  return {.number = from.number,
          .started_at = from.started_at,
          .ended_at = from.ended_at,
          .outcome = unless_empty(from.outcome),
          .detail = unless_empty(from.detail)};
}

template <typename Answer>
Answer filled(const notification_service::notification& from) {
  Answer out{};
  out.id = from.id;
  out.kind = to_string(from.kind);
  out.user_id = from.user_id;
  out.recipient = unless_empty(from.recipient);
  out.locale = to_string(from.language);
  out.status = to_string(from.status);
  out.attempt_count = from.attempts;
  out.content_erased = !from.values.has_value();
  out.created_at = from.created_at;
  out.request_id = unless_empty(from.request_id);
  out.traceparent = unless_empty(from.traceparent);
  return out;
}

}  // namespace

notification to_notification(const notification_service::notification& from) { return filled<notification>(from); }

notification_details to_details(const notification_history& from) {
  auto out = filled<notification_details>(from.what);
  for (const auto& each : from.attempts) out.attempts.push_back(to_attempt(each));
  return out;
}

}  // namespace micro_sayur::notification_service::dto
