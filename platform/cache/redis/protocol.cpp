// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/redis/protocol.hpp"

#include "platform/cache/cache.hpp"

#include <hiredis/hiredis.h>

#include <new>
#include <vector>

namespace micro_sayur::cache::redis {
namespace {

struct free_reply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

answer answer_of(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS: return {answer::text, std::string(reply.str, reply.len)};
    case REDIS_REPLY_ERROR: return {answer::refusal, std::string(reply.str, reply.len)};
    case REDIS_REPLY_INTEGER: return {answer::number, {}, reply.integer};
    case REDIS_REPLY_NIL: return {};
    default: throw unavailable("Redis sent a reply of an unexpected type");
  }
}

}  // namespace

void append_command(std::string& to, const std::vector<std::string_view>& arguments) {
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  for (const auto& argument : arguments) {
    texts.push_back(argument.data());
    lengths.push_back(argument.size());
  }
  char* formatted = nullptr;
  const auto size = redisFormatCommandArgv(&formatted, static_cast<int>(texts.size()), texts.data(), lengths.data());
  if (size < 0) throw std::bad_alloc();
  to.append(formatted, static_cast<std::size_t>(size));
  redisFreeCommand(formatted);
}

reader::reader() : held_(redisReaderCreate()) {
  if (!held_) throw std::bad_alloc();
}

void reader::feed(std::string_view data) {
  if (redisReaderFeed(held_.get(), data.data(), data.size()) != REDIS_OK) throw unavailable(held_->errstr);
}

std::optional<answer> reader::next() {
  void* found = nullptr;
  if (redisReaderGetReply(held_.get(), &found) != REDIS_OK) throw unavailable(held_->errstr);
  if (found == nullptr) return std::nullopt;
  const std::unique_ptr<redisReply, free_reply> reply(static_cast<redisReply*>(found));
  return answer_of(*reply);
}

void reader::free_reader::operator()(redisReader* held) const { redisReaderFree(held); }

}  // namespace micro_sayur::cache::redis
