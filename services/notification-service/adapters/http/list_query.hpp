// SPDX-License-Identifier: Apache-2.0
// ?recipient=&status=&cursor=&limit= of the list of notifications.
#pragma once

#include "notification-service/ports/notification_store.hpp"
#include "platform/http/message.hpp"

#include <string>
#include <string_view>

namespace micro_sayur::notification_service {

inline constexpr std::int64_t default_list_limit = 50;
inline constexpr std::int64_t longest_list = 200;
inline constexpr std::size_t longest_recipient = 254;

/// Throws http::problem_error: validation_failed with every fault, invalid_cursor, bad_request for a broken query string.
notification_filter read_list_query(const http::request& from);

/// The value of the Link header: the same list, going on behind `cursor`. The target is relative to the request's, so that it holds
/// behind any prefix.
std::string next_link(const notification_filter& with, std::string_view cursor);

}  // namespace micro_sayur::notification_service
