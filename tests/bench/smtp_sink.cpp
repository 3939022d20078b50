// SPDX-License-Identifier: Apache-2.0
// A mail server that keeps nothing but when each mail came: one line "MICROSECONDS RECIPIENT" on stdout as it says 250. Faster than
// what is measured with it. A thread per connection.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace {

std::mutex output;

void note(std::string_view recipient) {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  const std::lock_guard lock(output);
  std::printf("%lld %.*s\n", static_cast<long long>(now), static_cast<int>(recipient.size()), recipient.data());
  std::fflush(stdout);
}

class session {
 public:
  explicit session(int socket) : socket_(socket) {}
  ~session() { ::close(socket_); }
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  void serve() {
    say("220 sink");
    std::string line;
    while (read_until("\r\n", line)) {
      if (line.starts_with("EHLO"))
        say("250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8");
      else if (line.starts_with("RCPT"))
        take_recipient(line);
      else if (line.starts_with("DATA"))
        take_mail();
      else if (line.starts_with("QUIT"))
        return say("221 bye");
      else
        say("250 OK");
    }
  }

 private:
  void take_recipient(std::string_view line) {
    const auto begin = line.find('<') + 1;
    recipient_ = line.substr(begin, line.find('>') - begin);
    say("250 OK");
  }

  void take_mail() {
    say("354 go on");
    std::string mail;
    if (!read_until("\r\n.\r\n", mail)) return;
    note(recipient_);
    say("250 OK");
  }

  void say(std::string text) {
    text += "\r\n";
    if (::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) < 0) ::shutdown(socket_, SHUT_RDWR);
  }

  /// What comes before `mark`, which is dropped; false at the end of the connection.
  bool read_until(std::string_view mark, std::string& out) {
    while (true) {
      if (const auto found = buffer_.find(mark); found != std::string::npos) {
        out = buffer_.substr(0, found);
        buffer_.erase(0, found + mark.size());
        return true;
      }
      char chunk[16384];
      const auto size = ::recv(socket_, chunk, sizeof chunk, 0);
      if (size <= 0) return false;
      buffer_.append(chunk, static_cast<std::size_t>(size));
    }
  }

  int socket_;
  std::string buffer_;
  std::string recipient_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: smtp_sink PORT\n");
    return 64;
  }
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 64) != 0) {
    std::perror("smtp_sink");
    return 1;
  }
  while (true) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    std::thread([socket] { session(socket).serve(); }).detach();
  }
}
