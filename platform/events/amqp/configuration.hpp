// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/config/reader.hpp"
#include "platform/events/amqp/connection.hpp"

#include <string>

namespace micro_sayur::events::amqp {

/// The variables RABBITMQ_*. `name` is shown in the broker's list of connections.
connection_parameters read_settings(config::reader& from, std::string name);

}  // namespace micro_sayur::events::amqp
