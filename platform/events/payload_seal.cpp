// SPDX-License-Identifier: Apache-2.0
#include "platform/events/payload_seal.hpp"

#include "platform/crypto/sealing.hpp"

#include <span>

namespace micro_sayur::events {
namespace {

constexpr std::string_view purpose = "outbox payloads";

/// The first byte of a payload says what follows.
enum class form : std::uint8_t { plain = 0, sealed = 1 };

template <typename Bytes>
sql::bytes with_form(form what, const Bytes& rest) {
  sql::bytes payload{static_cast<std::uint8_t>(what)};
  payload.insert(payload.end(), rest.begin(), rest.end());
  return payload;
}

}  // namespace

sql::bytes payload_seal::seal(const uuid& event_id, std::string_view data) const {
  return with_form(form::sealed, crypto::seal(data, event_id.bytes, derive_(purpose).front(), random_));
}

sql::bytes payload_seal::leave_plain(std::string_view data) { return with_form(form::plain, data); }

std::optional<std::string> payload_seal::open(const uuid& event_id, const sql::bytes& payload) const {
  if (payload.empty()) return std::nullopt;
  const auto rest = std::span(payload).subspan(1);
  if (payload.front() == static_cast<std::uint8_t>(form::plain)) return std::string(rest.begin(), rest.end());
  for (const auto& secret : derive_(purpose))
    if (auto opened = crypto::unseal(rest, event_id.bytes, secret)) return opened;
  return std::nullopt;
}

}  // namespace micro_sayur::events
