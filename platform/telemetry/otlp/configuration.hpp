// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/config/reader.hpp"
#include "platform/telemetry/otlp/otlp_exporter.hpp"
#include "platform/telemetry/tracing/tracer.hpp"

#include <optional>
#include <string>

namespace micro_sayur::telemetry {

struct tracing_settings {
  std::optional<otlp_settings> exporter;  ///< nullopt: nothing is recorded
  sampler rule;
  std::string service_name;  ///< "": the service's own
};

/// OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_CERTIFICATE, OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG and OTEL_SERVICE_NAME
/// (OpenTelemetry: Environment Variable Specification).
tracing_settings read_tracing_settings(config::reader& from);

}  // namespace micro_sayur::telemetry
