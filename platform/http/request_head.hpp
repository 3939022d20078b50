// SPDX-License-Identifier: Apache-2.0
// What stands before the body of a request: taken over from the parser, and judged where that lets pass what must be refused.
#pragma once

#include "platform/http/message.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <string_view>

namespace micro_sayur::http {

using parsed_message = boost::beast::http::request<boost::beast::http::string_body>;

/// Method, path, query and header of `from`.
void take_head(request& into, const parsed_message& from);

/// What the parser lets pass although where the request ends, or for whom it is, remains open (RFC 9112 sections 3.2, 6.1 and 6.3). `taken`
/// is what take_head made of it.
std::optional<problem> fault_of_head(const parsed_message& from, const request& taken);

/// Whether a caller may name its request so.
bool is_request_id(std::string_view text);

}  // namespace micro_sayur::http
