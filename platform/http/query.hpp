// SPDX-License-Identifier: Apache-2.0
// The query string of a request: parameters by name.
#pragma once

#include "platform/http/router.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace micro_sayur::http {

/// The value of a query parameter with percent-encoding undone, or nullopt. Throws problem_error (bad_request) when the
/// encoding is broken or the parameter is given twice.
std::optional<std::string> query_parameter(const request& from, std::string_view name);

/// Throws problem_error: unknown_parameter with every parameter that the route's document does not have, and every one that is given
/// twice; bad_request when the encoding is broken.
void check_query(const request& from, const route& against);

}  // namespace micro_sayur::http
