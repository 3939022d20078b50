// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/http/list_cursor.hpp"

#include "platform/crypto/digest.hpp"

#include <algorithm>

namespace micro_sayur::notification_service {
namespace {

// Names what the bytes are, so that a cursor of another list, or of a later form, is not taken for one of these.
constexpr char format = 'n';

}  // namespace

std::string encode_cursor(uuid last) {
  std::string bytes(1, format);
  bytes.append(last.bytes.begin(), last.bytes.end());
  return crypto::to_base64url(bytes);
}

std::optional<uuid> decode_cursor(std::string_view text) {
  uuid last;
  const auto bytes = crypto::from_base64url(text);
  if (!bytes || bytes->size() != 1 + last.bytes.size() || bytes->front() != format) return std::nullopt;
  std::copy(bytes->begin() + 1, bytes->end(), last.bytes.begin());
  return last;
}

}  // namespace micro_sayur::notification_service
