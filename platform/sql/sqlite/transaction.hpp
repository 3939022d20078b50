// SPDX-License-Identifier: Apache-2.0
// A transaction: the writer, lent to one caller.
#pragma once

#include "platform/sql/sqlite/writer.hpp"

namespace micro_sayur::sql::sqlite {

std::unique_ptr<transaction> make_transaction(writer& by, std::shared_ptr<lease> lent);

}  // namespace micro_sayur::sql::sqlite
