// SPDX-License-Identifier: Apache-2.0
// From SQLSTATE (PostgreSQL manual, appendix A) to the errors of the port.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace micro_sayur::sql::postgres {

/// `constraint` is the violated one, where there is one.
std::exception_ptr make_error(std::string_view sqlstate, std::string_view constraint, const std::string& message);

/// True when the statement's plan no longer fits the schema: the session has to be opened anew.
bool is_stale_plan(std::string_view sqlstate);

}  // namespace micro_sayur::sql::postgres
