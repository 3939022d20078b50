// SPDX-License-Identifier: Apache-2.0
// What every service has for browsers, pages of its own or not.
#pragma once

#include "platform/http/router.hpp"

#include <functional>
#include <vector>

namespace micro_sayur::program {

/// The page of addresses at which there is nothing, in both languages. It leads to the page "/" where `routes` have one. `routes` outlive
/// it.
std::function<http::response(const http::request&)> not_found_page(const http::router& routes);

/// The page /docs, what all pages load, and /favicon.ico, which browsers ask for unasked. /docs leads to the page "/" where `routes` have
/// one by now.
std::vector<http::route> shared_page_routes(const http::router& routes);

}  // namespace micro_sayur::program
