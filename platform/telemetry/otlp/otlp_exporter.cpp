// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/otlp/otlp_exporter.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace micro_sayur::telemetry {
namespace {

constexpr auto dropped_help = "Spans that never reached the Collector.";

constexpr std::size_t longest_answer = 4096;  // what is read of it

std::size_t keep_beginning(char* text, std::size_t size, std::size_t count, void* into) {
  auto& answer = *static_cast<std::string*>(into);
  answer.append(text, std::min(size * count, longest_answer - answer.size()));
  return size * count;
}

/// OTLP 1.3, section "Partial success": spans that were refused although the request was taken.
std::size_t rejected_spans(const std::string& answer) {
  boost::system::error_code error;
  const auto parsed = boost::json::parse(answer, error);
  const auto found = error ? nullptr : parsed.find_pointer("/partialSuccess/rejectedSpans", error);
  if (found == nullptr) return 0;
  if (const auto* number = found->if_int64()) return *number > 0 ? static_cast<std::size_t>(*number) : 0;
  const auto* text = found->if_string();
  if (text == nullptr) return 0;
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), number);
  return failure == std::errc::result_out_of_range ? std::numeric_limits<std::size_t>::max() : number;
}

/// OTLP 1.3, section "Failures": these pass, others do not.
bool passes(long status) { return status == 429 || status == 502 || status == 503 || status == 504; }

}  // namespace

span_counters::span_counters(metrics& in)
    : exported(in.counter("sayur_spans_exported_total", "Spans that the Collector took.")),
      dropped(in.counter("sayur_spans_dropped_total", dropped_help, {{"reason", "queue_full"}})),
      refused(in.counter("sayur_spans_dropped_total", dropped_help, {{"reason", "refused"}})) {}

otlp_exporter::otlp_exporter(otlp_settings with, resource_attributes resource, const logger& log, const span_counters& counters)
    : with_(std::move(with)), resource_(std::move(resource)), log_(log), counters_(counters) {
  header_ = curl::append(std::move(header_), "Content-Type: application/json");
  header_ = curl::append(std::move(header_), "Expect:");  // a round trip for nothing
  handle_.set(CURLOPT_URL, with_.endpoint + "/v1/traces");
  handle_.set(CURLOPT_PROTOCOLS_STR, std::string("http,https"));
  handle_.set(CURLOPT_PROXY, std::string());  // the address is one of ours
  if (!with_.authorities.empty()) handle_.set(CURLOPT_CAINFO, with_.authorities);
  handle_.set_pointer(CURLOPT_HTTPHEADER, header_.get());
  handle_.set_pointer(CURLOPT_WRITEFUNCTION, &keep_beginning);
  handle_.set_pointer(CURLOPT_WRITEDATA, &answer_);
  handle_.set(CURLOPT_QUICK_EXIT, 1);  // or an end would wait for a name server that does not answer
  handle_.set(CURLOPT_NOPROGRESS, 0);
  handle_.set_pointer(CURLOPT_XFERINFOFUNCTION, &otlp_exporter::on_progress);
  handle_.set_pointer(CURLOPT_XFERINFODATA, this);
  thread_ = std::thread([this] { export_until_closed(); });
}

otlp_exporter::~otlp_exporter() {
  queue_.close();
  thread_.join();
}

void otlp_exporter::export_until_closed() {
  while (!queue_.wait_until_closed({})) {
    const auto batch = queue_.next_batch(with_.interval);
    if (!batch.empty()) deliver(batch);
  }
  for (auto batch = queue_.next_batch({}); !batch.empty(); batch = queue_.next_batch({})) send_at_last(batch);
}

void otlp_exporter::deliver(const std::vector<span_data>& batch) {
  const auto body = to_otlp_json(resource_, batch);
  while (true) {
    const auto reached = send(body, with_.timeout);
    if (reached != outcome::unavailable) return count(reached, batch.size());
    const auto asked = std::chrono::duration_cast<std::chrono::milliseconds>(handle_.retry_after());
    if (queue_.wait_until_closed(std::clamp(asked, retry_.next(), with_.longest_retry))) return send_at_last(batch);
  }
}

void otlp_exporter::send_at_last(const std::vector<span_data>& batch) {
  const auto now = std::chrono::steady_clock::now();
  if (!end_) end_ = now + with_.last_timeout;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*end_ - now);
  if (left.count() > 0) count(send(to_otlp_json(resource_, batch), left), batch.size());
}

/// A Collector that hangs does not hold up the end of the program.
int otlp_exporter::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  auto& exporter = *static_cast<otlp_exporter*>(self);
  return !exporter.end_ && exporter.queue_.wait_until_closed({}) ? 1 : 0;
}

otlp_exporter::outcome otlp_exporter::send(const std::string& body, std::chrono::milliseconds timeout) {
  handle_.set(CURLOPT_TIMEOUT_MS, std::max<std::int64_t>(timeout.count(), 1));  // 0 would be no deadline
  handle_.set_size(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  handle_.set_pointer(CURLOPT_POSTFIELDS, body.data());
  answer_.clear();
  const auto code = handle_.perform();
  const auto status = handle_.response_code();
  auto reached = outcome::accepted;
  if (code != CURLE_OK || passes(status))
    reached = outcome::unavailable;
  else if (status < 200 || status >= 300)
    reached = outcome::refused;
  tell(reached, code == CURLE_OK ? fmt::format("status {}", status) : handle_.describe(code));
  return reached;
}

void otlp_exporter::count(outcome reached, std::size_t spans) {
  if (reached == outcome::unavailable) return;
  const auto refused = reached == outcome::refused ? spans : std::min(spans, rejected_spans(answer_));
  counters_.refused.Increment(static_cast<double>(refused));
  counters_.exported.Increment(static_cast<double>(spans - refused));
}

/// Once for each change.
void otlp_exporter::tell(outcome reached, const std::string& reason) {
  if (reached == outcome::accepted) retry_.reset();
  if (std::exchange(told_, reached) == reached) return;
  if (reached == outcome::accepted)
    log_.info("spans are exported again", {{"url.full", with_.endpoint}});
  else
    log_.warning(reached == outcome::refused ? "the OpenTelemetry Collector refuses spans" : "spans wait for the OpenTelemetry Collector",
                 {{"url.full", with_.endpoint}, {"error.message", reason}});
}

}  // namespace micro_sayur::telemetry
