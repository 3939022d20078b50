// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/events/event_reader.hpp"

#include "contracts/event_limits.hpp"
#include "notification-service/domain/describe_time.hpp"
#include "platform/events/cloud_event.hpp"
#include "platform/json/reader.hpp"
#include "platform/json/text.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace micro_sayur::notification_service {
namespace {

/// What an event of a type becomes, and which of its fields the template is filled with.
struct mailing_type {
  std::string_view type;
  notification_kind kind;
  bool is_confirmed;  ///< the address is its owner's: what he typed may stand in the mail
  bool has_link;
  std::string_view time_field;
};

constexpr std::array mailing_types{
    mailing_type{"user.email_verification_requested", notification_kind::email_verification, false, true, "expires_at"},
    mailing_type{"user.password_reset_requested", notification_kind::password_reset, true, true, "expires_at"},
    mailing_type{"user.password_changed", notification_kind::password_changed, true, false, "changed_at"},
    mailing_type{"user.registration_attempted", notification_kind::registration_attempted, true, false, "attempted_at"},
};

constexpr std::string_view deletion_type = "user.deleted";

/// Stays inside this file.
struct bad_data : std::runtime_error {
  using std::runtime_error::runtime_error;
};

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }
bool is_control_or_blank(char c) { return is_control(c) || c == ' '; }

class fields {
 public:
  explicit fields(const boost::json::object& data) : data_(data) {}

  std::string text(std::string_view name, std::size_t longest) const {
    const auto* found = data_.if_contains(name);
    if (found == nullptr || !found->is_string()) throw bad_data(fmt::format("data.{} is missing or no string", name));
    const std::string_view value = found->get_string();
    if (value.empty() || value.size() > longest) throw bad_data(fmt::format("data.{} must have 1 to {} bytes", name, longest));
    if (std::any_of(value.begin(), value.end(), is_control)) throw bad_data(fmt::format("data.{} holds control characters", name));
    return std::string(value);
  }

  /// Of a field that earlier versions of an event have not.
  bool has(std::string_view name) const {
    const auto* found = data_.if_contains(name);
    return found != nullptr && found->is_string() && !found->get_string().empty();
  }

  uuid id(std::string_view name) const {
    const auto found = uuid::parse(text(name, 36));
    if (!found) throw bad_data(fmt::format("data.{} must be a UUID", name));
    return *found;
  }

  std::string address(std::string_view name) const {
    auto found = text(name, event_limits::longest_address);
    if (!parse_mailbox(found) || found.ends_with('>')) throw bad_data(fmt::format("data.{} must be an address", name));
    return found;
  }

  std::string link(std::string_view name) const {
    auto found = text(name, event_limits::longest_link);
    const bool is_web = found.starts_with("https://") || found.starts_with("http://");
    if (!is_web || std::any_of(found.begin(), found.end(), is_control_or_blank))
      throw bad_data(fmt::format("data.{} must be a link", name));
    return found;
  }

  timestamp time(std::string_view name) const {
    const auto found = parse_rfc3339(text(name, 64));
    if (!found) throw bad_data(fmt::format("data.{} must be an RFC 3339 time", name));
    return *found;
  }

  /// Locales may be added: one that is not known here is no fault.
  locale language() const {
    const auto* found = data_.if_contains("locale");
    return found != nullptr && found->is_string() ? parse_locale(found->get_string()) : locale::indonesian;
  }

 private:
  const boost::json::object& data_;
};

void read_mailing(const mailing_type& as, const fields& from, incoming_event& into) {
  into.kind = as.kind;
  into.user_id = from.id("user_id");
  into.recipient = from.address("email");
  into.language = from.language();
  if (as.is_confirmed) into.values.emplace("name", from.text("name", event_limits::longest_name));
  if (as.has_link) into.values.emplace("link", from.link("link"));
  into.values.emplace("time", describe_time(from.time(as.time_field), into.language));
  if (as.has_link && from.has("requested_at")) into.values.emplace("requested", describe_time(from.time("requested_at"), into.language));
  if (as.has_link && from.has("network")) into.values.emplace("network", from.text("network", event_limits::longest_network));
}

/// Types that are not known are no fault.
void read_data(std::string_view data, incoming_event& into) {
  const auto mailing =
      std::find_if(mailing_types.begin(), mailing_types.end(), [&](const auto& each) { return each.type == into.key.type; });
  const bool deletes = into.key.type == deletion_type;
  if (mailing == mailing_types.end() && !deletes) return;
  const auto parsed = json::parse(data);
  if (!parsed || !parsed->is_object()) throw bad_data("data must be a JSON object");
  const fields from(parsed->get_object());
  if (!deletes) return read_mailing(*mailing, from, into);
  into.user_deleted = true;
  into.user_id = from.id("user_id");
}

}  // namespace

std::expected<incoming_event, std::string> read_event(std::string_view text) {
  auto event = events::parse_cloud_event(text);
  if (!event) return std::unexpected(std::move(event.error()));
  incoming_event out{.key = {.source = std::move(event->source), .id = event->id, .type = std::move(event->type)},
                     .request_id = std::move(event->request_id),
                     .traceparent = std::move(event->traceparent),
                     .time = event->time};
  try {
    read_data(event->data, out);
  } catch (const bad_data& fault) {
    return std::unexpected(fault.what());
  }
  return out;
}

}  // namespace micro_sayur::notification_service
