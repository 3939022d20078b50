// SPDX-License-Identifier: Apache-2.0
// Values to and from PostgreSQL's wire formats.
#pragma once

#include "platform/sql/value.hpp"

#include <array>
#include <span>
#include <vector>

struct pg_result;

namespace micro_sayur::sql::postgres {

/// The arrays that libpq wants. The server infers a parameter's type, so what exists in several widths (numbers) or under several
/// type names (text) goes in text format, which fits them all; uuid, bytea and timestamptz go in binary.
class encoded_parameters {
 public:
  /// Points into `values` until the next call. Throws sql::error for text with NUL and times that PostgreSQL cannot hold.
  void assign(std::span<const value> values);

  int count() const { return static_cast<int>(texts_.size()); }
  const char* const* texts() const { return texts_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  using scratch = std::array<char, 40>;

  std::vector<const char*> texts_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<scratch> scratch_;
};

/// Decodes one field in binary format. Throws sql::error for a type that `value` has no room for.
value decode(std::uint32_t type, std::span<const char> field);

/// Copies rows in binary format, and the number of rows changed.
result decode(const pg_result& from);

}  // namespace micro_sayur::sql::postgres
