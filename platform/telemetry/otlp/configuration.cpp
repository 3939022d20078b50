// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/otlp/configuration.hpp"

#include <charconv>

namespace micro_sayur::telemetry {
namespace {

constexpr std::string_view ratio_name = "OTEL_TRACES_SAMPLER_ARG";

double read_ratio(config::reader& from) {
  const auto text =
      from.text(ratio_name, "for the samplers with a ratio: how much of the traces that begin here is recorded, 0 to 1", "0.1");
  double ratio = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ratio);
  if (error == std::errc() && end == text.data() + text.size() && ratio >= 0 && ratio <= 1) return ratio;
  from.add_fault(ratio_name, "\"" + text + "\" is not a share", "set it to a number from 0 to 1, such as 0.1");
  return 0;
}

}  // namespace

tracing_settings read_tracing_settings(config::reader& from) {
  tracing_settings out;
  const auto endpoint = from.optional_url("OTEL_EXPORTER_OTLP_ENDPOINT",
                                          "OpenTelemetry Collector to send spans to, by OTLP over HTTP; without it there are none");
  const auto authorities = from.authorities("OTEL_EXPORTER_OTLP_CERTIFICATE", "who has signed the Collector's certificate, if it is https");
  if (endpoint) out.exporter = otlp_settings{.endpoint = *endpoint, .authorities = authorities};
  const auto kind = from.one_of(
      "OTEL_TRACES_SAMPLER", "which traces are recorded; parentbased_*: where the caller says, as it says",
      {"always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"},
      "parentbased_traceidratio");
  const auto ratio = read_ratio(from);
  out.rule.by_parent = kind.starts_with("parentbased_");
  out.rule.ratio = kind.ends_with("always_on") ? 1 : kind.ends_with("always_off") ? 0 : ratio;
  out.service_name = from.text("OTEL_SERVICE_NAME", "service.name of spans, instead of the service's own", "");
  return out;
}

}  // namespace micro_sayur::telemetry
