// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/encoding.hpp"

#include "platform/sql/error.hpp"

#include <fmt/core.h>
#include <libpq-fe.h>
#include <boost/endian/conversion.hpp>

#include <charconv>
#include <cstring>
#include <limits>

namespace micro_sayur::sql::postgres {
namespace {

namespace endian = boost::endian;

constexpr int text_format = 0;
constexpr int binary_format = 1;

/// 2000-01-01, where PostgreSQL counts from, in microseconds since 1970.
constexpr std::int64_t postgres_epoch = 946'684'800'000'000;

/// pg_type.dat
enum type : std::uint32_t {
  bool_type = 16,
  bytea_type = 17,
  name_type = 19,
  int8_type = 20,
  int2_type = 21,
  int4_type = 23,
  text_type = 25,
  json_type = 114,
  float8_type = 701,
  bpchar_type = 1042,
  varchar_type = 1043,
  timestamptz_type = 1184,
  void_type = 2278,
  uuid_type = 2950,
};

const unsigned char* unsigned_bytes(const char* data) { return reinterpret_cast<const unsigned char*>(data); }
const char* signed_bytes(const std::uint8_t* data) { return reinterpret_cast<const char*>(data); }

/// One parameter in libpq's terms; `scratch` holds what has to be written out.
struct encoder {
  std::array<char, 40>& scratch;
  const char* text = nullptr;
  int length = 0;
  int format = text_format;

  void operator()(null) {}
  void operator()(bool truth) { text = truth ? "t" : "f"; }
  void operator()(std::int64_t number) { print(number); }
  void operator()(double number) { print(number); }
  void operator()(const std::string& string) {
    if (string.find('\0') != std::string::npos) throw error("a text parameter holds a NUL character");
    text = string.c_str();
  }
  void operator()(const bytes& blob) { binary(blob.empty() ? scratch.data() : signed_bytes(blob.data()), blob.size()); }
  void operator()(const uuid& id) { binary(signed_bytes(id.bytes.data()), id.bytes.size()); }
  void operator()(timestamp time) {
    std::int64_t since_2000 = 0;
    if (__builtin_sub_overflow(time.time_since_epoch().count(), postgres_epoch, &since_2000)) throw error("a time is out of range");
    const auto big = endian::native_to_big(since_2000);
    std::memcpy(scratch.data(), &big, sizeof big);
    binary(scratch.data(), sizeof big);
  }

  void print(auto number) {
    *std::to_chars(scratch.data(), scratch.data() + scratch.size() - 1, number).ptr = '\0';
    text = scratch.data();
  }
  void binary(const char* data, std::size_t size) {
    text = data;
    length = static_cast<int>(size);
    format = binary_format;
  }
};

std::int64_t integer(std::span<const char> field) {
  switch (field.size()) {
    case 2: return endian::load_big_s16(unsigned_bytes(field.data()));
    case 4: return endian::load_big_s32(unsigned_bytes(field.data()));
    default: return endian::load_big_s64(unsigned_bytes(field.data()));
  }
}

timestamp time_of(std::int64_t since_2000) {
  std::int64_t since_1970 = 0;
  const bool infinite = since_2000 == std::numeric_limits<std::int64_t>::min();
  if (infinite || __builtin_add_overflow(since_2000, postgres_epoch, &since_1970)) throw error("a time is infinite or out of range");
  return timestamp(std::chrono::microseconds(since_1970));
}

uuid uuid_of(std::span<const char> field) {
  uuid id;
  std::memcpy(id.bytes.data(), field.data(), id.bytes.size());
  return id;
}

std::int64_t rows_changed(const PGresult& from) {
  auto* mutable_result = const_cast<PGresult*>(&from);
  if (std::string_view(PQcmdStatus(mutable_result)).starts_with("SELECT")) return 0;
  const std::string_view count = PQcmdTuples(mutable_result);
  std::int64_t number = 0;
  std::from_chars(count.data(), count.data() + count.size(), number);
  return number;
}

}  // namespace

void encoded_parameters::assign(std::span<const value> values) {
  texts_.resize(values.size());
  lengths_.resize(values.size());
  formats_.resize(values.size());
  scratch_.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    encoder one{scratch_[i]};
    std::visit(one, values[i]);
    texts_[i] = one.text;
    lengths_[i] = one.length;
    formats_[i] = one.format;
  }
}

value decode(std::uint32_t type, std::span<const char> field) {
  switch (type) {
    case bool_type: return field.front() != 0;
    case int2_type:
    case int4_type:
    case int8_type: return integer(field);
    case float8_type: return std::bit_cast<double>(integer(field));
    case text_type:
    case varchar_type:
    case bpchar_type:
    case name_type:
    case json_type: return std::string(field.data(), field.size());
    case bytea_type: return bytes(field.begin(), field.end());
    case uuid_type: return uuid_of(field);
    case timestamptz_type: return time_of(integer(field));
    case void_type: return null{};
    default: throw error(fmt::format("a result has type {} of pg_type, which is not supported: cast it", type));
  }
}

result decode(const PGresult& from) {
  const int rows = PQntuples(&from);
  const int columns = PQnfields(&from);
  std::vector<value> values;
  values.reserve(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(&from, row, column) != 0) {
        values.emplace_back(null{});
        continue;
      }
      const auto size = static_cast<std::size_t>(PQgetlength(&from, row, column));
      values.push_back(decode(PQftype(&from, column), {PQgetvalue(&from, row, column), size}));
    }
  }
  return {static_cast<std::size_t>(columns), std::move(values), rows_changed(from)};
}

}  // namespace micro_sayur::sql::postgres
