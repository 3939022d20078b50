// SPDX-License-Identifier: Apache-2.0
// Text that others wrote: answers of mail servers, messages of libpq, Redis and the broker, headers of clients.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace micro_sayur {

/// `text` as it may be stored, logged and shown: each byte that is not UTF-8 becomes U+FFFD, each run of control characters (C0, DEL, C1)
/// one space, and what is longer than `most_bytes` ends with "…", cut between characters.
std::string foreign_text(std::string_view text, std::size_t most_bytes = 500);

}  // namespace micro_sayur
