// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace micro_sayur::async {

/// Items of several owners, served in turns: whoever has one item waits for at most one of each other owner, however many those have.
/// First come, first served within an owner. Not thread-safe.
template <typename T>
class fair_queue {
 public:
  void push(std::string owner, T item) {
    const auto [found, is_new] = lines_.try_emplace(std::move(owner));
    if (is_new) found->second.turn = turns_.insert(turns_.end(), &*found);
    found->second.items.push_back(std::move(item));
    ++size_;
  }

  /// Requires that the queue is not empty.
  T pop() {
    auto* const next = turns_.front();
    turns_.splice(turns_.end(), turns_, turns_.begin());
    auto& items = next->second.items;
    T item = std::move(items.front());
    items.pop_front();
    --size_;
    if (items.empty()) erase(*next);
    return item;
  }

  /// The newest item of whoever has the most, who must have more than `owner`; nullopt when nobody has.
  std::optional<T> take_from_greediest(const std::string& owner) {
    const auto greediest =
        std::max_element(turns_.begin(), turns_.end(), [](auto* a, auto* b) { return a->second.items.size() < b->second.items.size(); });
    if (greediest == turns_.end() || (*greediest)->second.items.size() <= size_of(owner) + 1) return std::nullopt;
    auto& items = (*greediest)->second.items;
    T item = std::move(items.back());
    items.pop_back();
    --size_;
    return item;
  }

  std::size_t size_of(const std::string& owner) const {
    const auto found = lines_.find(owner);
    return found == lines_.end() ? 0 : found->second.items.size();
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  struct line;
  using lines = std::map<std::string, line>;  // ordered: owners are named by strangers
  using turns = std::list<typename lines::value_type*>;
  struct line {
    std::deque<T> items;
    typename turns::iterator turn;
  };

  void erase(typename lines::value_type& which) {
    turns_.erase(which.second.turn);
    lines_.erase(lines_.find(which.first));
  }

  lines lines_;
  turns turns_;  ///< every owner with items; the first is served next
  std::size_t size_ = 0;
};

}  // namespace micro_sayur::async
