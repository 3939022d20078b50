// SPDX-License-Identifier: Apache-2.0
#include "platform/base/uuid.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace micro_sayur {
namespace {

const std::array<std::uint8_t, 10> ones{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

TEST(Uuid, CarriesVersionVariantAndTime) {
  const auto id = uuid::version_7(timestamp{std::chrono::milliseconds{0x017f22e279b0}}, ones);
  EXPECT_EQ(id.to_string(), "017f22e2-79b0-7fff-bfff-ffffffffffff");
  EXPECT_EQ(id.made_at(), timestamp{std::chrono::milliseconds{0x017f22e279b0}});
  EXPECT_EQ(uuid::parse("5c146b14-3c52-4afd-938a-375d0df1fbf6")->made_at(), std::nullopt);
}

TEST(Uuid, LaterIsGreater) {
  const std::array<std::uint8_t, 10> zeros{};
  const auto early = uuid::version_7(timestamp{std::chrono::milliseconds{1000}}, ones);
  const auto late = uuid::version_7(timestamp{std::chrono::milliseconds{1001}}, zeros);
  EXPECT_LT(early, late);
}

TEST(Uuid, ParsesWhatItPrints) {
  EXPECT_TRUE(rc::check([](const std::array<std::uint8_t, 16>& bytes) {
    const uuid id{bytes};
    RC_ASSERT(uuid::parse(id.to_string()) == std::optional{id});
  }));
}

TEST(Uuid, RefusesOtherForms) {
  for (const auto* text :
       {"", "017f22e279b07fffbfffffffffffffff", "017f22e2-79b0-7fff-bfff-fffffffffff", "017f22e2-79b0-7fff-bfff-fffffffffffg",
        "017f22e2_79b0-7fff-bfff-ffffffffffff", "{017f22e2-79b0-7fff-bfff-ffffffffff}"})
    EXPECT_FALSE(uuid::parse(text)) << text;
}

}  // namespace
}  // namespace micro_sayur
