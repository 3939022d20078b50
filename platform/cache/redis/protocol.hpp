// SPDX-License-Identifier: Apache-2.0
// RESP2 through hiredis: its formatter and its reader, without its sockets.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;

namespace micro_sayur::cache::redis {

/// Appends one command; arguments are any bytes.
void append_command(std::string& to, const std::vector<std::string_view>& arguments);

/// The replies that the store's commands have.
struct answer {
  enum kind { nothing, text, number, refusal } what = nothing;
  std::string words = {};
  std::int64_t count = 0;
};

/// Cuts a stream of bytes into replies.
class reader {
 public:
  reader();

  void feed(std::string_view data);

  /// nullopt: more bytes are needed. Throws `unavailable` when the bytes are not RESP.
  std::optional<answer> next();

 private:
  struct free_reader {
    void operator()(redisReader* held) const;
  };
  std::unique_ptr<redisReader, free_reader> held_;
};

}  // namespace micro_sayur::cache::redis
