// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 answers as bytes (RFC 9112). Own code: see docs/adr/0005-http-serializer.md.
#pragma once

#include "platform/http/message.hpp"

#include <string>
#include <string_view>

namespace micro_sayur::http {

struct framing {
  bool keep_alive = true;
  bool head_only = false;  ///< the answer to HEAD: no body follows, although Content-Length tells its size
};

/// Appends status line and header, to be followed by the body. Values of headers never hold CR or LF: such a value is left out.
/// What says nothing of its own about it may load nothing and be in no frame, should a browser show it.
void serialize_head(std::string& out, const response& answer, std::string_view request_id, const telemetry::trace_context& trace,
                    framing how);

}  // namespace micro_sayur::http
