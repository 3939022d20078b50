// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/config/reader.hpp"
#include "platform/sql/postgres/postgres.hpp"

#include <string>
#include <string_view>

namespace micro_sayur::sql::postgres {

/// The variables DB_*. `schema` is the service's own.
settings read_settings(config::reader& from, std::string schema);

/// What to look at when the server is lost for this reason.
std::string advice(std::string_view why);

}  // namespace micro_sayur::sql::postgres
