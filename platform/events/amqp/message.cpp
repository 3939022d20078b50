// SPDX-License-Identifier: Apache-2.0
#include "platform/events/amqp/message.hpp"

namespace micro_sayur::events::amqp {
namespace {

constexpr std::uint8_t persistent = 2;

}  // namespace

void send(connection& to, amqp_channel_t channel, const message& what) {
  std::vector<amqp_table_entry_t> entries;
  entries.reserve(what.headers.size());
  for (const auto& [key, value] : what.headers)
    entries.push_back({.key = to_bytes(key), .value = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = to_bytes(value)}}});

  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_HEADERS_FLAG;
  properties.content_type = to_bytes(content_type);
  properties.delivery_mode = persistent;
  properties.message_id = to_bytes(what.id);
  properties.headers = {.num_entries = static_cast<int>(entries.size()), .entries = entries.data()};
  to.check(
      amqp_basic_publish(to.native(), channel, to_bytes(what.exchange), to_bytes(what.routing_key), 1, 0, &properties, to_bytes(what.body)),
      "publish");
}

std::vector<std::pair<std::string, std::string>> text_headers(const amqp_basic_properties_t& properties) {
  std::vector<std::pair<std::string, std::string>> found;
  if (!(properties._flags & AMQP_BASIC_HEADERS_FLAG)) return found;
  for (int i = 0; i < properties.headers.num_entries; ++i) {
    const auto& entry = properties.headers.entries[i];
    if (entry.value.kind == AMQP_FIELD_KIND_UTF8) found.emplace_back(to_view(entry.key), to_view(entry.value.value.bytes));
  }
  return found;
}

}  // namespace micro_sayur::events::amqp
