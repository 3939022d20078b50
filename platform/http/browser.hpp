// SPDX-License-Identifier: Apache-2.0
// What people typed into a browser, in contrast to what programs ask.
#pragma once

#include "platform/http/router.hpp"

#include <optional>
#include <string>

namespace micro_sayur::http {

/// Whether a page is asked for: GET or HEAD with text/html in Accept, which programs do not send by themselves.
bool is_of_a_browser(const request& from);

/// "/verify-email/?token=x" where the page is /verify-email: the reference that leads there, whatever prefix a gateway took off.
std::optional<std::string> page_without_slash(const request& from, const router& routes);

}  // namespace micro_sayur::http
