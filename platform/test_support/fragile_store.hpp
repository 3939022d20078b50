// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/cache/in_process.hpp"

#include <functional>

namespace micro_sayur::test {

/// A shared cache that can go away.
class fragile_store final : public cache::store {
 public:
  explicit fragile_store(const clock_source& clock) : inner_(cache::make_in_process_store(clock)) {}

  async::task<std::optional<std::string>> get(std::string key) override {
    auto found = co_await present().get(std::move(key));
    if (after_get) co_await after_get();
    co_return found;
  }
  async::task<> set(std::string key, std::string value, std::chrono::milliseconds ttl) override {
    ++writes;
    return present().set(std::move(key), std::move(value), ttl);
  }
  async::task<bool> set_if_absent(std::string key, std::string value, std::chrono::milliseconds ttl) override {
    ++writes;
    return present().set_if_absent(std::move(key), std::move(value), ttl);
  }
  async::task<> remove(std::vector<std::string> keys) override { return present().remove(std::move(keys)); }
  async::task<> remove_if_equal(std::string key, std::string value) override {
    return present().remove_if_equal(std::move(key), std::move(value));
  }
  async::task<std::optional<std::chrono::milliseconds>> time_left(std::string key) override { return present().time_left(std::move(key)); }
  async::task<std::int64_t> increment(std::string key, std::chrono::milliseconds ttl) override {
    ++writes;
    return present().increment(std::move(key), ttl);
  }
  async::task<std::int64_t> decrement(std::string key, std::chrono::milliseconds ttl) override {
    return present().decrement(std::move(key), ttl);
  }
  async::task<> try_to_write() override { return present().try_to_write(); }
  async::task<> ping() override { return present().ping(); }
  async::task<> close() override { return inner_->close(); }

  bool away = false;
  int writes = 0;
  std::function<async::task<>()> after_get;  ///< what others do before the answer arrives

 private:
  cache::store& present() const {
    if (away) throw cache::unavailable("away");
    return *inner_;
  }
  std::unique_ptr<cache::store> inner_;
};

}  // namespace micro_sayur::test
