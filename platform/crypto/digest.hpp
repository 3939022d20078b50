// SPDX-License-Identifier: Apache-2.0
// Digests and the texts that carry bytes. All functions are thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace micro_sayur::crypto {

using digest = std::array<std::uint8_t, 32>;

/// FIPS 180-4. Throws std::runtime_error when OpenSSL has no SHA-256 or no memory.
digest sha256(std::string_view text);

/// Of a file of any size. Blocking. Throws std::runtime_error when it cannot be read.
digest sha256_of_file(const std::filesystem::path& file);

/// RFC 2104. A key may have any length.
digest hmac_sha256(std::string_view key, std::string_view text);

/// Takes the same time wherever the texts differ; texts of different length are different at once.
bool constant_time_equal(std::string_view left, std::string_view right);
bool constant_time_equal(const digest& left, const digest& right);

/// RFC 4648 section 5 without padding.
std::string to_base64url(std::span<const std::uint8_t> bytes);
std::string to_base64url(std::string_view bytes);

/// Accepts exactly what to_base64url() writes: no padding, no blanks, no set bits beyond the last byte.
std::optional<std::string> from_base64url(std::string_view text);

/// Lower case.
std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace micro_sayur::crypto
