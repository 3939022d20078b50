// SPDX-License-Identifier: Apache-2.0
// Argon2id and nothing else, with the parameters of a login: what P3 compares with. Prints hashes per second.
#include <fmt/core.h>
#include <sodium.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr std::string_view password = "lumbung-bayam-sawah-71c4";
constexpr unsigned long long passes = 2;
constexpr std::size_t memory = std::size_t{19'456} * 1024;

using stored_hash = std::array<char, crypto_pwhash_STRBYTES>;

bool verify(const stored_hash& stored) { return crypto_pwhash_str_verify(stored.data(), password.data(), password.size()) == 0; }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || sodium_init() < 0) {
    fmt::print(stderr, "usage: raw_hashes SECONDS THREADS\n");
    return 64;
  }
  const std::chrono::duration<double> wanted(std::atof(argv[1]));
  stored_hash stored{};
  if (crypto_pwhash_str_alg(stored.data(), password.data(), password.size(), passes, memory, crypto_pwhash_ALG_ARGON2ID13) != 0) return 1;

  std::atomic<std::size_t> done = 0;
  std::atomic<bool> failed = false;
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < std::atoi(argv[2]); ++i)
      threads.emplace_back([&] {
        while (std::chrono::steady_clock::now() - start < wanted) {
          if (!verify(stored)) failed = true;
          ++done;
        }
      });
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  fmt::print("{:.3f}\n", static_cast<double>(done) / took.count());
  return failed ? 1 : 0;
}
