// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/events/user_event_writer.hpp"

#include "platform/events/outbox.hpp"
#include "platform/json/encode.hpp"

#include <boost/describe/class.hpp>

#include <utility>

namespace micro_sayur::user_service {
namespace {

struct registered {
  std::string user_id, email, name, locale;
  timestamp registered_at;
};
BOOST_DESCRIBE_STRUCT(registered, (), (user_id, email, name, locale, registered_at))

struct link_requested {
  std::string user_id, email, name, locale, link;
  timestamp expires_at;
  timestamp requested_at;
  std::string network;
};
BOOST_DESCRIBE_STRUCT(link_requested, (), (user_id, email, name, locale, link, expires_at, requested_at, network))

struct password_changed {
  std::string user_id, email, name, locale;
  timestamp changed_at;
};
BOOST_DESCRIBE_STRUCT(password_changed, (), (user_id, email, name, locale, changed_at))

struct registration_attempted {
  std::string user_id, email, name, locale;
  timestamp attempted_at;
};
BOOST_DESCRIBE_STRUCT(registration_attempted, (), (user_id, email, name, locale, attempted_at))

struct deleted {
  std::string user_id;
  timestamp deleted_at;
};
BOOST_DESCRIBE_STRUCT(deleted, (), (user_id, deleted_at))

template <typename Data>
std::string notice(const user_event& event) {
  return json::encode(Data{event.user_id.to_string(), event.email, event.name, event.locale, event.time});
}

std::string link_data(const user_event& event) {
  return json::encode(link_requested{event.user_id.to_string(), event.email, event.name, event.locale, event.link, event.expires_at,
                                     event.time, event.from.network});
}

struct type_and_data {
  std::string type;
  std::string data;
};

type_and_data describe(const user_event& event) {
  switch (event.kind) {
    case user_event_kind::registered: return {"user.registered", notice<registered>(event)};
    case user_event_kind::email_verification_requested: return {"user.email_verification_requested", link_data(event)};
    case user_event_kind::password_reset_requested: return {"user.password_reset_requested", link_data(event)};
    case user_event_kind::password_changed: return {"user.password_changed", notice<password_changed>(event)};
    case user_event_kind::registration_attempted: return {"user.registration_attempted", notice<registration_attempted>(event)};
    case user_event_kind::deleted: return {"user.deleted", json::encode(deleted{event.user_id.to_string(), event.time})};
  }
  std::unreachable();
}

events::cloud_event to_cloud_event(const user_event& event, std::int64_t sequence) {
  auto [type, data] = describe(event);
  return {.id = event.id,
          .source = std::string(event_source),
          .type = type,
          .subject = event.user_id.to_string(),
          .dataschema = "urn:micro-sayur:" + type + ":1",
          .time = event.time,
          .sequence = sequence,
          .traceparent = event.from.traceparent,
          .request_id = event.from.request_id,
          .data = std::move(data)};
}

}  // namespace

sql::call user_event_writer::write(const user_event& event, std::int64_t sequence) const {
  const auto told = to_cloud_event(event, sequence);
  const bool names_nobody = event.kind == user_event_kind::deleted;
  return events::outbox_insert(told, names_nobody ? events::payload_seal::leave_plain(told.data) : seal_.seal(told.id, told.data));
}

}  // namespace micro_sayur::user_service
