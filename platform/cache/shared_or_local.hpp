// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/cache/cache.hpp"

#include <functional>

namespace micro_sayur::cache {

/// Where counters stand that must go on while the shared store is away: then each process counts for itself. Thread-safe as the stores,
/// which outlive it.
class shared_or_local {
 public:
  using work = std::function<async::task<>(store&)>;

  shared_or_local(store& shared, store& local) : shared_(shared), local_(local) {}

  /// Does `what` in the shared store, and all of it again in the local one when the shared one is away. Throws what `what` throws.
  async::task<> run(work what) const;

  store& local() const { return local_; }

 private:
  store& shared_;
  store& local_;
};

}  // namespace micro_sayur::cache
