// SPDX-License-Identifier: Apache-2.0
// Wakes a thread that waits for a socket.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <system_error>

namespace micro_sayur::events::amqp {

/// An eventfd. `wake` may be called from any thread; `clear` belongs to the thread that polls `descriptor`.
class waker {
 public:
  waker() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  ~waker() { ::close(descriptor_); }
  waker(const waker&) = delete;
  waker& operator=(const waker&) = delete;

  int descriptor() const { return descriptor_; }

  void wake() const noexcept {
    const std::uint64_t one = 1;
    // It fails only when the counter is full, and then the thread is awake.
    [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
  }

  void clear() const noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto read = ::read(descriptor_, &count, sizeof count);
  }

 private:
  int descriptor_;
};

}  // namespace micro_sayur::events::amqp
