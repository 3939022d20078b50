// SPDX-License-Identifier: Apache-2.0
// What each error of a database means: the one table that both drivers go by.
#pragma once

#include "platform/sql/error.hpp"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace micro_sayur::sql {

/// The class of error.hpp that a caller gets.
enum class answer : std::uint8_t { fault, taken, lost_race, stale_plan, away, read_only, late, locked, ended };

struct ruling {
  answer told = answer::fault;
  bool close = false;          ///< the session is of no further use
  bool prepare_again = false;  ///< the server has forgotten the statement, or its plan no longer fits: prepare and send it once more
  bool try_again = false;      ///< the transaction took no effect: send it again as it is
  bool refuses_rows = false;   ///< the server's disk takes no more: nothing that writes a row is sure to work until `try_to_write` does
};

/// SQLSTATE: PostgreSQL manual, appendix A. What the table does not name is a fault of our own.
ruling of_sqlstate(std::string_view sqlstate);

/// A result code of SQLite, plain or extended.
ruling of_sqlite(int code);

/// `constraint` is the violated one, where there is one.
std::exception_ptr make_error(answer told, std::string_view constraint, const std::string& message);

}  // namespace micro_sayur::sql
