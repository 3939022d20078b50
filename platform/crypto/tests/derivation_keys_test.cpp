// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/derivation_keys.hpp"

#include "platform/crypto/tests/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::crypto {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct DerivationKeys : testing::Test {
  test::temporary_folder folder;
  manual_clock clock = test::clock_of_this_second();
  std::vector<std::string> told;

  derivation_keys open() {
    return {folder.path(), clock, [this](std::string_view id, std::string_view fault) { told.emplace_back(fault.empty() ? id : fault); }};
  }

  void add(const std::string& id, std::chrono::minutes age) const {
    const auto path = folder.write(id + ".key", "secret of thirty-two bytes, or more: " + id);
    std::filesystem::last_write_time(path, std::chrono::file_clock::from_sys(clock.now() - age));
  }
};

TEST_F(DerivationKeys, OneIsMadeWhereThereIsNone) {
  const system_clock real_clock;
  system_random random;
  id_source ids(real_clock, random);
  ensure_derivation_key(folder.path(), ids, random);
  ensure_derivation_key(folder.path(), ids, random);
  const auto files = list_key_files(folder.path(), ".key");
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(std::filesystem::status(files[0].path).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto keys = open();
  EXPECT_EQ(keys.derive("purpose").size(), 1U);
  EXPECT_EQ(keys.derive("purpose"), open().derive("purpose"));
  EXPECT_NE(keys.derive("purpose"), keys.derive("another"));
}

TEST_F(DerivationKeys, ANewerOneIsKnownAtOnceAndUsedOnceEveryInstanceHasSeenIt) {
  add("a", 60min);
  auto keys = open();
  const auto older = keys.derive("purpose").front();
  add("b", 0min);
  keys.look();
  EXPECT_EQ(keys.derive("purpose").front(), older);
  ASSERT_EQ(keys.derive("purpose").size(), 2U);
  const auto newer = keys.derive("purpose").back();
  clock.advance(10min);
  keys.look();
  EXPECT_THAT(keys.derive("purpose"), testing::ElementsAre(newer, older));
}

TEST_F(DerivationKeys, AnUnusableFolderIsRefusedAndLaterFaultsChangeNothing) {
  EXPECT_THROW(open(), bad_keys);
  add("a", 60min);
  auto keys = open();
  const auto before = keys.derive("purpose");
  const auto later = folder.write("b.key", "short");
  keys.look();
  keys.look();
  EXPECT_THAT(keys.fault(), HasSubstr("b.key has fewer than 32 bytes"));
  EXPECT_THAT(told, ElementsAre(keys.fault())) << "once";
  EXPECT_EQ(keys.derive("purpose"), before);
  std::filesystem::remove(later);
  keys.look();
  EXPECT_EQ(keys.fault(), "");
  std::filesystem::remove(folder.path() / "a.key");
  keys.look();
  EXPECT_THAT(keys.fault(), HasSubstr("holds no <id>.key"));
  EXPECT_EQ(keys.derive("purpose"), before);
}

TEST_F(DerivationKeys, ARotationIsTold) {
  add("a", 60min);
  auto keys = open();
  keys.look();
  EXPECT_THAT(told, IsEmpty());
  add("b", 0min);
  keys.look();
  EXPECT_THAT(told, ElementsAre("a"));
  clock.advance(10min);
  keys.look();
  keys.look();
  EXPECT_THAT(told, ElementsAre("a", "b"));
}

TEST_F(DerivationKeys, AFolderThatCannotBeReadIsLookedAtAgain) {
  add("a", 60min);
  auto keys = open();
  const auto aside = folder.path().string() + "-aside";
  std::filesystem::rename(folder.path(), aside);
  std::ofstream(folder.path()) << "no folder";
  keys.look();
  EXPECT_NE(keys.fault(), "");
  std::filesystem::remove(folder.path());
  std::filesystem::rename(aside, folder.path());
  keys.look();
  EXPECT_EQ(keys.fault(), "");
  EXPECT_EQ(told.size(), 1U) << "the same keys as before are no rotation";
}

}  // namespace
}  // namespace micro_sayur::crypto
