// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/argon2_password_hasher.hpp"

#include "platform/async/runtime.hpp"
#include "platform/async/task_group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/this_coro.hpp>

namespace micro_sayur::crypto {
namespace {

constexpr argon2_parameters cheap{.memory_kib = 64, .passes = 1};
constexpr std::uint64_t mebibyte = 1024 * 1024;

void run(std::function<async::task<>()> body) { async::runtime(1).run_until_done(std::move(body)); }

TEST(PasswordHasher, VerifiesWhatItHashed) {
  run([]() -> async::task<> {
    async::offload_pool hasher_pool(1, 4);
    argon2_password_hasher hasher({}, hasher_pool);
    const std::string stored = co_await hasher.hash(password("panen raya"), "");
    EXPECT_THAT(stored, testing::StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
    const bool right = co_await hasher.verify(password("panen raya"), stored, "");
    const bool wrong = co_await hasher.verify(password("panen rayA"), stored, "");
    EXPECT_TRUE(right);
    EXPECT_FALSE(wrong);
    EXPECT_FALSE(hasher.needs_rehash(stored));
    const std::string again = co_await hasher.hash(password("panen raya"), "");
    EXPECT_NE(stored, again);
  });
}

TEST(PasswordHasher, TheSameSaltYieldsTheSameHash) {
  run([]() -> async::task<> {
    async::offload_pool hasher_pool(1, 4);
    argon2_password_hasher hasher(cheap, hasher_pool);
    const password_salt salt{1, 2, 3};
    const std::string stored = co_await hasher.hash(password("panen raya"), salt, "");
    const std::string again = co_await hasher.hash(password("panen raya"), salt, "");
    const std::string other = co_await hasher.hash(password("panen raya"), password_salt{4}, "");
    EXPECT_EQ(stored, again);
    EXPECT_NE(stored, other);
    const bool right = co_await hasher.verify(password("panen raya"), stored, "");
    const bool wrong = co_await hasher.verify(password("panen rayA"), stored, "");
    EXPECT_TRUE(right);
    EXPECT_FALSE(wrong);
  });
}

TEST(PasswordHasher, TellsOlderParameters) {
  run([]() -> async::task<> {
    async::offload_pool older_pool(1, 4);
    argon2_password_hasher older(cheap, older_pool);
    async::offload_pool hasher_pool(1, 4);
    argon2_password_hasher hasher({.memory_kib = 128, .passes = 1}, hasher_pool);
    const std::string stored = co_await older.hash(password("panen raya"), "");
    EXPECT_FALSE(older.needs_rehash(stored));
    EXPECT_TRUE(hasher.needs_rehash(stored));
    const bool right = co_await hasher.verify(password("panen raya"), stored, "");
    EXPECT_TRUE(right);
  });
}

TEST(PasswordHasher, RefusesForeignAndExcessiveHashes) {
  run([]() -> async::task<> {
    async::offload_pool hasher_pool(1, 4);
    argon2_password_hasher hasher(cheap, hasher_pool);
    const std::string rest = "p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const std::vector<std::string> refused = {std::string(),
                                              std::string("plain"),
                                              std::string("$2b$12$abc"),
                                              "$argon2i$v=19$m=64,t=1," + rest,
                                              "$argon2id$v=19$m=4194304,t=1," + rest,
                                              "$argon2id$v=19$m=64,t=4000000000," + rest,
                                              "$argon2id$v=19$m=99999999999999999999,t=1," + rest,
                                              std::string("$argon2id$v=19$m=64,t=1,p=4$x$y")};
    for (const auto& stored : refused) {
      const auto begin = std::chrono::steady_clock::now();
      const bool accepted = co_await hasher.verify(password("panen raya"), stored, "");
      EXPECT_FALSE(accepted) << stored;
      EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2)) << stored;
    }
  });
}

TEST(PasswordHasher, RefusesAtOnceWhenTooManyWait) {
  run([]() -> async::task<> {
    async::offload_pool hasher_pool(1, 2);
    argon2_password_hasher hasher({}, hasher_pool);
    int hashed = 0;
    int refused = 0;
    async::task_group group(co_await boost::asio::this_coro::executor);
    for (int i = 0; i < 10; ++i)
      group.spawn("hash", [&, client = std::to_string(i)]() -> async::task<> {
        try {
          co_await hasher.hash(password("panen raya"), client);
          ++hashed;
        } catch (const async::overloaded&) {
          ++refused;
        }
      });
    co_await group.join();
    EXPECT_GE(hashed, 2);
    EXPECT_GE(refused, 6);
    EXPECT_EQ(hashed + refused, 10);
    EXPECT_EQ(hasher_pool.queued(), 0);
  });
}

TEST(PasswordHasher, ComputesAsManyAtATimeAsCoresAndMemoryAllow) {
  EXPECT_EQ(concurrent_hashes({.cores = 4, .memory_bytes = std::nullopt}), 4);
  EXPECT_EQ(concurrent_hashes({.cores = 4, .memory_bytes = 1024 * mebibyte}), 4);
  EXPECT_EQ(concurrent_hashes({.cores = 4, .memory_bytes = 135 * mebibyte}), 2);
  EXPECT_EQ(concurrent_hashes({.cores = 4, .memory_bytes = 64 * mebibyte}), 1);
}

}  // namespace
}  // namespace micro_sayur::crypto
