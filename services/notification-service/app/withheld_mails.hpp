// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/domain/mail_recipients.hpp"
#include "notification-service/ports/notification_store.hpp"

#include <functional>
#include <optional>

namespace micro_sayur::notification_service {

struct withheld_filter {
  mail_recipients recipients;
  std::optional<timestamp> since;  ///< made then or later
};

/// What was withheld, newest event first and page by page: there may be more than memory has room for.
class withheld_mails {
 public:
  /// `store` must outlive this.
  explicit withheld_mails(notification_store& store) : store_(store) {}

  /// How many there are; each is shown.
  async::task<std::int64_t> list(withheld_filter which, std::function<void(const notification&)> show);

  /// Has them sent, whomever they are for. How many those are; what is released already, or is withheld meanwhile, is not among them.
  async::task<std::int64_t> release(withheld_filter which);

 private:
  using page = std::vector<notification>;

  async::task<> each_page(withheld_filter which, std::function<async::task<>(const page&)> take);

  notification_store& store_;
};

}  // namespace micro_sayur::notification_service
