// SPDX-License-Identifier: Apache-2.0
// The PostgreSQL driver: libpq in pipeline mode over Asio, a share of the connections per core.
#pragma once

#include "platform/async/runtime.hpp"
#include "platform/sql/database.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace micro_sayur::sql::postgres {

/// What stands between us and the server.
enum class pooler {
  none,
  transaction,           ///< PgBouncer before 1.21, which knows no prepared statements
  transaction_prepared,  ///< PgBouncer from 1.21 on, with max_prepared_statements
};

struct settings {
  /// Names, addresses, or directories of Unix sockets. Of all the servers behind them one takes the writes, and is found anew when it was
  /// another's turn.
  std::vector<std::string> hosts;
  std::vector<std::string> replica_hosts = {};  ///< of `connect_with_replicas`
  std::uint16_t port = 5432;
  std::string database;
  std::string user;
  std::function<std::string()> password = {};  ///< asked at every connection, so that a rotated secret is taken up; may be empty
  std::string sslmode = "prefer";              ///< as libpq: disable, prefer, require, verify-ca, verify-full
  std::string ca_file = {};                    ///< empty: the system's authorities
  std::string schema = {};                     ///< the search_path; letters, digits and _; empty: the server's default
  std::string application_name = "micro-sayur";
  /// With any, the role that logs in has the settings of session_settings.hpp in this database: a pooler takes none from us.
  pooler between = pooler::none;
  /// The servers may be standbys, and none is looked for that takes writes: `query` alone works. It honours `consistency::known`, with
  /// `behind`.
  bool is_replica = false;
  std::size_t pool_size = 10;      ///< connections at most, over all cores, which share them when there are not two for each; at least 2
  std::size_t queue_limit = 1000;  ///< calls that wait for a connection, over all cores
  std::chrono::milliseconds call_timeout{900};  ///< so that a request whose server is silent is answered within a second
  /// For the names and all their addresses. But each address gets half of it at least: n silent ones take up to n / 2 times this, after the
  /// names.
  std::chrono::milliseconds connect_timeout{2000};
};

/// The servers as log lines and /health name them: "a:5432", "a,b:5432".
std::string name_of_servers(const settings& of);

/// Returns at once; connections are opened in the background and opened again, with a jittered back-off of 100 ms to 2 s, whenever
/// they are lost. While there is none, a call fails with `unavailable` after at most 500 ms. `query` runs read-only.
/// Throws std::invalid_argument for a bad schema name. `cores` must outlive the database; `close` it while `cores` runs.
std::unique_ptr<database> connect(async::runtime& cores, settings with);

}  // namespace micro_sayur::sql::postgres
