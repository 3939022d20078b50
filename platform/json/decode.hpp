// SPDX-License-Identifier: Apache-2.0
// From a parsed JSON value to a described struct, collecting the faults with their paths.
#pragma once

#include "platform/base/time.hpp"
#include "platform/base/uuid.hpp"
#include "platform/json/about.hpp"
#include "platform/json/text.hpp"

#include <fmt/format.h>
#include <boost/describe/members.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <expected>
#include <string>
#include <type_traits>
#include <vector>

namespace micro_sayur::json {

template <typename T>
inline constexpr bool is_optional = false;
template <typename T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <typename T>
inline constexpr bool is_patch = false;
template <typename T>
inline constexpr bool is_patch<patch<T>> = true;
template <typename T>
inline constexpr bool is_vector = false;
template <typename T>
inline constexpr bool is_vector<std::vector<T>> = true;

/// The members of the largest object that may stand for a T: what `parse` must let pass.
template <typename T>
constexpr std::size_t largest_object() {
  if constexpr (is_optional<T> || is_vector<T>) {
    return largest_object<typename T::value_type>();
  } else if constexpr (is_patch<T>) {
    return largest_object<typename decltype(T::value)::value_type>();
  } else if constexpr (boost::describe::has_describe_members<T>::value) {
    std::size_t largest = 0;
    std::size_t own = 0;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto member) {
      ++own;
      largest = std::max(largest, largest_object<std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>>());
    });
    return std::max(largest, own);
  } else {
    return 0;
  }
}

/// Reads one value into `out`, or adds to `faults`: those of known fields before fields that are not known.
class decoder {
 public:
  std::vector<fault> faults;  ///< one more than `most_faults` when there are more

  template <typename T>
  void read(const boost::json::value& in, T& out, const field_rule& rule, const std::string& path) {
    if constexpr (std::is_same_v<T, std::string>) {
      read_string(in, out, rule, path);
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!in.is_bool()) return wrong_type(path, "true or false");
      out = in.get_bool();
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      if (!in.is_int64()) return wrong_type(path, "a whole number");
      out = in.get_int64();
      check_range(static_cast<double>(out), rule, path);
    } else if constexpr (std::is_same_v<T, double>) {
      if (!in.is_number()) return wrong_type(path, "a number");
      out = in.to_number<double>();
      check_range(out, rule, path);
    } else if constexpr (std::is_same_v<T, timestamp>) {
      const auto time = in.is_string() ? parse_rfc3339(in.get_string()) : std::nullopt;
      if (!time) return add(path, "invalid_format", "must be a time as in RFC 3339");
      out = *time;
    } else if constexpr (std::is_same_v<T, uuid>) {
      const auto id = in.is_string() ? uuid::parse(in.get_string()) : std::nullopt;
      if (!id) return add(path, "invalid_format", "must be a UUID");
      out = *id;
    } else if constexpr (is_optional<T>) {
      if (!in.is_null()) read(in, out.emplace(), rule, path);
    } else if constexpr (is_patch<T>) {
      out.present = true;
      read(in, out.value, rule, path);
    } else if constexpr (is_vector<T>) {
      if (!in.is_array()) return wrong_type(path, "an array");
      for (std::size_t i = 0; i < in.get_array().size(); ++i)
        read(in.get_array()[i], out.emplace_back(), rule, fmt::format("{}[{}]", path, i));
    } else {
      read_object(in, out, path);
    }
  }

 private:
  template <typename T>
  void read_object(const boost::json::value& in, T& out, const std::string& path) {
    using members = boost::describe::describe_members<T, boost::describe::mod_public>;
    if (!in.is_object()) return wrong_type(path, "an object");
    const auto& object = in.get_object();
    const auto inside = [&](std::string_view name) { return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name); };
    boost::mp11::mp_for_each<members>([&](auto member) {
      auto& target = out.*member.pointer;
      using target_type = std::remove_reference_t<decltype(target)>;
      const auto* found = object.if_contains(member.name);
      if (found != nullptr) return read(*found, target, rule_of<T>(member.name), inside(member.name));
      if constexpr (!is_optional<target_type> && !is_patch<target_type>) add(inside(member.name), "required", "is required");
    });
    for (const auto& [key, ignored] : object) {
      bool known = false;
      boost::mp11::mp_for_each<members>([&](auto member) { known = known || key == member.name; });
      if (!known) add(inside(excerpt(key)), "unknown_field", "is not a field of this request");
    }
  }

  void read_string(const boost::json::value& in, std::string& out, const field_rule& rule, const std::string& path);
  void check_range(double number, const field_rule& rule, const std::string& path);
  void wrong_type(const std::string& path, std::string_view wanted);
  void add(std::string path, std::string_view code, std::string message);
};

/// What could be read of a value, and what is wrong with it. Where a fault is, the value says nothing.
template <typename T>
struct reading {
  T value{};
  std::vector<fault> faults;
};

/// Reads on past faults. `T` is a described struct with an `about`.
template <typename T>
reading<T> read_all(const boost::json::value& in) {
  decoder reader;
  reading<T> out;
  reader.read(in, out.value, field_rule{.field = ""}, "");
  out.faults = std::move(reader.faults);
  return out;
}

/// `found`, with those of `more` that are about other fields, before fields that are not known: a rule of form that a field breaks
/// hides the rules of meaning for that field only. What is wrong with the body itself hides them all.
std::vector<fault> join_faults(std::vector<fault> found, std::vector<fault> more);

/// Every fault of the value, or the struct. `T` is a described struct with an `about`.
template <typename T>
std::expected<T, std::vector<fault>> decode(const boost::json::value& in) {
  auto read = read_all<T>(in);
  if (!read.faults.empty()) return std::unexpected(std::move(read.faults));
  return std::move(read.value);
}

}  // namespace micro_sayur::json
