// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/password.hpp"

#include <sodium.h>

namespace micro_sayur::crypto {

void wipe(std::string& text) { sodium_memzero(text.data(), text.size()); }

}  // namespace micro_sayur::crypto
