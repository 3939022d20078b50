// SPDX-License-Identifier: Apache-2.0
#include "user-service/tests/session_fixture.hpp"

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::run;

class Refresh : public test::Sessions {};

TEST_F(Refresh, ARefreshRotates) {
  const auto first = tokens();
  const auto second = std::get<token_pair>(refresh(first.refresh_token));
  EXPECT_NE(second.refresh_token, first.refresh_token);
  EXPECT_TRUE(std::holds_alternative<token_pair>(refresh(second.refresh_token)));
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::invalid>(refresh("unknown")));
}

TEST_F(Refresh, ALostAnswerGetsTheSameUnusedSuccessor) {
  const auto first = tokens();
  const auto second = std::get<token_pair>(refresh(first.refresh_token));
  for (const auto pause : {std::chrono::seconds(10), std::chrono::seconds(300), std::chrono::seconds(3600)}) {
    world.clock.advance(pause);
    const auto again = std::get<token_pair>(refresh(first.refresh_token));
    EXPECT_EQ(again.refresh_token, second.refresh_token) << pause.count();
  }
  EXPECT_TRUE(std::holds_alternative<token_pair>(refresh(second.refresh_token)));
  EXPECT_THAT(world.security.events, testing::Contains(security_events::token_late));
}

TEST_F(Refresh, ATokenWhoseSuccessorWasUsedEndsTheFamily) {
  const auto first = tokens();
  const auto second = std::get<token_pair>(refresh(first.refresh_token));
  const auto third = std::get<token_pair>(refresh(second.refresh_token));
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::reused>(refresh(first.refresh_token)));
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::invalid>(refresh(third.refresh_token)));
  EXPECT_EQ(world.verdicts.forgotten.size(), 1U);
  EXPECT_EQ(world.security.events.back(), security_events::token_reuse);
  EXPECT_EQ(world.security.accounts.back(), first.owner.id);
}

TEST_F(Refresh, AThiefFiveMinutesBehindIsOutAtHisSecondRefresh) {
  auto owners = tokens().refresh_token;
  const auto stolen = owners;
  owners = std::get<token_pair>(refresh(owners)).refresh_token;
  world.clock.advance(5min);
  const auto thiefs = std::get<token_pair>(refresh(stolen)).refresh_token;
  EXPECT_EQ(thiefs, owners);
  world.clock.advance(5min);
  owners = std::get<token_pair>(refresh(owners)).refresh_token;
  world.clock.advance(5min);
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::reused>(refresh(thiefs)));
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::invalid>(refresh(owners)));
}

TEST_F(Refresh, ASecondLateTokenIsAllowedADayLater) {
  auto current = tokens().refresh_token;
  for (int day = 0; day < 3; ++day) {
    const auto older = current;
    current = std::get<token_pair>(refresh(older)).refresh_token;
    world.clock.advance(1min);
    EXPECT_TRUE(std::holds_alternative<token_pair>(refresh(older))) << day;
    world.clock.advance(24h);
  }
}

TEST_F(Refresh, ATokenIsLateForADayOnly) {
  const auto first = tokens();
  refresh(first.refresh_token);
  world.clock.advance(24h + 1us);
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::reused>(refresh(first.refresh_token)));
}

TEST_F(Refresh, SuccessorsAreKnownUnderTheOlderKeyAfterARotation) {
  const auto first = tokens();
  const auto second = std::get<token_pair>(refresh(first.refresh_token));
  world.keys = {"newer key", "key"};
  EXPECT_EQ(std::get<token_pair>(refresh(first.refresh_token)).refresh_token, second.refresh_token);
  EXPECT_TRUE(std::holds_alternative<token_pair>(refresh(second.refresh_token)));
}

TEST_F(Refresh, ARefreshTokenEndsWhenIdle) {
  const auto first = tokens();
  world.clock.advance(refresh_idle_lifetime);
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::invalid>(refresh(first.refresh_token)));
}

TEST_F(Refresh, ALogoutEndsTheSession) {
  const auto pair = tokens();
  const auto id = world.stores.tokens.begin()->second.of.id;
  run(logging_out.run(id, world.stores.tokens.begin()->second.of.account_id, {}));
  EXPECT_EQ(world.security.events.back(), security_events::logout);
  EXPECT_THAT(world.verdicts.forgotten, testing::ElementsAre(id));
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::invalid>(refresh(pair.refresh_token)));
}

}  // namespace
}  // namespace micro_sayur::user_service
