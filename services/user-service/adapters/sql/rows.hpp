// SPDX-License-Identifier: Apache-2.0
// Between rows and domain values.
#pragma once

#include "platform/sql/value.hpp"
#include "user-service/domain/account.hpp"
#include "user-service/ports/registration_store.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace micro_sayur::user_service {

inline constexpr std::size_t account_column_count = 16;

/// From the ACCOUNT_COLUMNS of statements.hpp, which come first.
account to_account(const sql::row& row);

/// From the REGISTRATION_COLUMNS, which come first.
registration to_registration(const sql::row& row);

sql::bytes to_bytes(const std::array<std::uint8_t, 32>& digest);

/// As statements are given durations.
std::int64_t to_microseconds(std::chrono::microseconds duration);

std::string join_roles(const std::vector<std::string>& roles);

}  // namespace micro_sayur::user_service
