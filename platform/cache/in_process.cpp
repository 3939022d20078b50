// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/in_process.hpp"

#include <charconv>
#include <map>
#include <mutex>

namespace micro_sayur::cache {
namespace {

using time_point = std::chrono::steady_clock::time_point;

std::int64_t parse_count(const std::string& text) {
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc() || end != text.data() + text.size()) throw unavailable("the value is not a counter");
  return count;
}

/// The entries of one budget. Ordered, since strangers choose keys: a hash table could be made to collide.
class shelf {
 public:
  struct entry {
    std::string value;
    std::multimap<time_point, std::string>::iterator expiry;
  };

  explicit shelf(budget limits) : limits_(std::move(limits)) { limits_.most_entries = std::max<std::size_t>(limits_.most_entries, 1); }

  bool takes(std::string_view key) const { return key.starts_with(limits_.prefix); }

  entry* find(const std::string& key) {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
  }

  /// Throws `unavailable` when full and nothing may make room. The key must be absent.
  void insert(std::string key, std::string value, time_point expires) {
    if (entries_.size() >= limits_.most_entries) {
      if (limits_.then == budget::when_full::refuse) throw unavailable("no room is left for " + limits_.prefix);
      drop_first();
    }
    const auto expiry = expiries_.emplace(expires, key);
    entries_.emplace(std::move(key), entry{std::move(value), expiry});
  }

  void erase(const std::string& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    expiries_.erase(found->second.expiry);
    entries_.erase(found);
  }

  void drop_expired(time_point now) {
    while (!expiries_.empty() && expiries_.begin()->first <= now) drop_first();
  }

 private:
  void drop_first() {
    entries_.erase(expiries_.begin()->second);
    expiries_.erase(expiries_.begin());
  }

  budget limits_;
  std::map<std::string, entry, std::less<>> entries_;
  std::multimap<time_point, std::string> expiries_;
};

class in_process_store final : public store {
 public:
  in_process_store(const clock_source& clock, std::size_t most_entries, std::vector<budget> budgets) : clock_(clock) {
    for (auto& each : budgets) shelves_.emplace_back(std::move(each));
    shelves_.emplace_back(budget{.prefix = "", .most_entries = most_entries});
  }

  async::task<std::optional<std::string>> get(std::string key) override {
    const std::lock_guard lock(mutex_);
    const auto* found = current_shelf(key).find(key);
    if (found == nullptr) co_return std::nullopt;
    co_return found->value;
  }

  async::task<> set(std::string key, std::string value, std::chrono::milliseconds time_to_live) override {
    const std::lock_guard lock(mutex_);
    auto& in = current_shelf(key);
    in.erase(key);
    in.insert(std::move(key), std::move(value), clock_.steady_now() + time_to_live);
    co_return;
  }

  async::task<bool> set_if_absent(std::string key, std::string value, std::chrono::milliseconds time_to_live) override {
    const std::lock_guard lock(mutex_);
    auto& in = current_shelf(key);
    if (in.find(key) != nullptr) co_return false;
    in.insert(std::move(key), std::move(value), clock_.steady_now() + time_to_live);
    co_return true;
  }

  async::task<> remove(std::vector<std::string> keys) override {
    const std::lock_guard lock(mutex_);
    for (const auto& key : keys) current_shelf(key).erase(key);
    co_return;
  }

  async::task<> remove_if_equal(std::string key, std::string value) override {
    const std::lock_guard lock(mutex_);
    auto& in = current_shelf(key);
    const auto* found = in.find(key);
    if (found != nullptr && found->value == value) in.erase(key);
    co_return;
  }

  async::task<std::optional<std::chrono::milliseconds>> time_left(std::string key) override {
    const std::lock_guard lock(mutex_);
    const auto* found = current_shelf(key).find(key);
    if (found == nullptr) co_return std::nullopt;
    co_return std::chrono::ceil<std::chrono::milliseconds>(found->expiry->first - clock_.steady_now());
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
  std::int64_t add(std::string key, std::int64_t step, std::chrono::milliseconds time_to_live) {
    const std::lock_guard lock(mutex_);
    auto& in = current_shelf(key);
    auto* found = in.find(key);
    const auto count = found == nullptr ? step : parse_count(found->value) + step;
    if (found == nullptr)
      in.insert(std::move(key), std::to_string(count), clock_.steady_now() + time_to_live);
    else
      found->value = std::to_string(count);
    return count;
  }

  /// Without what has expired.
  shelf& current_shelf(std::string_view key) {
    auto& found = *std::ranges::find_if(shelves_, [&](const shelf& each) { return each.takes(key); });
    found.drop_expired(clock_.steady_now());
    return found;
  }

  const clock_source& clock_;
  std::mutex mutex_;
  std::deque<shelf> shelves_;
};

}  // namespace

std::unique_ptr<store> make_in_process_store(const clock_source& clock, std::size_t most_entries, std::vector<budget> budgets) {
  return std::make_unique<in_process_store>(clock, most_entries, std::move(budgets));
}

}  // namespace micro_sayur::cache
