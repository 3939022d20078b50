// SPDX-License-Identifier: Apache-2.0
// What the server is to keep to in our sessions.
#pragma once

#include "platform/sql/postgres/postgres.hpp"

#include <string>
#include <vector>

namespace micro_sayur::sql::postgres {

struct session_setting {
  std::string name;
  std::string value;
  bool is_time = false;  ///< which the server may tell in another unit, and in which a session may be stricter
};

/// Sent at every login; with a pooler between, settings of the role instead.
std::vector<session_setting> session_settings(const settings& with);

/// What a session has, and whether that will do, as two columns of a SELECT. This value does, and a shorter time; 0 is no time.
std::string as_columns(const session_setting& one);

/// The statement that makes it a setting of the role in the database.
std::string for_role(const session_setting& one, const std::string& role, const std::string& database);

}  // namespace micro_sayur::sql::postgres
