// SPDX-License-Identifier: Apache-2.0
// OpenAPI 3.1 made from the table of routes.
#pragma once

#include "platform/http/router.hpp"

#include <string>

namespace micro_sayur::http {

/// The document as JSON text. Routes without an operation id are left out. Every status that a route can answer is in it.
std::string openapi_document(const router& routes, std::string_view title, std::string_view version);

}  // namespace micro_sayur::http
