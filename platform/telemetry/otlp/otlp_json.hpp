// SPDX-License-Identifier: Apache-2.0
// Spans as an ExportTraceServiceRequest in JSON (OpenTelemetry Protocol 1.3: ids in hexadecimal, 64-bit numbers as strings).
#pragma once

#include "platform/telemetry/tracing/span.hpp"

#include <string>
#include <utility>
#include <vector>

namespace micro_sayur::telemetry {

/// Who sends: service.name, service.version, ...
using resource_attributes = std::vector<std::pair<std::string, std::string>>;

std::string to_otlp_json(const resource_attributes& resource, const std::vector<span_data>& spans);

}  // namespace micro_sayur::telemetry
