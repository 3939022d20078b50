// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/in_process.hpp"

#include <charconv>
#include <map>
#include <mutex>
#include <unordered_map>

namespace micro_sayur::cache {
namespace {

using time_point = std::chrono::steady_clock::time_point;

std::int64_t parse_count(const std::string& text) {
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc() || end != text.data() + text.size()) throw unavailable("the value is not a counter");
  return count;
}

class in_process_store final : public store {
 public:
  in_process_store(const clock_source& clock, std::size_t most_entries)
      : clock_(clock), most_entries_(std::max<std::size_t>(most_entries, 1)) {}

  async::task<std::optional<std::string>> get(std::string key) override {
    const std::lock_guard lock(mutex_);
    drop_expired();
    const auto found = entries_.find(key);
    if (found == entries_.end()) co_return std::nullopt;
    co_return found->second.value;
  }

  async::task<> set(std::string key, std::string value, std::chrono::milliseconds time_to_live) override {
    const std::lock_guard lock(mutex_);
    drop_expired();
    erase(key);
    insert(std::move(key), std::move(value), time_to_live);
    co_return;
  }

  async::task<> set_if_absent(std::string key, std::string value, std::chrono::milliseconds time_to_live) override {
    const std::lock_guard lock(mutex_);
    drop_expired();
    if (!entries_.contains(key)) insert(std::move(key), std::move(value), time_to_live);
    co_return;
  }

  async::task<> remove(std::vector<std::string> keys) override {
    const std::lock_guard lock(mutex_);
    for (const auto& key : keys) erase(key);
    co_return;
  }

  async::task<std::int64_t> increment(std::string key, std::chrono::milliseconds time_to_live) override {
    co_return add(std::move(key), 1, time_to_live);
  }

  async::task<std::int64_t> decrement(std::string key, std::chrono::milliseconds time_to_live) override {
    co_return add(std::move(key), -1, time_to_live);
  }

  async::task<> try_to_write() override { co_return; }
  async::task<> ping() override { co_return; }
  async::task<> close() override { co_return; }

 private:
  using expiries = std::multimap<time_point, std::string>;
  struct entry {
    std::string value;
    expiries::iterator expiry;
  };

  std::int64_t add(std::string key, std::int64_t step, std::chrono::milliseconds time_to_live) {
    const std::lock_guard lock(mutex_);
    drop_expired();
    const auto found = entries_.find(key);
    const auto count = found == entries_.end() ? step : parse_count(found->second.value) + step;
    if (found == entries_.end())
      insert(std::move(key), std::to_string(count), time_to_live);
    else
      found->second.value = std::to_string(count);
    return count;
  }

  void insert(std::string key, std::string value, std::chrono::milliseconds time_to_live) {
    if (entries_.size() >= most_entries_) drop_first();
    const auto expiry = expiries_.emplace(clock_.steady_now() + time_to_live, key);
    entries_.emplace(std::move(key), entry{std::move(value), expiry});
  }

  void erase(const std::string& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    expiries_.erase(found->second.expiry);
    entries_.erase(found);
  }

  void drop_first() {
    entries_.erase(expiries_.begin()->second);
    expiries_.erase(expiries_.begin());
  }

  void drop_expired() {
    const auto now = clock_.steady_now();
    while (!expiries_.empty() && expiries_.begin()->first <= now) drop_first();
  }

  const clock_source& clock_;
  const std::size_t most_entries_;
  std::mutex mutex_;
  std::unordered_map<std::string, entry> entries_;
  expiries expiries_;
};

}  // namespace

std::unique_ptr<store> make_in_process_store(const clock_source& clock, std::size_t most_entries) {
  return std::make_unique<in_process_store>(clock, most_entries);
}

}  // namespace micro_sayur::cache
