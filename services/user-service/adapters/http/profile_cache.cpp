// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/http/profile_cache.hpp"

namespace micro_sayur::user_service {

std::shared_ptr<const rendered_profile> profile_cache::find(const uuid& id) {
  const auto now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return nullptr;
  if (now < found->second.expires) return found->second.profile;
  entries_.erase(found);
  return nullptr;
}

std::uint64_t profile_cache::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

void profile_cache::keep(const uuid& id, std::shared_ptr<const rendered_profile> profile, std::uint64_t read_in) {
  const auto expires = clock_.steady_now() + lifetime;
  const std::lock_guard lock(mutex_);
  if (read_in != generation_) return;
  if (entries_.size() >= most_entries) entries_.clear();
  entries_[id] = {std::move(profile), expires};
}

void profile_cache::forget(const uuid& id) {
  const std::lock_guard lock(mutex_);
  ++generation_;
  entries_.erase(id);
}

}  // namespace micro_sayur::user_service
