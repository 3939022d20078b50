// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/config/reader.hpp"
#include "platform/events/amqp/connection.hpp"

#include <string>
#include <string_view>

namespace micro_sayur::events::amqp {

/// The variables RABBITMQ_*. `name` is shown in the broker's list of connections.
connection_parameters read_settings(config::reader& from, std::string name);

/// What to look at when the server is lost for this reason.
std::string advice(std::string_view why);

}  // namespace micro_sayur::events::amqp
