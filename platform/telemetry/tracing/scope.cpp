// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/tracing/scope.hpp"

#include <bit>

namespace micro_sayur::telemetry {
namespace {

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): the `index`-th number after `seed`.
std::uint64_t number_after(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed + index * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

span span_scope::begin_child(span_kind kind, std::string_view name) {
  auto context = of_;
  auto id = number_after(std::bit_cast<std::uint64_t>(of_.span_id), ++children_);
  if (id == 0) id = 1;  // not an id
  context.span_id = std::bit_cast<decltype(context.span_id)>(id);
  return {to_, {.context = context, .parent = of_.span_id, .name = std::string(name), .kind = kind}};
}

}  // namespace micro_sayur::telemetry
