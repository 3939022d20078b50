// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/derivation_keys.hpp"

#include "platform/crypto/tests/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::crypto {
namespace {

using namespace std::chrono_literals;

struct DerivationKeys : testing::Test {
  test::temporary_folder folder;
  manual_clock clock = test::clock_of_this_second();

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
  const derivation_keys keys(folder.path(), clock);
  EXPECT_EQ(keys.derive("purpose").size(), 1U);
  EXPECT_EQ(keys.derive("purpose"), derivation_keys(folder.path(), clock).derive("purpose"));
  EXPECT_NE(keys.derive("purpose"), keys.derive("another"));
}

TEST_F(DerivationKeys, ANewerOneIsKnownAtOnceAndUsedOnceEveryInstanceHasSeenIt) {
  add("a", 60min);
  derivation_keys keys(folder.path(), clock);
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
  EXPECT_THROW(derivation_keys(folder.path(), clock), bad_keys);
  add("a", 60min);
  derivation_keys keys(folder.path(), clock);
  const auto before = keys.derive("purpose");
  folder.write("b.key", "short");
  EXPECT_THROW(keys.look(), bad_keys);
  EXPECT_EQ(keys.derive("purpose"), before);
}

}  // namespace
}  // namespace micro_sayur::crypto
