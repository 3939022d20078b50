// SPDX-License-Identifier: Apache-2.0
#include "platform/config/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

namespace micro_sayur::config {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class Secret : public testing::Test {
 protected:
  Secret() {
    std::string pattern = (fs::temp_directory_path() / "secret-test-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Secret() override { fs::remove_all(folder_); }

  fs::path write(std::string_view name, std::string_view text) const {
    const auto path = folder_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  static source from_map(std::map<std::string, std::string, std::less<>> values) {
    return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
      const auto found = values.find(name);
      return found == values.end() ? std::nullopt : std::optional(found->second);
    };
  }

  static std::vector<std::string> faults_of(std::map<std::string, std::string, std::less<>> values) {
    reader from(from_map(std::move(values)));
    from.required_secret("DB_PASSWORD", "password of PostgreSQL");
    try {
      from.finish();
      return {};
    } catch (const faults& found) {
      return found.lines();
    }
  }

  fs::path folder_;
};

TEST_F(Secret, StripsOneLineEnd) {
  EXPECT_EQ(secret_source::from_file(write("a", "hush\n"))->read(), "hush");
  EXPECT_EQ(secret_source::from_file(write("b", "hush\r\n"))->read(), "hush");
  EXPECT_EQ(secret_source::from_file(write("c", " hush \n\n"))->read(), " hush \n");
}

TEST_F(Secret, RefusesAnEmptyOrMissingFile) {
  EXPECT_THAT(faults_of({{"DB_PASSWORD_FILE", write("empty", "\n").string()}}),
              ElementsAre(AllOf(StartsWith("DB_PASSWORD_FILE"), HasSubstr("is empty"))));
  EXPECT_THAT(faults_of({{"DB_PASSWORD_FILE", (folder_ / "absent").string()}}),
              ElementsAre(AllOf(StartsWith("DB_PASSWORD_FILE"), HasSubstr("No such file"))));
  EXPECT_THAT(faults_of({{"DB_PASSWORD_FILE", folder_.string()}}), ElementsAre(StartsWith("DB_PASSWORD_FILE")));
}

TEST_F(Secret, IsPlainInDevelopmentOnly) {
  EXPECT_THAT(faults_of({{"DB_PASSWORD", "hush"}, {"APP_ENV", "development"}}), IsEmpty());
  EXPECT_THAT(faults_of({{"DB_PASSWORD", "hush"}}),
              ElementsAre(AllOf(StartsWith("DB_PASSWORD:"), HasSubstr("DB_PASSWORD_FILE"), Not(HasSubstr("hush")))));
}

TEST_F(Secret, IsGivenOnce) {
  const auto file = write("a", "hush").string();
  EXPECT_THAT(faults_of({{"DB_PASSWORD", "hush"}, {"DB_PASSWORD_FILE", file}, {"APP_ENV", "development"}}),
              ElementsAre(HasSubstr("set only one")));
}

TEST_F(Secret, IsReadAgainWhenReplacedOrRewritten) {
  const auto path = write("password", "first\n");
  const auto secret = *secret_source::from_file(path);
  const auto copy = secret;
  fs::rename(write("new", "other\n"), path);
  EXPECT_EQ(secret.read(), "other");
  write("password", "a third one\n");
  EXPECT_EQ(copy.read(), "a third one");
}

TEST_F(Secret, StaysWhileItsFileIsAway) {
  const auto path = write("password", "first\n");
  const auto secret = *secret_source::from_file(path);
  fs::remove(path);
  EXPECT_EQ(secret.read(), "first");
  write("password", "");
  EXPECT_EQ(secret.read(), "first");
  write("password", "second");
  EXPECT_EQ(secret.read(), "second");
}

TEST_F(Secret, IsWholeForEveryThread) {
  const auto path = write("password", "aaaaaaaa");
  const auto secret = *secret_source::from_file(path);
  std::atomic<int> torn = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int round = 0; round < 500; ++round)
          if (const auto now = secret.read(); now != "aaaaaaaa" && now != "bbbbbbbb") ++torn;
      });
    for (int round = 0; round < 50; ++round) fs::rename(write("new", round % 2 == 0 ? "bbbbbbbb" : "aaaaaaaa"), path);
  }
  EXPECT_EQ(torn, 0);
}

}  // namespace
}  // namespace micro_sayur::config
