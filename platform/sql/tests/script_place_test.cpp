// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/script_place.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::sql::postgres {
namespace {

TEST(PlaceInScript, IsTheLineOfThePosition) {
  EXPECT_EQ(place_in_script("SELECT 1;\nSELECT x", 18, 0), ", line 2");
  EXPECT_EQ(place_in_script("SELECT x", 8, 0), ", line 1");
}

TEST(PlaceInScript, CountsCharactersAndNotBytes) { EXPECT_EQ(place_in_script("'éé'\nx\ny", 6, 0), ", line 2"); }

TEST(PlaceInScript, IsTheStatementWhereThereIsNoPosition) {
  EXPECT_EQ(place_in_script("SELECT 1;\nSELECT 1/0", 0, 1), ", in its statement 2");
}

}  // namespace
}  // namespace micro_sayur::sql::postgres
