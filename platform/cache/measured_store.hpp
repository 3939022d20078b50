// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/cache/cache.hpp"
#include "platform/telemetry/metrics.hpp"
#include "platform/telemetry/tracing/span.hpp"

#include <boost/asio/this_coro.hpp>

namespace micro_sayur::cache {

/// Measures the calls of another store: sayur_cache_call_seconds, sayur_cache_failures_total for those that threw `unavailable`,
/// and a span where the caller works for one and the store is a server.
/// What is given by reference must outlive it.
class measured_store final : public store {
 public:
  measured_store(store& inner, telemetry::metrics& to);

  async::task<std::optional<std::string>> get(std::string key) override { return measure("get", inner_.get(std::move(key))); }
  async::task<> set(std::string key, std::string value, std::chrono::milliseconds time_to_live) override {
    return measure("set", inner_.set(std::move(key), std::move(value), time_to_live));
  }
  async::task<bool> set_if_absent(std::string key, std::string value, std::chrono::milliseconds time_to_live) override {
    return measure("set_if_absent", inner_.set_if_absent(std::move(key), std::move(value), time_to_live));
  }
  async::task<> remove(std::vector<std::string> keys) override { return measure("remove", inner_.remove(std::move(keys))); }
  async::task<> remove_if_equal(std::string key, std::string value) override {
    return measure("remove_if_equal", inner_.remove_if_equal(std::move(key), std::move(value)));
  }
  async::task<std::optional<std::chrono::milliseconds>> time_left(std::string key) override {
    return measure("time_left", inner_.time_left(std::move(key)));
  }
  async::task<std::int64_t> increment(std::string key, std::chrono::milliseconds time_to_live) override {
    return measure("increment", inner_.increment(std::move(key), time_to_live));
  }
  async::task<std::int64_t> decrement(std::string key, std::chrono::milliseconds time_to_live) override {
    return measure("decrement", inner_.decrement(std::move(key), time_to_live));
  }
  async::task<> try_to_write() override { return measure("try_to_write", inner_.try_to_write()); }
  async::task<> ping() override { return measure("ping", inner_.ping()); }
  std::uint64_t connections_opened() const override { return inner_.connections_opened(); }
  std::string_view system() const override { return inner_.system(); }
  async::task<> close() override { return inner_.close(); }

 private:
  template <typename T>
  async::task<T> measure(std::string_view operation, async::task<T> call) {
    auto span = begin_span(co_await boost::asio::this_coro::executor, operation);
    const auto began = std::chrono::steady_clock::now();
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(call);
        note(began);
      } else {
        auto answer = co_await std::move(call);
        note(began);
        co_return answer;
      }
    } catch (const unavailable&) {
      note(began);
      failures_.Increment();
      span.fail("unavailable");
      throw;
    }
  }
  telemetry::span begin_span(const async::executor& here, std::string_view operation) const;
  void note(std::chrono::steady_clock::time_point began);

  store& inner_;
  telemetry::latency& calls_;
  prometheus::Counter& failures_;
};

}  // namespace micro_sayur::cache
