// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/tracing/span.hpp"

#include <utility>

namespace micro_sayur::telemetry {
namespace {

constexpr std::size_t usual_attributes = 8;  // of most spans at most: spares growing

}  // namespace

span::span(span_sink& to, span_data begun)
    : running_(std::make_unique<running>(running{.to = to, .data = std::move(begun), .began = std::chrono::steady_clock::now()})) {
  running_->data.start = std::chrono::system_clock::now();
  running_->data.attributes.reserve(usual_attributes);
}

void span::begin_earlier(std::chrono::nanoseconds ago) {
  if (!running_) return;
  running_->began -= ago;
  running_->data.start -= std::chrono::duration_cast<std::chrono::system_clock::duration>(ago);
}

void span::end() noexcept {
  const auto ended = std::move(running_);
  if (!ended) return;
  ended->data.duration = std::chrono::steady_clock::now() - ended->began;
  ended->to.take(std::move(ended->data));
}

}  // namespace micro_sayur::telemetry
