// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/crypto/password.hpp"
#include "user-service/domain/password_text.hpp"

namespace micro_sayur::user_service {

/// The password as it is hashed; `typed` is gone afterwards.
inline crypto::password mapped(crypto::password&& typed) {
  const auto ended = std::move(typed);
  return crypto::password(opaque_string(ended.text()));
}

}  // namespace micro_sayur::user_service
