// SPDX-License-Identifier: Apache-2.0
#include "platform/http/router.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace micro_sayur::http {
namespace {

std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& parameters) {
  if (pattern == path) return true;
  if (pattern.find('{') == std::string_view::npos) return false;
  parameters.clear();
  while (!pattern.empty() && !path.empty() && path.front() == '/') {
    const auto wanted = next_segment(pattern);
    const auto given = next_segment(path);
    if (wanted.starts_with('{') && !given.empty())
      parameters.emplace_back(given);
    else if (wanted != given)
      return false;
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::string_view to_string(method verb) {
  switch (verb) {
    case method::get: return "GET";
    case method::post: return "POST";
    case method::patch: return "PATCH";
    case method::put: return "PUT";
    case method::remove: return "DELETE";
  }
  std::unreachable();
}

std::string_view request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

std::optional<std::string> request::header_list(std::string_view name) const {
  std::optional<std::string> all;
  for (const auto& [key, value] : headers)
    if (key == name) all = all ? *all + "," + value : value;
  return all;
}

void router::add(std::vector<route> routes) {
  for (auto& each : routes) {
    const bool taken =
        std::any_of(routes_.begin(), routes_.end(), [&](const route& other) { return other.verb == each.verb && other.path == each.path; });
    if (taken) throw std::logic_error("two routes for " + std::string(to_string(each.verb)) + " " + std::string(each.path));
    routes_.push_back(std::move(each));
  }
}

router::match router::find(method verb, std::string_view path) const {
  match result;
  for (const auto& each : routes_) {
    if (each.verb != verb || !matches(each.path, path, result.parameters)) continue;
    result.found = &each;
    return result;
  }
  result.allow = allowed(path);
  return result;
}

std::string router::allowed(std::string_view path) const {
  std::string allow;
  std::vector<std::string> ignored;
  const auto append = [&](std::string_view name) { allow += (allow.empty() ? "" : ", ") + std::string(name); };
  for (const auto& each : routes_) {
    if (!matches(each.path, path, ignored)) continue;
    append(to_string(each.verb));
    if (each.verb == method::get) append("HEAD");
  }
  if (!allow.empty()) append("OPTIONS");
  return allow;
}

}  // namespace micro_sayur::http
