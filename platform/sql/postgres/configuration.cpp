// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/configuration.hpp"

namespace micro_sayur::sql::postgres {

settings read_settings(config::reader& from, std::string schema) {
  settings out;
  out.host = from.required_text("DB_HOST", "name or address of the PostgreSQL server");
  out.port = from.port("DB_PORT", "its port", 5432);
  out.database = from.text("DB_NAME", "name of the database", "micro_sayur");
  out.user = from.text("DB_USER", "role to log in as", "micro_sayur");
  const auto password = from.required_secret("DB_PASSWORD", "the role's password");
  out.password = [password] { return password.read(); };
  out.sslmode = from.one_of("DB_SSLMODE", "TLS to PostgreSQL, in libpq's words",
                            {"disable", "prefer", "require", "verify-ca", "verify-full"}, "prefer");
  out.ca_file = from.text("DB_CA_FILE", "certificate authorities of PostgreSQL (PEM)", "");
  out.pool_size = static_cast<std::size_t>(from.integer("DB_POOL_SIZE", "connections to PostgreSQL; at least two per io thread are opened",
                                                        10, {.minimum = 2, .maximum = 1000}));
  out.application_name = schema;
  out.schema = std::move(schema);
  return out;
}

}  // namespace micro_sayur::sql::postgres
