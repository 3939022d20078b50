// SPDX-License-Identifier: Apache-2.0
// What goes into a statement and what comes out of it.
#pragma once

#include "platform/base/time.hpp"
#include "platform/base/uuid.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace micro_sayur::sql {

using null = std::monostate;
using bytes = std::vector<std::uint8_t>;

/// PostgreSQL: boolean, bigint, double precision, text, bytea, uuid, timestamptz.
/// SQLite:     INTEGER 0/1, INTEGER, REAL, TEXT, BLOB, BLOB of 16 bytes, INTEGER of microseconds since 1970.
using value = std::variant<null, bool, std::int64_t, double, std::string, bytes, uuid, timestamp>;

/// An optional parameter: nullopt becomes NULL.
template <typename T>
value nullable(const std::optional<T>& optional) {
  return optional ? value(*optional) : value(null{});
}

/// One row of a result; valid as long as its result lives. Columns count from 0.
class row {
 public:
  explicit row(std::span<const value> values) : values_(values) {}

  bool is_null(std::size_t column) const { return std::holds_alternative<null>(values_[column]); }

  /// T is one of value's alternatives. Throws std::logic_error when the column holds another type or NULL. SQLite has fewer types
  /// than PostgreSQL: bool, uuid and timestamp are converted from what it stores.
  template <typename T>
  T get(std::size_t column) const;

  template <typename T>
  std::optional<T> get_optional(std::size_t column) const {
    if (is_null(column)) return std::nullopt;
    return get<T>(column);
  }

 private:
  std::span<const value> values_;
};

/// The rows that a statement returned and the number that it changed.
class result {
 public:
  result() = default;
  result(std::size_t columns, std::vector<value> values, std::int64_t affected)
      : columns_(columns), values_(std::move(values)), affected_(affected) {}

  std::size_t size() const { return columns_ == 0 ? 0 : values_.size() / columns_; }
  bool empty() const { return size() == 0; }
  row operator[](std::size_t index) const { return row(std::span(values_).subspan(index * columns_, columns_)); }

  /// Rows inserted, updated or deleted.
  std::int64_t affected() const { return affected_; }

 private:
  std::size_t columns_ = 0;
  std::vector<value> values_;
  std::int64_t affected_ = 0;
};

template <typename T>
T row::get(std::size_t column) const {
  const value& stored = values_[column];
  if (const auto* exact = std::get_if<T>(&stored)) return *exact;
  if (const auto* integer = std::get_if<std::int64_t>(&stored)) {
    if constexpr (std::is_same_v<T, bool>) return *integer != 0;
    if constexpr (std::is_same_v<T, double>) return static_cast<double>(*integer);
    if constexpr (std::is_same_v<T, timestamp>) return timestamp(std::chrono::microseconds(*integer));
  }
  if constexpr (std::is_same_v<T, uuid>) {
    if (const auto* blob = std::get_if<bytes>(&stored); blob && blob->size() == 16) {
      uuid id;
      std::copy(blob->begin(), blob->end(), id.bytes.begin());
      return id;
    }
  }
  throw std::logic_error("column " + std::to_string(column) + " does not hold the type that was asked for");
}

}  // namespace micro_sayur::sql
