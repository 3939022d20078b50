// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/http/message.hpp"

#include <boost/beast/http/verb.hpp>

#include <optional>
#include <string_view>

namespace micro_sayur::http {

/// The method that serves a verb (HEAD is served as GET); nullopt when none does.
std::optional<method> known_method(boost::beast::http::verb verb);

/// Path and query of a request target: of "http://host/path?query", which every server must take (RFC 9112 section 3.2.2), what follows
/// the host. A view into `target`.
std::string_view origin_form(std::string_view target);

}  // namespace micro_sayur::http
