// SPDX-License-Identifier: Apache-2.0
// Whatever is accepted is written and read back as the same value.
#include "platform/base/utf8.hpp"
#include "platform/json/reader.hpp"
#include "platform/json/text.hpp"

#include <boost/json/serialize.hpp>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace micro_sayur;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = json::parse(text);
  if (!value) return 0;
  if (!is_utf8(text)) std::abort();
  const auto again = json::parse(boost::json::serialize(*value));
  if (!again || boost::json::serialize(*again) != boost::json::serialize(*value)) std::abort();
  return 0;
}
