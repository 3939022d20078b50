// SPDX-License-Identifier: Apache-2.0
// What a program takes from the world around it, as ports: time, randomness and new identifiers. Use cases get these
// injected, so that a test decides what time it is.
#pragma once

#include "platform/base/time.hpp"
#include "platform/base/uuid.hpp"

#include <chrono>
#include <cstdint>
#include <span>

namespace micro_sayur {

/// Thread-safe. `now` may jump (wall clock, for expiry that is stored); `steady_now` never does (for intervals).
class clock_source {
 public:
  virtual ~clock_source() = default;
  virtual timestamp now() const = 0;
  virtual std::chrono::steady_clock::time_point steady_now() const = 0;
};

/// Thread-safe, cryptographically strong.
class random_source {
 public:
  virtual ~random_source() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// The machine's clocks.
class system_clock final : public clock_source {
 public:
  timestamp now() const override;
  std::chrono::steady_clock::time_point steady_now() const override;
};

/// libsodium's generator. Throws std::runtime_error from the constructor when libsodium cannot start.
class system_random final : public random_source {
 public:
  system_random();
  void fill(std::span<std::uint8_t> out) override;
};

/// Makes UUIDv7 identifiers. Thread-safe as its two sources are; keeps references to them.
class id_source {
 public:
  id_source(const clock_source& clock, random_source& random) : clock_(clock), random_(random) {}
  uuid next();

 private:
  const clock_source& clock_;
  random_source& random_;
};

}  // namespace micro_sayur
