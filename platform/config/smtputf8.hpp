// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/config/reader.hpp"

namespace micro_sayur::config {

/// Whether the mail server takes addresses whose local part is beyond ASCII (RFC 6531).
enum class smtputf8 { ask, yes, no };

/// MAIL_SMTPUTF8, by which whoever mails and whoever takes addresses go alike.
smtputf8 read_smtputf8(reader& from);

}  // namespace micro_sayur::config
