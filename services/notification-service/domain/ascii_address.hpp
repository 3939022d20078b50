// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace micro_sayur::notification_service {

/// The address with its domain as the DNS knows it (IDNA 2008: "x@xn--fa-hia.de" for "x@faß.de"), so that a mail server needs SMTPUTF8 for
/// a local part beyond ASCII alone. Unchanged when its domain is ASCII already, or has no such form: that is for the mail server to refuse.
std::string with_ascii_domain(std::string_view address);

}  // namespace micro_sayur::notification_service
