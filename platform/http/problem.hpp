// SPDX-License-Identifier: Apache-2.0
// Problem details for HTTP APIs (RFC 9457), with the extensions `code`, `request_id` and, for validation, `errors`.
#pragma once

#include "contracts/problem_types.hpp"
#include "platform/json/about.hpp"

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace micro_sayur::http {

struct problem {
  problem_type type;
  std::string detail = {};                               ///< what was wrong here, where, and what to do
  std::vector<json::fault> errors = {};                  ///< by field
  std::optional<std::chrono::seconds> retry_after = {};  ///< rounded up; becomes the Retry-After header
  std::string authenticate = {};                         ///< becomes the WWW-Authenticate header
  std::string allow = {};                                ///< becomes the Allow header
  std::string accept_encoding = {};                      ///< becomes the Accept-Encoding header
};

/// Leaves a handler as an answer; for places where a result would have to pass through many hands.
class problem_error : public std::exception {
 public:
  explicit problem_error(problem what) : what_(std::move(what)) {}
  const char* what() const noexcept override { return what_.type.title.data(); }
  const problem& details() const { return what_; }

 private:
  problem what_;
};

/// Faults of a request as one problem, which names the first `json::most_faults`: `unknown_field` when that is all there is, otherwise
/// `validation_failed`.
problem validation_problem(std::vector<json::fault> faults);

/// The body, application/problem+json.
std::string to_json(const problem& what, std::string_view request_id);

}  // namespace micro_sayur::http
