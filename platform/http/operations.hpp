// SPDX-License-Identifier: Apache-2.0
// What every service answers to those who run it: /health, /ready, /metrics and /openapi.json.
#pragma once

#include "platform/http/router.hpp"
#include "platform/telemetry/health.hpp"
#include "platform/telemetry/metrics.hpp"

#include <string>
#include <vector>

namespace micro_sayur::http {

/// The arguments must outlive the routes.
std::vector<route> operations_routes(const telemetry::health& health, telemetry::metrics& metrics);

/// To be added last: the document of all routes that `routes` has by then.
route openapi_route(const router& routes, std::string title, std::string version);

}  // namespace micro_sayur::http
