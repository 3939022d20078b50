// SPDX-License-Identifier: Apache-2.0
#include "notification-service/app/withheld_mails.hpp"

#include <algorithm>

namespace micro_sayur::notification_service {
namespace {

constexpr std::int64_t page_size = 200;  // of one transaction

}  // namespace

async::task<std::int64_t> withheld_mails::list(withheld_filter which, std::function<void(const notification&)> show) {
  std::int64_t count = 0;
  const auto show_all = [&](const page& found) -> async::task<> {
    std::ranges::for_each(found, show);
    count += std::ssize(found);
    co_return;
  };
  co_await each_page(std::move(which), show_all);
  co_return count;
}

async::task<std::int64_t> withheld_mails::release(withheld_filter which) {
  std::int64_t count = 0;
  const auto release_all = [&](const page& found) -> async::task<> {
    std::vector<uuid> ids;
    for (const auto& each : found) ids.push_back(each.id);
    count += co_await store_.release(std::move(ids));
  };
  co_await each_page(std::move(which), release_all);
  co_return count;
}

/// Every page, whatever `since` is: pages are in the order of events, and a mail may be made long after its event (`outbox replay`).
async::task<> withheld_mails::each_page(withheld_filter which, std::function<async::task<>(const page&)> take) {
  const auto too_old = [&](const notification& what) { return which.since && what.created_at < *which.since; };
  const auto unwanted = [&](const notification& what) { return too_old(what) || !which.recipients.names(what.recipient); };
  notification_filter next{.status = notification_status::withheld, .limit = page_size};
  while (true) {
    auto found = co_await store_.list(next);
    if (found.empty()) co_return;
    next.before = found.back().id;
    std::erase_if(found, unwanted);
    if (!found.empty()) co_await take(found);
  }
}

}  // namespace micro_sayur::notification_service
