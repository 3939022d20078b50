// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/postgres/postgres.hpp"

namespace micro_sayur::sql::postgres {

/// As `connect`, with replicas to which reads go that allow it (docs/adr/0037-replicas.md): each of `replica_hosts` by itself, at the
/// writer's port, with connections as many as the writer's. One that lags, is paused, is no standby or does not answer is passed over until
/// it is well again; without one the writer is asked. Without them there is nothing of all that. The schema has the table `heartbeats`.
std::unique_ptr<database> connect_with_replicas(async::runtime& cores, const settings& with);

}  // namespace micro_sayur::sql::postgres
