// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/telemetry/latency.hpp"

#include <prometheus/metric_family.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace micro_sayur::telemetry {

/// The exemplars of a histogram by family and labels, one for each bucket; nothing where there are none.
using exemplars_of = std::function<std::vector<std::optional<exemplar>>(const std::string& family, const prometheus::ClientMetric&)>;

/// OpenMetrics text, version 1.0.0: unlike the format 0.0.4 it has room for exemplars. Knows counters, gauges and histograms; throws
/// std::logic_error for other types, which nothing here makes.
std::string to_openmetrics(const std::vector<prometheus::MetricFamily>& families, const exemplars_of& exemplars);

}  // namespace micro_sayur::telemetry
