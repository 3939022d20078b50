// SPDX-License-Identifier: Apache-2.0
#include "platform/program/command_line.hpp"

#include "platform/base/version.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::program {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

class CommandLine : public testing::Test {
 protected:
  int run(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "test-program");
    const program_description what{"test-program", "Tests.", [](config::reader& from) { from.required_text("DB_HOST", "the database"); }};
    const auto note = [this](std::string name) {
      return [this, name](const std::vector<std::string>& given) {
        ran = name;
        values = given;
        if (throws) throws();
        return 7;
      };
    };
    return run_program(what,
                       {{"serve", "serves", {}, note("serve")},
                        {"keys generate", "makes a key", {}, note("keys generate")},
                        {"grant-role", "grants", {"email", "role"}, note("grant-role")},
                        {"release", "releases", {"to"}, note("release"), {{"--since", "TIME", "a time"}, {"--most", "N", "a number"}}},
                        {"outbox replay", "replays", {"queue"}, note("outbox replay"), {{"--since", "TIME", "from when on", true}}}},
                       static_cast<int>(arguments.size()), arguments.data());
  }

  std::string ran;
  std::vector<std::string> values;
  std::function<void()> throws;
};

TEST_F(CommandLine, RunsTheFirstSubcommandWhenNoneIsNamed) {
  EXPECT_EQ(run({}), 7);
  EXPECT_EQ(ran, "serve");
}

TEST_F(CommandLine, RunsSubcommandsWithTheirArguments) {
  EXPECT_EQ(run({"grant-role", "budi@example.com", "admin"}), 7);
  EXPECT_EQ(ran, "grant-role");
  EXPECT_THAT(values, ElementsAre("budi@example.com", "admin"));
  EXPECT_EQ(run({"keys", "generate"}), 7);
  EXPECT_EQ(ran, "keys generate");
}

TEST_F(CommandLine, GivesTheValuesOfOptionsBehindTheArguments) {
  EXPECT_EQ(run({"release", "--most", "3", "everybody"}), 7);
  EXPECT_THAT(values, ElementsAre("everybody", "", "3"));
  EXPECT_EQ(run({"release", "everybody"}), 7);
  EXPECT_THAT(values, ElementsAre("everybody", "", ""));
}

TEST_F(CommandLine, OptionsComeBehindArguments) {
  EXPECT_EQ(run({"outbox", "replay", "--since", "noon", "mails"}), 7);
  EXPECT_THAT(values, ElementsAre("mails", "noon"));
  CaptureStderr();
  EXPECT_EQ(run({"outbox", "replay", "mails"}), exit_usage);
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("--since"));
  CaptureStdout();
  EXPECT_EQ(run({"outbox", "replay", "--help"}), 0);
  EXPECT_THAT(GetCapturedStdout(), HasSubstr("--since TIME"));
}

TEST_F(CommandLine, RefusesWhatItDoesNotKnow) {
  CaptureStderr();
  EXPECT_EQ(run({"no-such"}), exit_usage);
  EXPECT_EQ(run({"grant-role", "budi@example.com"}), exit_usage);
  EXPECT_EQ(run({"keys"}), exit_usage);
  GetCapturedStderr();
  EXPECT_EQ(ran, "");
}

TEST_F(CommandLine, HelpNamesSubcommandsAndVariables) {
  CaptureStdout();
  EXPECT_EQ(run({"--help"}), 0);
  const auto help = GetCapturedStdout();
  for (const auto* word : {"serve", "keys", "grant-role", "DB_HOST", "the database"}) EXPECT_THAT(help, HasSubstr(word));
}

TEST_F(CommandLine, TellsItsVersion) {
  CaptureStdout();
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_THAT(GetCapturedStdout(), HasSubstr("test-program " + std::string(version)));
}

TEST_F(CommandLine, TellsEveryConfigurationFaultWithItsOwnCode) {
  throws = [] { throw config::faults({"DB_HOST: is required; set it", "HTTP_PORT: no"}); };
  CaptureStderr();
  EXPECT_EQ(run({}), config::exit_config);
  const auto told = GetCapturedStderr();
  EXPECT_THAT(told, HasSubstr("2 faults"));
  EXPECT_THAT(told, HasSubstr("DB_HOST: is required"));
  EXPECT_THAT(told, HasSubstr("HTTP_PORT: no"));
}

TEST_F(CommandLine, TellsAnyOtherFailure) {
  throws = [] { throw std::runtime_error("the disk is full"); };
  CaptureStderr();
  EXPECT_EQ(run({}), 1);
  EXPECT_EQ(GetCapturedStderr(), "test-program: the disk is full\n");
}

}  // namespace
}  // namespace micro_sayur::program
