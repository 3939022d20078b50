// SPDX-License-Identifier: Apache-2.0
// How recent the rows of a read have to be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace micro_sayur {

/// A place in the write-ahead log of a PostgreSQL. Whoever has replayed it so far knows all that was committed before. Places on different
/// timelines, between which a fail-over lies, cannot be compared.
struct log_position {
  std::int64_t timeline = 0;
  std::int64_t offset = 0;  ///< bytes

  bool operator==(const log_position&) const = default;

  /// "timeline/offset", in decimal digits.
  std::string to_text() const;
  static std::optional<log_position> parse(std::string_view text);
};

/// The writer's rows, unless a replica's are allowed.
class consistency {
 public:
  /// Whatever was committed is seen.
  static constexpr consistency strong() { return {}; }

  /// As some replica knows it, which is behind by `most_replica_lag` at most.
  static constexpr consistency bounded_staleness() { return consistency(true, std::nullopt); }

  /// The same, and it knows all up to there.
  static constexpr consistency at_least(log_position known) { return consistency(true, known); }

  constexpr consistency() = default;

  bool allows_replica() const { return allows_replica_; }
  const std::optional<log_position>& known() const { return known_; }

 private:
  constexpr consistency(bool allows_replica, std::optional<log_position> known) : allows_replica_(allows_replica), known_(known) {}

  bool allows_replica_ = false;
  std::optional<log_position> known_;
};

}  // namespace micro_sayur
