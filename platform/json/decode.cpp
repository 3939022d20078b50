// SPDX-License-Identifier: Apache-2.0
#include "platform/json/decode.hpp"

#include "platform/base/utf8.hpp"

#include <algorithm>
#include <iterator>

namespace micro_sayur::json {
namespace {

std::string characters(std::size_t count) { return fmt::format("{} character{}", count, count == 1 ? "" : "s"); }

}  // namespace

void decoder::add(std::string path, std::string_view code, std::string message) {
  if (faults.size() <= most_faults) faults.push_back({std::move(path), std::string(code), std::move(message)});
}

void decoder::wrong_type(const std::string& path, std::string_view wanted) { add(path, "wrong_type", fmt::format("must be {}", wanted)); }

void decoder::read_string(const boost::json::value& in, std::string& out, const field_rule& rule, const std::string& path) {
  if (!in.is_string()) return wrong_type(path, "a string");
  out.assign(in.get_string().data(), in.get_string().size());
  const auto length = code_points(out);
  if (rule.min_length && length < *rule.min_length)
    add(path, "too_short", fmt::format("must have at least {}", characters(*rule.min_length)));
  if (rule.max_length && length > *rule.max_length)
    add(path, "too_long", fmt::format("must have at most {}", characters(*rule.max_length)));
  if (!rule.one_of.empty() && std::find(rule.one_of.begin(), rule.one_of.end(), out) == rule.one_of.end())
    add(path, "not_allowed", fmt::format("must be one of: {}", fmt::join(rule.one_of, ", ")));
}

void decoder::check_range(double number, const field_rule& rule, const std::string& path) {
  if (rule.minimum && number < *rule.minimum) add(path, "too_small", fmt::format("must be at least {}", *rule.minimum));
  if (rule.maximum && number > *rule.maximum) add(path, "too_large", fmt::format("must be at most {}", *rule.maximum));
}

std::vector<fault> join_faults(std::vector<fault> found, std::vector<fault> more) {
  if (std::ranges::find(found, "", &fault::field) != found.end()) return found;
  std::erase_if(more, [&](const fault& each) { return std::ranges::find(found, each.field, &fault::field) != found.end(); });
  const auto unknown = std::ranges::find(found, "unknown_field", &fault::code);
  found.insert(unknown, std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return found;
}

}  // namespace micro_sayur::json
