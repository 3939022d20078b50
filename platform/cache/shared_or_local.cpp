// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/shared_or_local.hpp"

namespace micro_sayur::cache {

async::task<> shared_or_local::run(work what) const {
  bool done = true;
  try {
    co_await what(shared_);
  } catch (const unavailable&) {
    done = false;
  }
  if (!done) co_await what(local_);
}

}  // namespace micro_sayur::cache
