// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/errors.hpp"

#include "platform/sql/error.hpp"

namespace micro_sayur::sql::postgres {
namespace {

bool is_conflict(std::string_view sqlstate) { return sqlstate == "40001" || sqlstate == "40P01"; }

bool is_outage(std::string_view sqlstate) {
  return sqlstate.starts_with("08") || sqlstate.starts_with("53") || sqlstate.starts_with("57P") || sqlstate == "25P03";
}

}  // namespace

std::exception_ptr make_error(std::string_view sqlstate, std::string_view constraint, const std::string& message) {
  if (sqlstate == "23505") return std::make_exception_ptr(unique_violation(std::string(constraint), message));
  if (sqlstate == "57014") return std::make_exception_ptr(timed_out(message));
  if (is_conflict(sqlstate)) return std::make_exception_ptr(conflict(message));
  if (is_outage(sqlstate)) return std::make_exception_ptr(unavailable(message));
  return std::make_exception_ptr(error(message));
}

bool is_stale_plan(std::string_view sqlstate) { return sqlstate == "0A000"; }

}  // namespace micro_sayur::sql::postgres
