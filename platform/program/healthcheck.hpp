// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace micro_sayur::program {

/// Asks GET /ready of a service on this machine. 0 when it answers 200 in time, otherwise 1 with a line on stderr: what a container's
/// HEALTHCHECK wants. `host` is an IP address; one that means "any" is asked at loopback.
int healthcheck(const std::string& host, std::uint16_t port, std::chrono::seconds deadline = std::chrono::seconds(2));

}  // namespace micro_sayur::program
