// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/smtp/smtp_reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace micro_sayur::notification_service {
namespace {

using kind = delivery_outcome::kind;

// RFC 4954 section 6, RFC 3207 section 4.1: the server wants TLS or a login of us, whatever the mail is.
constexpr std::array wants_login{530, 534, 535, 538};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool concerns_the_mail(const smtp_exchange& last) {
  const bool in_transaction = last.verb == "MAIL" || last.verb == "RCPT" || last.verb == "DATA";
  return in_transaction && std::find(wants_login.begin(), wants_login.end(), last.code()) == wants_login.end();
}

}  // namespace

int smtp_exchange::code() const {
  if (reply.size() < 3 || !std::all_of(reply.begin(), reply.begin() + 3, is_digit)) return 0;
  return (reply[0] - '0') * 100 + (reply[1] - '0') * 10 + (reply[2] - '0');
}

delivery_outcome judge_refusal(const smtp_exchange& last, bool connection_broke, std::string_view fault) {
  const int category = last.code() / 100;
  if (connection_broke || (category != 4 && category != 5)) return {kind::unavailable, std::string(fault)};
  const auto said = fmt::format("{}: {}", last.verb.empty() ? "greeting" : last.verb, last.reply);
  if (!concerns_the_mail(last)) return {kind::unavailable, said};
  return {category == 5 ? kind::permanent_failure : kind::temporary_failure, said};
}

}  // namespace micro_sayur::notification_service
