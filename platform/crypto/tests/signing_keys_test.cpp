// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/signing_keys.hpp"

#include "platform/crypto/tests/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

namespace micro_sayur::crypto {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct SigningKeys : testing::Test {
  test::temporary_folder folder;
  manual_clock clock = test::clock_of_this_second();
  std::vector<std::string> failures;

  key_observer note() {
    return [this](std::string_view, std::string_view fault) {
      if (!fault.empty()) failures.emplace_back(fault);
    };
  }

  void add(std::string_view kid, std::chrono::minutes age) const {
    const auto path = folder.write(std::string(kid) + ".pem", jwk::generate_private_pem());
    set_age(path, age);
  }

  void set_age(const fs::path& path, std::chrono::minutes age) const {
    fs::last_write_time(path, std::chrono::file_clock::from_sys(clock.now() - age));
  }

  static std::string signing(signing_keys& keys) {
    keys.look();
    return keys.current()->signing.kid();
  }

  std::string fault() {
    try {
      signing_keys keys(folder.path(), clock, note());
      return "";
    } catch (const bad_keys& error) {
      return error.what();
    }
  }
};

TEST_F(SigningKeys, AreGeneratedForThisUserOnly) {
  const system_clock real_clock;
  system_random random;
  id_source ids(real_clock, random);
  const auto keys_folder = folder.path() / "keys";
  EXPECT_TRUE(has_no_keys(keys_folder));
  const auto first = generate_key(keys_folder, ids);
  EXPECT_FALSE(has_no_keys(keys_folder));
  EXPECT_EQ(fs::status(keys_folder).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(keys_folder / (first + ".pem")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(std::distance(fs::directory_iterator(keys_folder), {}), 1);
  signing_keys keys(keys_folder, clock, note());
  EXPECT_EQ(keys.current()->signing.kid(), first);
}

TEST_F(SigningKeys, AreRefusedWhereEveryUserMayWrite) {
  add("a", 30min);
  const auto file = folder.path() / "a.pem";
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  EXPECT_THROW(signing_keys(folder.path(), clock, note()), bad_keys);
  fs::permissions(file, fs::perms::others_write, fs::perm_options::remove);
  fs::permissions(folder.path(), fs::perms::others_write, fs::perm_options::add);
  EXPECT_THROW(signing_keys(folder.path(), clock, note()), bad_keys);
  fs::permissions(folder.path(), fs::perms::sticky_bit, fs::perm_options::add);
  EXPECT_NO_THROW(signing_keys(folder.path(), clock, note())) << "as Kubernetes mounts secrets";
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(::chown(file.c_str(), 12345, 12345), 0);
  EXPECT_THROW(signing_keys(folder.path(), clock, note()), bad_keys) << "anybody may have added it";
}

TEST_F(SigningKeys, SignWithTheNewestOnceItIsKnown) {
  add("a", 30min);
  add("b", 20min);
  add("c", 0min);
  signing_keys keys(folder.path(), clock, note());
  EXPECT_EQ(signing(keys), "b");
  clock.advance(9min);
  EXPECT_EQ(signing(keys), "b");
  clock.advance(1min);
  EXPECT_EQ(signing(keys), "c");
}

TEST_F(SigningKeys, SignWithAYoungOneWhenThereIsNoOlder) {
  add("a", 0min);
  add("b", 0min);
  signing_keys keys(folder.path(), clock, note());
  EXPECT_EQ(signing(keys), "a");
}

TEST_F(SigningKeys, PublishAllBeforeTheySign) {
  add("a", 30min);
  signing_keys keys(folder.path(), clock, note());
  add("b", 0min);
  EXPECT_EQ(keys.current()->all.keys().size(), 1) << "nobody has looked";
  EXPECT_EQ(signing(keys), "a");
  const auto published = jwk_set::from_json(keys.current()->jwks_json);
  ASSERT_TRUE(published);
  EXPECT_NE(published->find("a"), nullptr);
  EXPECT_NE(published->find("b"), nullptr);
  EXPECT_THAT(keys.current()->jwks_json, testing::AllOf(HasSubstr(R"("use":"sig")"), HasSubstr(R"("alg":"ES256")"),
                                                        HasSubstr(R"("crv":"P-256")"), testing::Not(HasSubstr(R"("d":)"))));
}

TEST_F(SigningKeys, FollowTheFolder) {
  add("a", 30min);
  add("b", 20min);
  signing_keys keys(folder.path(), clock, note());
  const auto before = keys.current();
  fs::remove(folder.path() / "b.pem");
  EXPECT_EQ(signing(keys), "a");
  EXPECT_EQ(keys.current()->all.find("b"), nullptr);
  EXPECT_EQ(before->signing.kid(), "b") << "a snapshot does not change";
}

TEST_F(SigningKeys, StayWhenALaterFileIsUnusable) {
  add("a", 30min);
  signing_keys keys(folder.path(), clock, note());
  folder.write("b.pem", "garbage");
  EXPECT_EQ(signing(keys), "a");
  EXPECT_EQ(signing(keys), "a");
  EXPECT_THAT(failures, ElementsAre(HasSubstr("b.pem holds no private key")));
  add("b", 20min);
  EXPECT_EQ(signing(keys), "b");
  fs::remove_all(folder.path());
  EXPECT_EQ(signing(keys), "b");
  EXPECT_EQ(failures.size(), 2);
}

TEST_F(SigningKeys, AreUsableAgainWhenTheFolderIsAsItWas) {
  add("a", 30min);
  signing_keys keys(folder.path(), clock, note());
  const auto aside = folder.path().string() + "-aside";
  fs::rename(folder.path(), aside);
  std::ofstream(folder.path()) << "no folder";
  keys.look();
  keys.look();
  EXPECT_NE(keys.fault(), "");
  EXPECT_EQ(failures.size(), 1) << "once";
  fs::remove(folder.path());
  fs::rename(aside, folder.path());
  keys.look();
  EXPECT_EQ(keys.fault(), "");
}

TEST_F(SigningKeys, AreTakenUpWhenAFileIsMendedThatLooksTheSame) {
  add("a", 30min);
  signing_keys keys(folder.path(), clock, note());
  const auto good = jwk::generate_private_pem();
  const auto path = folder.write("b.pem", std::string(good.size(), 'x'));
  set_age(path, 20min);
  EXPECT_EQ(signing(keys), "a");
  folder.write("b.pem", good);
  set_age(path, 20min);
  EXPECT_EQ(signing(keys), "b");
  EXPECT_EQ(keys.fault(), "");
}

TEST_F(SigningKeys, NameTheFileThatIsUnusable) {
  EXPECT_THAT(fault(), HasSubstr("holds no <kid>.pem"));
  folder.write("a.pem", "");
  EXPECT_THAT(fault(), HasSubstr("a.pem holds no private key"));
  folder.write(
      "a.pem",
      "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHsf8QoLMZXIRBHm7Q0JTWYDHRRQH3JXCVVNfC0qZ6qg\n-----END PRIVATE KEY-----\n");
  EXPECT_THAT(fault(), HasSubstr("a.pem holds a key that is not EC P-256"));
  fs::remove(folder.path() / "a.pem");
  fs::create_directory(folder.path() / "a.pem");
  EXPECT_THAT(fault(), HasSubstr("a.pem cannot be read"));
}

TEST_F(SigningKeys, IgnoreOtherFiles) {
  add("a", 30min);
  folder.write(".b.pem", "garbage");
  folder.write("README", "garbage");
  ASSERT_EQ(::mkfifo((folder.path() / "c.pem").c_str(), 0600), 0) << "reading one waits for ever";
  signing_keys keys(folder.path(), clock, note());
  EXPECT_EQ(keys.current()->all.keys().size(), 1);
}

TEST_F(SigningKeys, ServeManyThreads) {
  add("a", 30min);
  const system_clock real_clock;
  signing_keys keys(folder.path(), real_clock, note());
  const access_token_verifier verifier("https://sayur.example", "micro-sayur", real_clock);
  std::atomic<int> refused = 0;
  {
    std::jthread looking([&](const std::stop_token& stopped) {
      for (int age = 20; !stopped.stop_requested(); ++age) {
        add("b", std::chrono::minutes(age));
        keys.look();
      }
    });
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int round = 0; round < 100; ++round) {
          const auto now = keys.current();
          const auto token = sign_access_token(test::claims_at(real_clock.now()), now->signing);
          if (!verifier.verify(token, now->all)) ++refused;
        }
      });
  }
  EXPECT_EQ(refused, 0);
  EXPECT_THAT(failures, IsEmpty());
}

TEST(JwkSet, LeavesOtherKeysOut) {
  const auto good = jwk_set({test::new_key("good")}).to_json();
  const auto inner = good.substr(good.find('[') + 1, good.rfind(']') - good.find('[') - 1);
  const auto set = jwk_set::from_json(R"({"keys":[{"kty":"oct","k":"AAAA","kid":"secret"},{"kty":"EC"},7,)"
                                      R"({"kty":"EC","crv":"P-256","kid":"off-curve","x":"AAAA","y":"AAAA"},)" +
                                      inner + "]}");
  ASSERT_TRUE(set);
  ASSERT_EQ(set->keys().size(), 1);
  EXPECT_EQ(set->keys().front().kid(), "good");
  EXPECT_EQ(set->find("secret"), nullptr);
}

TEST(JwkSet, RefusesWhatIsNone) {
  for (const auto* text : {"", "[]", "{}", R"({"keys":{}})", "{"}) EXPECT_FALSE(jwk_set::from_json(text)) << text;
  EXPECT_TRUE(jwk_set::from_json(R"({"keys":[]})"));
}

}  // namespace
}  // namespace micro_sayur::crypto
