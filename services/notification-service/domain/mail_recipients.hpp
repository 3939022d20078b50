// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::notification_service {

/// To whom mails may go: everybody, or those whom a list names.
class mail_recipients {
 public:
  /// Everybody.
  mail_recipients() = default;

  /// Addresses and domains, or the one word `everybody` or `nobody`. A domain has a dot, since other words
  /// (`none`, `EVERYBODY`) look like one without; it names the addresses at it, and none at a domain below it. The error is what is wrong,
  /// each as a sentence: an empty list is, since it could be meant either way.
  static std::expected<mail_recipients, std::vector<std::string>> parse(const std::vector<std::string>& entries);

  /// By the keys of platform/base/email_address.hpp, as accounts are compared. What is no address is named by `everybody` alone.
  bool names(std::string_view address) const;

  /// Of different entries; nullopt: everybody.
  std::optional<std::size_t> count() const;

 private:
  using keys = std::set<std::string, std::less<>>;

  explicit mail_recipients(keys named) : named_(std::move(named)) {}

  std::optional<keys> named_;  ///< with and without an @
};

}  // namespace micro_sayur::notification_service
