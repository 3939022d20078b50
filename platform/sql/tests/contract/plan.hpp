// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/database.hpp"

#include <string>

namespace micro_sayur::sql::contract {

/// PostgreSQL's plan for the statement with parameters of no known value, told that reading a whole table is dear: what it does when the
/// tables are large.
async::task<std::string> plan_of(database& on, const statement& what);

/// Fails the test unless the plan reaches its rows through indexes, without reading a whole table and without sorting.
async::task<> expect_index(database& on, const statement& what);

}  // namespace micro_sayur::sql::contract
