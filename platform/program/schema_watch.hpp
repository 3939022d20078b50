// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/migrations.hpp"
#include "platform/telemetry/log.hpp"

#include <chrono>
#include <span>
#include <string_view>

namespace micro_sayur::program {

/// Returns the state of the schema when it is one that this program runs on; as long as the database is away it asks again, with a back-off
/// of 100 ms to 2 s. Throws sql::schema_error when the schema is not the right one, and operation_aborted when cancelled.
async::task<sql::schema_state> await_schema(sql::database& on, std::string_view service, std::span<const sql::migration> known,
                                            const telemetry::logger& log);

/// The same for a command, whose output is not for log lines: silently, and at most for `patience`, and also until a transaction can begin,
/// for which there are other connections than those that the schema is read by. Throws sql::unavailable after that.
async::task<> await_database_within(sql::database& on, std::string_view service, std::span<const sql::migration> known,
                                    std::chrono::seconds patience);

/// As sql::migrate, but waits at most `patience` for a database that is away. Throws sql::unavailable after that.
async::task<> migrate_patiently(sql::database& on, std::string_view service, std::span<const sql::migration> known,
                                std::chrono::seconds patience, const telemetry::logger& log);

}  // namespace micro_sayur::program
