// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/migrations.hpp"

#include <span>

namespace micro_sayur::user_service {

extern const std::span<const sql::migration> postgres_migrations;
extern const std::span<const sql::migration> sqlite_migrations;

}  // namespace micro_sayur::user_service
