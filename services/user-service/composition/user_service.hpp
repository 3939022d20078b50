// SPDX-License-Identifier: Apache-2.0
// The whole service put together on whatever stores it is given: servers (main.cpp) or embedded ones (services/micro-sayur).
#pragma once

#include "platform/cache/cache.hpp"
#include "platform/events/transport.hpp"
#include "platform/program/service.hpp"
#include "platform/sql/database.hpp"
#include "platform/telemetry/health.hpp"
#include "user-service/composition/settings.hpp"

#include <memory>
#include <span>

namespace micro_sayur::sql {
struct migration;
}

namespace micro_sayur::crypto {
class signing_keys;
}

namespace micro_sayur::user_service {

inline constexpr std::string_view service_name = "user-service";
inline constexpr std::string_view database_schema = "user_service";

/// What a service stands on. Outlives it.
struct user_service_parts {
  sql::database& database;
  std::span<const sql::migration> migrations;
  cache::store& cache;
  events::publisher& publisher;
  std::string mailbox_url = {};  ///< linked by the landing page; "" where mail really goes out
  telemetry::whereabouts database_server = {};
  telemetry::whereabouts cache_server = {};
  telemetry::whereabouts broker = {};
};

class user_service final : public program::service {
 public:
  /// Loads the signing keys, and makes one where `with` allows it and there is none. Throws config::faults when there are none.
  user_service(program::process& base, settings with, user_service_parts parts);
  ~user_service() override;

  /// Listens at once; waits for a database that is away. Throws sql::schema_error and, when the port is taken, std::runtime_error.
  async::task<> start() override;
  async::task<> drain(bool at_once) override;
  async::task<> stop() override;

  const crypto::signing_keys& keys() const;

  /// The verdict of which user-service's own endpoints make use; for a service in the same process. Throws as they do.
  async::task<bool> session_is_live(uuid session_id);

 private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

}  // namespace micro_sayur::user_service
