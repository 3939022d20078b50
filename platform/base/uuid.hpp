// SPDX-License-Identifier: Apache-2.0
// Identifiers: UUID version 7 (RFC 9562 section 5.7), ordered by the time at which they were made.
#pragma once

#include "platform/base/time.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace micro_sayur {

struct uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const uuid&) const = default;

  /// The 36-character lower-case form.
  std::string to_string() const;

  /// Accepts exactly the 36-character form, in either case; anything else is nullopt.
  static std::optional<uuid> parse(std::string_view text);

  /// When it was made, in milliseconds; nullopt for other versions than 7.
  std::optional<timestamp> made_at() const;

  /// Version 7 from a wall-clock time (milliseconds are used) and 10 random bytes.
  static uuid version_7(timestamp now, std::span<const std::uint8_t, 10> random);
};

}  // namespace micro_sayur

template <>
struct std::hash<micro_sayur::uuid> {
  std::size_t operator()(const micro_sayur::uuid& id) const noexcept;
};
