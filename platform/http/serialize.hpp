// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 answers as bytes (RFC 9112). Own code: see docs/adr/0005-http-serializer.md.
#pragma once

#include "platform/http/message.hpp"

#include <string>
#include <string_view>

namespace micro_sayur::http {

struct framing {
  bool keep_alive = true;
  bool head_only = false;  ///< the answer to HEAD: Content-Length of the body that is not sent
};

/// Appends status line, header and body. Values of headers never hold CR or LF: such a value is left out.
void serialize(std::string& out, const response& answer, std::string_view request_id, const telemetry::trace_context& trace, framing how);

}  // namespace micro_sayur::http
