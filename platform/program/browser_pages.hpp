// SPDX-License-Identifier: Apache-2.0
// What every service has for browsers, pages of its own or not.
#pragma once

#include "platform/http/router.hpp"

#include <functional>

namespace micro_sayur::program {

/// The page of addresses at which there is nothing, in both languages. It leads to the page "/" where `routes` have one. `routes` outlive
/// it.
std::function<http::response(const http::request&)> not_found_page(const http::router& routes);

/// /favicon.ico, which browsers ask for unasked.
http::route favicon_route();

}  // namespace micro_sayur::program
