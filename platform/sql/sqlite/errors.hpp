// SPDX-License-Identifier: Apache-2.0
// From SQLite's result codes to the errors of the port.
#pragma once

#include <string>
#include <string_view>

namespace micro_sayur::sql::sqlite {

/// The name that PostgreSQL would give: from "UNIQUE constraint failed: users.email, users.kind" users_email_kind_unique, for a
/// primary key users_pkey, and for an index over an expression the index's own name.
std::string constraint_name(std::string_view message, bool primary_key);

/// Throws the port's error for an extended result code.
[[noreturn]] void raise(int extended_code, std::string_view statement_name, std::string_view message);

}  // namespace micro_sayur::sql::sqlite
