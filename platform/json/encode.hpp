// SPDX-License-Identifier: Apache-2.0
// From a described struct to JSON text, members in their order of declaration, an empty optional as null.
#pragma once

#include "platform/base/time.hpp"
#include "platform/base/uuid.hpp"
#include "platform/json/about.hpp"
#include "platform/json/decode.hpp"
#include "platform/json/text.hpp"

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <string>

namespace micro_sayur::json {

template <typename T>
void append(std::string& out, const T& in) {
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>) {
    append_string(out, in);
  } else if constexpr (std::is_same_v<T, bool>) {
    out += in ? "true" : "false";
  } else if constexpr (std::is_same_v<T, std::int64_t> || std::is_same_v<T, double>) {
    append_number(out, in);
  } else if constexpr (std::is_same_v<T, timestamp>) {
    append_string(out, to_rfc3339(in));
  } else if constexpr (std::is_same_v<T, uuid>) {
    append_string(out, in.to_string());
  } else if constexpr (is_optional<T>) {
    in ? append(out, *in) : void(out += "null");
  } else if constexpr (is_vector<T>) {
    char separator = '[';
    for (const auto& item : in) {
      out.push_back(separator);
      append(out, item);
      separator = ',';
    }
    out += in.empty() ? "[]" : "]";
  } else {
    char separator = '{';
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto member) {
      out.push_back(separator);
      append_string(out, member.name);
      out.push_back(':');
      append(out, in.*member.pointer);
      separator = ',';
    });
    out.push_back('}');
  }
}

template <typename T>
std::string encode(const T& in) {
  std::string out;
  out.reserve(512);
  append(out, in);
  return out;
}

}  // namespace micro_sayur::json
