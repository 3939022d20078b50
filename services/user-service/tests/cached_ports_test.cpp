// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/error.hpp"
#include "platform/test_support/fragile_store.hpp"
#include "user-service/adapters/cache/cached_session_verdicts.hpp"
#include "user-service/app/update_profile.hpp"
#include "user-service/tests/fakes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using micro_sayur::test::fragile_store;
using test::run;

class Verdicts : public testing::Test {
 protected:
  Verdicts() { run(world.stores.add(new_session{id, budi.id, budi.credential_version, token_digest{}})); }
  bool live() { return run(verdicts.is_live(id)); }

  test::world world;
  fragile_store shared{world.clock};
  consistency wanted = consistency::strong();
  const session_consistency consistency_for = [this](uuid) -> async::task<consistency> { co_return wanted; };
  cached_session_verdicts verdicts{shared, world.stores, consistency_for, world.clock};
  cached_session_verdicts other_instance{shared, world.stores, consistency_for, world.clock};
  const uuid id = world.ids.next();
  const account budi = world.make_account("budi@example.com", "right");
};

TEST_F(Verdicts, AnAnswerThatWasUnderWayDoesNotHideAnEnd) {
  shared.after_get = [this] { return other_instance.forget({id}); };
  EXPECT_TRUE(live());
  shared.after_get = nullptr;
  EXPECT_EQ(run(shared.get("session:" + id.to_string())), "ended");
}

TEST_F(Verdicts, AnEndIsSeenAtOnceHereAndWithinASecondElsewhere) {
  EXPECT_TRUE(live());
  EXPECT_TRUE(run(other_instance.is_live(id)));
  run(world.stores.revoke(id));
  run(verdicts.forget({id}));
  EXPECT_FALSE(live());
  world.clock.advance(1s);
  EXPECT_FALSE(run(other_instance.is_live(id)));
}

TEST_F(Verdicts, AnEndIsSeenWithinASecondAlsoWhenTheCacheNeverHeardOfIt) {
  EXPECT_TRUE(live());
  EXPECT_TRUE(run(other_instance.is_live(id)));
  shared.away = true;
  run(world.stores.revoke(id));
  run(verdicts.forget({id}));
  shared.away = false;
  world.clock.advance(1s);
  EXPECT_FALSE(run(other_instance.is_live(id)));
}

TEST_F(Verdicts, TheStoreAnswersWhileTheCacheIsAway) {
  shared.away = true;
  EXPECT_TRUE(live());
  run(world.stores.revoke(id));
  world.clock.advance(1s);
  EXPECT_FALSE(live());
}

TEST_F(Verdicts, TheOwnerComesFromTheStoreAndTellsTheVerdict) {
  EXPECT_EQ(run(verdicts.find_owner(id))->id, budi.id);
  EXPECT_EQ(run(other_instance.find_owner(id))->id, budi.id);
  run(world.stores.revoke(id));
  EXPECT_TRUE(live());
  EXPECT_FALSE(run(other_instance.find_owner(id)));
  EXPECT_FALSE(run(other_instance.is_live(id)));
  world.clock.advance(500ms);
  EXPECT_FALSE(live());
}

TEST_F(Verdicts, AReplicaAnswersWhileTheWriterIsAway) {
  world.stores.writer_away = true;
  wanted = consistency::bounded_staleness();
  EXPECT_EQ(run(verdicts.find_owner(id))->id, budi.id);
  EXPECT_TRUE(run(other_instance.is_live(id)));
}

TEST_F(Verdicts, WhoHasEndedDoesNotComeBackWithTheReplica) {
  run(other_instance.forget({id}));
  world.stores.writer_away = true;
  wanted = consistency::bounded_staleness();
  EXPECT_FALSE(run(verdicts.find_owner(id)));
  EXPECT_FALSE(live());
}

TEST_F(Verdicts, NobodyTellsWhenTheWriterAndTheCacheAreAway) {
  world.stores.writer_away = shared.away = true;
  wanted = consistency::bounded_staleness();
  EXPECT_THROW(live(), sql::unavailable);
  EXPECT_THROW(run(verdicts.find_owner(id)), sql::unavailable);
}

TEST_F(Verdicts, NobodyTellsWhenWhatTheSessionWroteIsNotKnown) {
  world.stores.writer_away = true;
  wanted = consistency::strong();
  EXPECT_THROW(live(), sql::unavailable);
}

class Profile : public testing::Test {
 protected:
  profile_changes renamed(std::string name) {
    profile_changes changes;
    changes.name = {.wanted = true, .value = std::move(name)};
    return changes;
  }
  test::world world;
  const account budi = world.make_account("budi@example.com", "right");
  update_profile updating{world.env, world.stores};
};

TEST_F(Profile, AChangeRaisesTheVersion) {
  const auto changed = std::get<account>(run(updating.run(budi.id, renamed("Siti"), std::vector<std::int64_t>{7, 1})));
  EXPECT_EQ(changed.version, 2);
  EXPECT_EQ(changed.name, "Siti");
}

TEST_F(Profile, AStaleVersionIsRefused) {
  run(updating.run(budi.id, renamed("Siti"), std::nullopt));
  EXPECT_TRUE(std::holds_alternative<update_profile::stale>(run(updating.run(budi.id, renamed("Ani"), std::vector<std::int64_t>{1}))));
  EXPECT_EQ(world.stores.accounts.at(budi.id).name, "Siti");
}

TEST_F(Profile, NothingToChangeChangesNothing) {
  const auto same = std::get<account>(run(updating.run(budi.id, {}, std::nullopt)));
  EXPECT_EQ(same.version, 1);
  EXPECT_TRUE(std::holds_alternative<update_profile::stale>(run(updating.run(budi.id, {}, std::vector<std::int64_t>{2}))));
}

TEST_F(Profile, FaultsChangeNothing) {
  EXPECT_TRUE(std::holds_alternative<field_faults>(run(updating.run(budi.id, renamed(" "), std::nullopt))));
  EXPECT_EQ(world.stores.accounts.at(budi.id).version, 1);
  EXPECT_TRUE(std::holds_alternative<update_profile::gone>(run(updating.run(world.ids.next(), renamed("Ani"), std::nullopt))));
}

}  // namespace
}  // namespace micro_sayur::user_service
