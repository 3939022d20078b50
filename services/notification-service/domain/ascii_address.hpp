// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace micro_sayur::notification_service {

/// The domain as the DNS knows it (IDNA 2008: "xn--fa-hia.de" for "faß.de"), in lower case; nullopt when it has no such form.
std::optional<std::string> ascii_domain(std::string_view domain);

/// The address with its domain as the DNS knows it, so that a mail server needs SMTPUTF8 for a local part beyond ASCII alone. Unchanged
/// when its domain is ASCII already, or has no such form: that is for the mail server to refuse.
std::string with_ascii_domain(std::string_view address);

}  // namespace micro_sayur::notification_service
