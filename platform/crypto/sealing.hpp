// SPDX-License-Identifier: Apache-2.0
// Short texts that lie where others may read or change them (XChaCha20-Poly1305). Thread-safe.
#pragma once

#include "platform/base/system.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::crypto {

/// Opens only with the same `key`, of 32 bytes, and the same `bound_to`, which is not in it. Of the same text it makes something else each
/// time. Throws std::invalid_argument for a key of another length.
std::vector<std::uint8_t> seal(std::string_view text, std::span<const std::uint8_t> bound_to, std::string_view key, random_source& random);

/// nullopt: it was sealed otherwise, or changed.
std::optional<std::string> unseal(std::span<const std::uint8_t> sealed, std::span<const std::uint8_t> bound_to, std::string_view key);

}  // namespace micro_sayur::crypto
