#include "tests/golden/golden_file.hpp"
#include "tests/golden/http_case.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

/// @file
/// What the server refuses by itself, and the events that it passes on: what a
/// request and one answer are not enough to show.

namespace stravasync::golden {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using http::counting_log;
using http::echo;
using http::responder;
using http::server_options;
using http::test_server;

const auto plain = std::string{"GET / HTTP/1.1\r\nHost: x\r\n\r\n"};

/// @returns bytes as a file shows them: line ends visible, long ones cut.
std::string shown(const std::string& bytes) {
  constexpr auto most = std::size_t{300};
  std::string result;
  for (auto c : bytes.substr(0, most)) {
    if (c == '\r')
      result += "\\r";
    else if (c == '\n')
      result += "\\n\n";
    else
      result += readable(std::string(1, c));
  }
  if (!result.ends_with('\n'))
    result += '\n';
  if (bytes.size() > most)
    result += "(" + std::to_string(bytes.size()) + " bytes)\n";
  return result;
}

class faults {
public:
  void check(const std::string& name, const std::string& request,
             const test::http_reply& reply) {
    auto file = "server/" + name + ".txt";
    files.insert(file);
    check_file(file, shown(request) + "\n" + to_text(reply));
  }

  /// Sends bytes on a connection of their own, and notes the last answer.
  void send(const std::string& name, const std::string& bytes,
            server_options limits = {}) {
    limits.headers = http::common_headers();
    test_server server{echo, std::move(limits)};
    check(name, bytes, http::send_raw(server.address(), bytes));
  }

  std::set<std::string> files;
};

std::string with(const std::string& headers, const std::string& body = {}) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" + body;
}

