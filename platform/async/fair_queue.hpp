// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace micro_sayur::async {

/// First come, first served.
template <typename T>
class line {
 public:
  using item = T;

  void push(T what) { items_.push_back(std::move(what)); }

  T pop() {
    T first = std::move(items_.front());
    items_.pop_front();
    return first;
  }

  T take_newest() {
    T newest = std::move(items_.back());
    items_.pop_back();
    return newest;
  }

  std::optional<T> make_room() { return std::nullopt; }
  std::size_t size() const { return items_.size(); }

 private:
  std::deque<T> items_;
};

/// Queues by name, served in turns: whoever has one item waits for at most one of each other name, however many those have.
template <typename Queue>
class in_turns {
 public:
  using item = typename Queue::item;

  template <typename... Rest>
  void push(const std::string& name, Rest... rest) {
    const auto [found, is_new] = queues_.try_emplace(name);
    if (is_new) found->second.turn = turns_.insert(turns_.end(), &*found);
    found->second.queue.push(std::move(rest)...);
    ++size_;
  }

  /// Requires that the queue is not empty.
  item pop() {
    auto* const next = turns_.front();
    turns_.splice(turns_.end(), turns_, turns_.begin());
    return take(*next, &Queue::pop);
  }

  /// Of whoever has the most. Requires that the queue is not empty.
  item take_newest() { return take(*greediest(), &Queue::take_newest); }

  /// The newest item of whoever has the most, who must have more than the one who comes would have then; nullopt when nobody has.
  template <typename... Rest>
  std::optional<item> make_room(const std::string& name, const Rest&... rest) {
    if (size_ == 0) return std::nullopt;
    const auto own = queues_.find(name);
    const auto has = own == queues_.end() ? 0 : own->second.queue.size();
    auto* const most = greediest();
    if (most->second.queue.size() > has + 1) return take(*most, &Queue::take_newest);
    if (own == queues_.end()) return std::nullopt;
    auto made = own->second.queue.make_room(rest...);
    if (made) --size_;
    return made;
  }

  template <typename... Rest>
  std::size_t size_of(const std::string& name, const Rest&... rest) const {
    const auto found = queues_.find(name);
    if (found == queues_.end()) return 0;
    if constexpr (sizeof...(rest) == 0)
      return found->second.queue.size();
    else
      return found->second.queue.size_of(rest...);
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  struct named;
  using queues = std::map<std::string, named>;  // ordered: strangers choose the names
  using turns = std::list<typename queues::value_type*>;
  struct named {
    Queue queue;
    typename turns::iterator turn;
  };

  typename queues::value_type* greediest() const {
    return *std::max_element(turns_.begin(), turns_.end(),
                             [](auto* a, auto* b) { return a->second.queue.size() < b->second.queue.size(); });
  }

  item take(typename queues::value_type& from, item (Queue::*which)()) {
    item taken = (from.second.queue.*which)();
    --size_;
    if (from.second.queue.size() == 0) {
      turns_.erase(from.second.turn);
      queues_.erase(queues_.find(from.first));
    }
    return taken;
  }

  queues queues_;
  turns turns_;  ///< every queue, none of them empty; the first is served next
  std::size_t size_ = 0;
};

/// Items of owners that belong to groups: `push(group, owner, item)`. Groups take turns, within a group its owners. Not thread-safe.
template <typename T>
using fair_queue = in_turns<in_turns<line<T>>>;

}  // namespace micro_sayur::async
