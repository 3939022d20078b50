// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/configuration.hpp"

#include "platform/base/unicode.hpp"
#include "platform/config/advice.hpp"
#include "platform/config/parse.hpp"

#include <fmt/core.h>

#include <array>
#include <map>

namespace micro_sayur::sql::postgres {
namespace {

pooler parse_pooler(std::string_view name) {
  if (name == "transaction") return pooler::transaction;
  return name == "transaction_prepared" ? pooler::transaction_prepared : pooler::none;
}

bool is_socket(const std::string& host) { return host.starts_with('/') || host.starts_with('@'); }

/// Each gets connections of its own (replicas), or is asked in turn within one time-out.
constexpr std::size_t most_hosts = 16;

std::vector<std::string> expect_hosts(config::reader& from, std::string_view name, std::vector<std::string> hosts) {
  if (hosts.size() > most_hosts) {
    from.add_fault(name, fmt::format("names {} servers", hosts.size()), fmt::format("name {} at most", most_hosts));
    return {};
  }
  std::map<std::string, int> times;
  for (const auto& each : hosts)
    if (++times[is_socket(each) ? each : lower_case(each)] == 2)
      from.add_fault(name, fmt::format("\"{}\" is there more than once", each), "name each server once");
  for (const auto& each : hosts)
    if (!is_socket(each) && !config::is_host(each))
      from.add_fault(name, "\"" + each + "\" is not acceptable", "set it to names, addresses, or the folder of a Unix socket");
  return hosts;
}

}  // namespace

settings read_settings(config::reader& from, std::string schema) {
  settings out;
  out.hosts = expect_hosts(
      from, "DB_HOST",
      from.required_list("DB_HOST", "name or address of the PostgreSQL server; of several, the one that takes writes is found"));
  out.replica_hosts =
      expect_hosts(from, "DB_REPLICA_HOSTS",
                   from.list("DB_REPLICA_HOSTS", "its standbys, each by itself, to which reads go that may be two seconds old"));
  out.port = from.port("DB_PORT", "its port", 5432);
  out.database = from.text("DB_NAME", "name of the database", "micro_sayur");
  out.user = from.text("DB_USER", "role to log in as", "micro_sayur");
  const auto password = from.required_secret("DB_PASSWORD", "the role's password");
  out.password = [password] { return password.read(); };
  out.sslmode = from.one_of("DB_SSLMODE", "TLS to PostgreSQL, in libpq's words",
                            {"disable", "prefer", "require", "verify-ca", "verify-full"}, "prefer");
  const bool is_on_this_machine =
      !out.hosts.empty() && std::ranges::all_of(out.hosts, is_socket) && std::ranges::all_of(out.replica_hosts, is_socket);
  from.plaintext("DB", out.sslmode == "verify-full" || is_on_this_machine, "DB_SSLMODE", "verify-full");
  out.ca_file = from.authorities("DB_CA_FILE", "certificate authorities of PostgreSQL (PEM)");
  out.pool_size = static_cast<std::size_t>(
      from.integer("DB_POOL_SIZE", "connections to PostgreSQL at most, shared by the io threads", 10, {.minimum = 2, .maximum = 1000}));
  out.between = parse_pooler(from.one_of("DB_POOLER",
                                         "what stands in front of it: a PgBouncer before 1.21 (transaction), or one that knows prepared "
                                         "statements; the role then needs settings of its own (docs/operations/pooler.md)",
                                         {"none", "transaction", "transaction_prepared"}, "none"));
  out.application_name = schema;
  out.schema = std::move(schema);
  return out;
}

std::string advice(std::string_view why) {
  static constexpr std::array hints{
      config::hint{"only reads", "it takes no writes: promote a primary, or let DB_HOST name one"},
      config::hint{"read-only", "it takes no writes: promote a primary, or let DB_HOST name one"},
      config::hint{"hot standby", "it takes no writes: promote a primary, or let DB_HOST name one"},
      config::hint{"read_only", "it takes no writes: promote a primary, or let DB_HOST name one"},
      config::hint{"unsupported startup parameter", "a PgBouncer stands in between: DB_POOLER"},
      config::hint{"in its sessions", "it has settings to be made for the role of DB_USER, and DB_POOLER (docs/operations/pooler.md)"},
      config::hint{"SASL authentication failed", "its pooler refuses the login: DB_USER and DB_PASSWORD_FILE"},
      config::hint{"password authentication failed", "it refuses the login: DB_USER and DB_PASSWORD_FILE"},
      config::hint{"pg_hba.conf", "it lets nobody in who comes from here like this: its pg_hba.conf, and DB_SSLMODE"},
      config::hint{"does not exist", "it has no such database or role: DB_NAME and DB_USER"},
      config::hint{"certificate", "TLS failed: DB_CA_FILE, DB_SSLMODE, and whether the certificate names DB_HOST"},
      config::hint{"SSL", "TLS failed: DB_SSLMODE and DB_CA_FILE"},
      config::hint{"resolve", "nobody knows the name: DB_HOST"},
      config::hint{"refused", "nothing listens there: whether it runs, DB_HOST and DB_PORT"},
      config::hint{"too many", "it has no connection left: its max_connections, and DB_POOL_SIZE of all instances together"},
      config::hint{"full", "it has no room left on its disk"},
  };
  return config::advice_for(why, hints, "whether it runs and can be reached, DB_HOST and DB_PORT");
}

}  // namespace micro_sayur::sql::postgres
