// SPDX-License-Identifier: Apache-2.0
// Whatever is accepted as an event is written and read back as the same event.
#include "platform/events/cloud_event.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace micro_sayur::events;
  const auto event = parse_cloud_event({reinterpret_cast<const char*>(data), size});
  if (event && parse_cloud_event(to_json(*event)) != event) std::abort();
  return 0;
}
