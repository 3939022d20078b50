// SPDX-License-Identifier: Apache-2.0
#include "platform/base/system.hpp"

#include <sodium.h>

#include <array>
#include <stdexcept>

namespace micro_sayur {

timestamp system_clock::now() const { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

std::chrono::steady_clock::time_point system_clock::steady_now() const { return std::chrono::steady_clock::now(); }

system_random::system_random() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium could not be initialised");
}

void system_random::fill(std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); }

uuid id_source::next() {
  std::array<std::uint8_t, 10> random{};
  random_.fill(random);
  return uuid::version_7(clock_.now(), random);
}

}  // namespace micro_sayur
