// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/redis/protocol.hpp"
#include "platform/cache/cache.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::cache::redis {
namespace {

using namespace std::string_view_literals;

TEST(RedisProtocol, FormatsArgumentsOfAnyBytes) {
  std::string command;
  append_command(command, {"SET", "a\0b"sv, ""});
  EXPECT_EQ(command, "*3\r\n$3\r\nSET\r\n$3\r\na\0b\r\n$0\r\n\r\n"sv);
}

TEST(RedisProtocol, CutsRepliesFromAStreamFedByteByByte) {
  reader under_test;
  std::vector<answer> answers;
  for (const char c : "+OK\r\n:42\r\n$-1\r\n-ERR no\r\n$3\r\na\0b\r\n"sv) {
    under_test.feed({&c, 1});
    while (auto next = under_test.next()) answers.push_back(std::move(*next));
  }
  ASSERT_EQ(answers.size(), 5U);
  EXPECT_EQ(answers[0].words, "OK");
  EXPECT_EQ(answers[1].count, 42);
  EXPECT_EQ(answers[2].what, answer::nothing);
  EXPECT_EQ(answers[3].what, answer::refusal);
  EXPECT_EQ(answers[3].words, "ERR no");
  EXPECT_EQ(answers[4].words, "a\0b"sv);
}

TEST(RedisProtocol, RefusesWhatIsNoReply) {
  reader under_test;
  under_test.feed("HTTP/1.1 400 Bad Request\r\n");
  EXPECT_THROW(under_test.next(), unavailable);
}

}  // namespace
}  // namespace micro_sayur::cache::redis
