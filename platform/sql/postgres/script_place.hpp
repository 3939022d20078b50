// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace micro_sayur::sql::postgres {

/// Where in a script of several statements the server stopped: ", line 3" when it tells a position (in characters from 1 on, 0: it does
/// not), and otherwise by how many statements it has answered before: ", in its statement 2".
std::string place_in_script(std::string_view script, std::size_t position, std::size_t answered);

}  // namespace micro_sayur::sql::postgres
