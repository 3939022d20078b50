// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/config/reader.hpp"
#include "platform/sql/postgres/postgres.hpp"

#include <string>

namespace micro_sayur::sql::postgres {

/// The variables DB_*. `schema` is the service's own.
settings read_settings(config::reader& from, std::string schema);

}  // namespace micro_sayur::sql::postgres
