// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/mailbox/mailbox_access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace micro_sayur::notification_service {
namespace {

constexpr std::array<std::string_view, 3> loopback_names{"localhost", "127.0.0.1", "[::1]"};

/// As config::network takes ::ffff:127.0.0.1 for 127.0.0.1.
const config::network_list& this_machine() {
  static const config::network_list loopback({config::network::parse("127.0.0.0/8").value(), config::network::parse("::1").value()});
  return loopback;
}

bool equal_in_any_case(std::string_view one, std::string_view other) {
  return std::ranges::equal(
      one, other, {}, [](unsigned char c) { return std::tolower(c); }, [](unsigned char c) { return std::tolower(c); });
}

bool is_port(std::string_view text) {
  return text.empty() || (text.front() == ':' && std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; }));
}

}  // namespace

bool names_loopback(std::string_view host) {
  return std::ranges::any_of(loopback_names, [host](std::string_view name) {
    return equal_in_any_case(host.substr(0, name.size()), name) && is_port(host.substr(std::min(name.size(), host.size())));
  });
}

http::handler for_readers_only(http::handler inner, config::network_list others) {
  return [inner = std::move(inner), others = std::move(others)](http::request& from) -> async::task<http::response> {
    if (!this_machine().matches(from.client) && !others.matches(from.client))
      co_return http::problem{
          .type = problems::forbidden,
          .detail = fmt::format("Mails are shown to this machine alone, and to MAILBOX_CLIENTS; this request is from {}.",
                                from.client.to_string())};
    if (!names_loopback(from.header("host")))
      co_return http::problem{.type = problems::misdirected_request,
                              .detail = "Open the mailbox as localhost or 127.0.0.1, from elsewhere through a forwarded port."};
    co_return co_await inner(from);
  };
}

}  // namespace micro_sayur::notification_service
