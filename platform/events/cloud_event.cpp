// SPDX-License-Identifier: Apache-2.0
#include "platform/events/cloud_event.hpp"

#include "platform/json/reader.hpp"
#include "platform/json/text.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>
#include <stdexcept>

namespace micro_sayur::events {
namespace {

struct bad_event : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads attributes; throws bad_event, which stays inside this file.
class attributes {
 public:
  explicit attributes(const boost::json::object& object) : object_(object) {}

  std::string optional_text(std::string_view name) const {
    const auto* found = object_.if_contains(name);
    if (!found || found->is_null()) return {};
    if (!found->is_string()) throw bad_event(fmt::format("attribute '{}' must be a string", name));
    return std::string(found->get_string());
  }

  std::string text(std::string_view name) const {
    std::string found = optional_text(name);
    if (found.empty()) throw bad_event(fmt::format("attribute '{}' is missing or empty", name));
    return found;
  }

  void expect(std::string_view name, std::string_view wanted) const {
    if (const auto found = text(name); found != wanted)
      throw bad_event(fmt::format("attribute '{}' must be '{}', not '{}'", name, wanted, found));
  }

  uuid id(std::string_view name) const {
    const auto found = uuid::parse(text(name));
    if (!found) throw bad_event(fmt::format("attribute '{}' must be a UUID", name));
    return *found;
  }

  timestamp time(std::string_view name) const {
    const auto found = parse_rfc3339(text(name));
    if (!found) throw bad_event(fmt::format("attribute '{}' must be an RFC 3339 time", name));
    return *found;
  }

  std::int64_t number(std::string_view name) const {
    const std::string digits = text(name);
    std::int64_t found = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), found);
    if (error != std::errc{} || end != digits.data() + digits.size() || found < 0)
      throw bad_event(fmt::format("attribute '{}' must be a string of digits", name));
    return found;
  }

  std::string data() const {
    const auto* found = object_.if_contains("data");
    if (!found) throw bad_event("attribute 'data' is missing");
    return boost::json::serialize(*found);
  }

 private:
  const boost::json::object& object_;
};

cloud_event read(const attributes& from) {
  from.expect("specversion", "1.0");
  if (!from.optional_text("datacontenttype").empty()) from.expect("datacontenttype", "application/json");
  return {.id = from.id("id"),
          .source = from.text("source"),
          .type = from.text("type"),
          .subject = from.text("subject"),
          .dataschema = from.text("dataschema"),
          .time = from.time("time"),
          .sequence = from.number("sequence"),
          .traceparent = from.optional_text("traceparent"),
          .request_id = from.optional_text("requestid"),
          .data = from.data()};
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(out), R"(,"{}":)", name);
  json::append_string(out, value);
}

}  // namespace

std::string to_json(const cloud_event& event) {
  std::string out = R"({"specversion":"1.0")";
  append_attribute(out, "id", event.id.to_string());
  append_attribute(out, "source", event.source);
  append_attribute(out, "type", event.type);
  append_attribute(out, "subject", event.subject);
  append_attribute(out, "time", to_rfc3339(event.time));
  append_attribute(out, "dataschema", event.dataschema);
  append_attribute(out, "datacontenttype", "application/json");
  append_attribute(out, "sequence", fmt::format("{:019}", event.sequence));
  if (!event.traceparent.empty()) append_attribute(out, "traceparent", event.traceparent);
  if (!event.request_id.empty()) append_attribute(out, "requestid", event.request_id);
  out += R"(,"data":)";
  out += event.data;
  out += '}';
  return out;
}

std::expected<cloud_event, std::string> parse_cloud_event(std::string_view text) {
  if (text.size() > max_event_bytes) return std::unexpected(fmt::format("longer than {} bytes", max_event_bytes));
  const auto parsed = json::parse(text);
  if (!parsed) return std::unexpected(parsed.error().to_string());
  if (!parsed->is_object()) return std::unexpected("an event must be a JSON object");
  try {
    return read(attributes(parsed->get_object()));
  } catch (const bad_event& fault) {
    return std::unexpected(fault.what());
  }
}

}  // namespace micro_sayur::events