void send_garbage(faults& to) {
  to.send("no_http", "hello\r\n\r\n");
  to.send("wild_method", "G\x01T / HTTP/1.1\r\nHost: x\r\n\r\n");
  to.send("other_version", "GET / HTTP/2.0\r\nHost: x\r\n\r\n");
  to.send("no_host", "GET / HTTP/1.1\r\n\r\n");
  to.send("two_hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n");
  to.send("wild_target", "GET /\x7F HTTP/1.1\r\nHost: x\r\n\r\n");
  to.send("target_cut", "GET /%4 HTTP/1.1\r\nHost: x\r\n\r\n");
  to.send("target_without_slash", "GET x HTTP/1.1\r\nHost: x\r\n\r\n");
  to.send("header_without_colon", "GET / HTTP/1.1\r\nHost x\r\n\r\n");
  to.send("length_no_number", with("Content-Length: x\r\n"));
  to.send("two_lengths",
          with("Content-Length: 1\r\nContent-Length: 2\r\n", "ab"));
  to.send("length_and_chunks", with("Content-Length: 1\r\n"
                                    "Transfer-Encoding: chunked\r\n",
                                    "0\r\n\r\n"));
  to.send("chunk_no_number", with("Transfer-Encoding: chunked\r\n", "x\r\n"));
  to.send("other_coding", with("Transfer-Encoding: gzip, chunked\r\n"));
  to.send("other_expectation",
          with("Expect: 200-ok\r\nContent-Length: 1\r\n", "a"));
  std::string lines;
  for (auto i = 0; i < 10'000; ++i)
    lines += "\r\n";
  to.send("empty_lines", lines);
}

void send_too_much(faults& to) {
  to.send("header_too_large", "GET / HTTP/1.1\r\nHost: x\r\nX: "
                                + std::string(17'000, 'x') + "\r\n\r\n");
  std::string many;
  for (auto i = 0; i < 200; ++i)
    many += "A: b\r\n";
  to.send("headers_too_many", with(many));
  to.send("chunk_header_too_large", with("Transfer-Encoding: chunked\r\n",
                                         "5;" + std::string(100'000, 'e')));
  to.send("body_too_large", with("Content-Length: 1048577\r\n"));
  to.send("body_larger_than_set", with("Content-Length: 11\r\n", "hello world"),
          {.body_bytes_max = 10});
  to.send("header_larger_than_set",
          "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(2'000, 'x')
            + "\r\n\r\n",
          {.header_bytes_max = 1'000});
}

/// @returns when `done`, or in the end that it never was.
template <class Done>
bool eventually(Done done) {
  for (auto begin = clock::now(); clock::now() - begin < 10s;
       std::this_thread::yield())
    if (done())
      return true;
  return false;
}

test::http_reply
ask(const test_server& server, const std::string& bytes = plain) {
  test::connection client{server.address()};
  client.write(bytes);
  std::string rest;
  return test::read_reply(client, rest);
}

void be_late(faults& to) {
  const auto begun = std::string{"GET / HTTP/1.1\r\nHost: x\r\n"};
  test_server hasty{
    echo, {.header_timeout = 50ms, .headers = http::common_headers()}};
  to.check("header_too_slow", begun, ask(hasty, begun));
  std::shared_ptr<responder> kept;
  test_server slow{[&](http::request, std::shared_ptr<responder> reply) {
                     kept = std::move(reply);
                   },
                   {.answer_timeout = 50ms, .headers = http::common_headers()}};
  to.check("handler_too_slow", plain, ask(slow));
  test_server careless{[](http::request, const auto&) {},
                       {.headers = http::common_headers()}};
  to.check("dropped", plain, ask(careless));
}

void be_many(faults& to) {
  std::shared_ptr<responder> kept;
  test_server one{[&](http::request, std::shared_ptr<responder> reply) {
                    kept = std::move(reply);
                  },
                  {.in_flight_max = 1, .headers = http::common_headers()}};
  test::connection first{one.address()};
  first.write(plain);
  CHECK(eventually([&] { return one->in_flight() == 1; }));
  to.check("too_many_requests", plain, ask(one));
  kept.reset();
  test_server few{echo,
                  {.connections_max = 1, .headers = http::common_headers()}};
  test::http_client there{few.address()};
  CHECK(there.get("/").status == 200);
  to.check("too_many_connections", plain, http::send_raw(few.address(), plain));
  test_server small{
    [](http::request, const auto& reply) {
      reply->send({.body = std::string(100'000, 'x')});
    },
    {.held_bytes_max = 50'000, .headers = http::common_headers()}};
  to.check("too_much_held", plain, ask(small));
}

/// @returns the bytes of a stream's head and of `count` events and the like.
std::string read_events(test::connection& from, std::string bytes, int count) {
  auto ends = [&bytes] {
    auto body = bytes.find("\r\n\r\n");
    auto result = 0;
    for (auto at = bytes.find("\n\n", body + 4);
         body != std::string::npos && at != std::string::npos;
         at = bytes.find("\n\n", at + 2))
      ++result;
    return result;
  };
  while (ends() < count) {
    auto more = from.read_some();
    if (more.empty())
      break;
    bytes += more;
  }
  return bytes;
}

/// What other files leave out.
void show_usual_headers(faults& to) {
  http::api_fixture node;
  auto reply = node.client.get("/api/v1/athletes");
  std::sort(reply.headers.begin(), reply.headers.end());
  std::string text = "GET /api/v1/athletes\n\n";
  for (const auto& [name, value] : reply.headers)
    if (name != "date")
      text += name + ": " + value + "\n";
  to.files.insert("server/all_headers.txt");
  check_file("server/all_headers.txt", text);
}

} // namespace

TEST_CASE("what the server refuses by itself is as its golden files say") {
  faults all;
  send_garbage(all);
  send_too_much(all);
  be_late(all);
  be_many(all);
  show_usual_headers(all);
  check_folder("server", all.files);
}

TEST_CASE("events are told as their golden files say") {
  auto event = [](std::string kind, std::int64_t athlete, shape how) {
    return feed_event{.kind = std::move(kind),
                      .athlete_id = athlete,
                      .status = filled<events::v1::SyncStatus>(how)};
  };
  const auto told = std::vector<feed_event>{
    event("sync", 9'007'199'254'740'993, shape::full),
    event("sync", 7, shape::negative),
    event("sync", 7, shape::largest),
    {.kind = "sync", .athlete_id = 0},
    {.kind = "athlete_connected", .athlete_id = 9'007'199'254'740'993},
    {.kind = "athlete_disconnected", .athlete_id = 8},
    {.kind = "guardian", .text = "the store is down é"},
    {.kind = "guardian", .athlete_id = 7, .text = wild_text()},
    {.kind = "guardian"},
  };
  http::api_fixture node;
  test::connection client{node.server.address()};
  client.write("GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  REQUIRE(eventually([&] { return node.feed.watchers() == 1; }));
  for (const auto& one : told)
    node.feed.emit(one);
  // Before them it says when to connect again.
  auto bytes = read_events(client, {}, static_cast<int>(told.size()) + 1);
  auto head = bytes.find("\r\n\r\n") + 4;
  test::connection unused{node.server.address()};
  auto rest = bytes.substr(0, head - 4) + "\r\nContent-Length: 0\r\n\r\n";
  auto reply = test::read_reply(unused, rest);
  reply.body = bytes.substr(head);
  check_file("events/stream.txt", "GET /api/v1/events\n\n" + to_text(reply));
}

} // namespace stravasync::golden
