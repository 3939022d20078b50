// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/openmetrics.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace micro_sayur::telemetry {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::string_view name_of(MetricType type) {
  switch (type) {
    case MetricType::Counter: return "counter";
    case MetricType::Gauge: return "gauge";
    case MetricType::Histogram: return "histogram";
    default: throw std::logic_error("OpenMetrics: a type of metric that nothing here makes");
  }
}

/// The name of the family of a counter has no `_total`, that of its sample has.
std::string_view without_total(std::string_view name) {
  constexpr std::string_view suffix = "_total";
  if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  return name;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::string number(double value) {
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return std::isnan(value) ? "NaN" : fmt::format("{}", value);
}

class writer {
 public:
  explicit writer(const exemplars_of& exemplars) : exemplars_(exemplars) {}

  void write(const MetricFamily& family) {
    const auto name = family.type == MetricType::Counter ? without_total(family.name) : std::string_view(family.name);
    fmt::format_to(end(), "# TYPE {} {}\n# HELP {} {}\n", name, name_of(family.type), name, escaped(family.help));
    for (const auto& metric : family.metric) write(name, family, metric);
  }

  std::string finish() {
    out_ += "# EOF\n";
    return std::move(out_);
  }

 private:
  std::back_insert_iterator<std::string> end() { return std::back_inserter(out_); }

  void write(std::string_view name, const MetricFamily& family, const ClientMetric& metric) {
    const auto labels = labels_of(metric);
    switch (family.type) {
      case MetricType::Counter: sample(name, "_total", labels, metric.counter.value); break;
      case MetricType::Histogram: write_histogram(family.name, metric, labels); break;
      default: sample(name, "", labels, metric.gauge.value);
    }
  }

  void write_histogram(const std::string& name, const ClientMetric& metric, const std::string& labels) {
    const auto known = exemplars_(name, metric);
    const auto& buckets = metric.histogram.bucket;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      const auto bound = fmt::format("{}{}le=\"{}\"", labels, labels.empty() ? "" : ",", number(buckets[i].upper_bound));
      fmt::format_to(end(), "{}_bucket{{{}}} {}", name, bound, buckets[i].cumulative_count);
      if (i < known.size() && known[i]) write_exemplar(*known[i]);
      out_ += '\n';
    }
    sample(name, "_count", labels, static_cast<double>(metric.histogram.sample_count));
    sample(name, "_sum", labels, metric.histogram.sample_sum);
  }

  void write_exemplar(const exemplar& what) {
    const std::chrono::duration<double> since_epoch = what.at.time_since_epoch();
    fmt::format_to(end(), " # {{trace_id=\"{}\"}} {} {:.3f}", what.trace_id, number(what.value), since_epoch.count());
  }

  void sample(std::string_view name, std::string_view suffix, const std::string& labels, double value) {
    if (labels.empty())
      fmt::format_to(end(), "{}{} {}\n", name, suffix, number(value));
    else
      fmt::format_to(end(), "{}{}{{{}}} {}\n", name, suffix, labels, number(value));
  }

  static std::string labels_of(const ClientMetric& metric) {
    std::string out;
    for (const auto& [name, value] : metric.label)
      fmt::format_to(std::back_inserter(out), "{}{}=\"{}\"", out.empty() ? "" : ",", name, escaped(value));
    return out;
  }

  const exemplars_of& exemplars_;
  std::string out_;
};

}  // namespace

std::string to_openmetrics(const std::vector<MetricFamily>& families, const exemplars_of& exemplars) {
  writer out(exemplars);
  for (const auto& family : families) out.write(family);
  return out.finish();
}

}  // namespace micro_sayur::telemetry
