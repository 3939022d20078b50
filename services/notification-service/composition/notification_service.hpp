// SPDX-License-Identifier: Apache-2.0
// The whole service put together on whatever it is given: servers (main.cpp) or embedded stores (services/micro-sayur).
#pragma once

#include "notification-service/adapters/http/session_check.hpp"
#include "notification-service/composition/settings.hpp"
#include "notification-service/ports/mail_sender.hpp"
#include "platform/cache/cache.hpp"
#include "platform/events/transport.hpp"
#include "platform/http/bearer.hpp"
#include "platform/http/router.hpp"
#include "platform/program/service.hpp"
#include "platform/sql/database.hpp"
#include "platform/sql/prune.hpp"
#include "platform/telemetry/health.hpp"

#include <memory>
#include <span>
#include <vector>

namespace micro_sayur::sql {
struct migration;
}

namespace micro_sayur::notification_service {

inline constexpr std::string_view database_schema = "notification_service";

/// What the service stands on. Outlives it.
struct notification_service_parts {
  sql::database& database;
  std::span<const sql::migration> migrations;
  cache::store& cache;         ///< which user-service shares
  events::consumer& consumer;  ///< used on core 0; started and stopped by the service
  mail_sender& sender;
  http::key_source keys;                            ///< with which access tokens are signed
  session_check session_is_live;                    ///< of those tokens; asked when `cache` does not tell
  std::vector<http::route> more_routes = {};        ///< the mailbox page, where there is one
  std::vector<sql::retention> more_retention = {};  ///< of its table
  telemetry::whereabouts database_server = {};
  telemetry::whereabouts cache_server = {};
  telemetry::whereabouts broker = {};
  telemetry::whereabouts mail_server = {};
};

class notification_service final : public program::service {
 public:
  notification_service(program::process& base, settings with, notification_service_parts parts);
  ~notification_service() override;

  /// Listens at once; waits for a database that is away. Throws sql::schema_error and, when the port is taken, std::runtime_error.
  async::task<> start() override;
  async::task<> drain(bool at_once) override;

  /// Stops consuming, then waits for the mails that are on their way.
  async::task<> stop() override;

 private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

}  // namespace micro_sayur::notification_service
