#include "adapters/http/server.hpp"
#include "tests/adapters/http/test_server.hpp"
#include "tests/support/http_client.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

namespace stravasync::http {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

std::string get_with(const std::string& headers) {
  return "GET / HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
}

} // namespace

TEST_CASE("a header of more than 16 KiB is refused with 431") {
  test_server server{echo};
  auto almost = get_with("X-Big: " + std::string(16'000, 'x') + "\r\n"
                         + "Connection: close\r\n");
  CHECK(send_raw(server.address(), almost).status == 200);
  auto one = get_with("X-Big: " + std::string(17'000, 'x') + "\r\n");
  CHECK(send_raw(server.address(), one).status == 431);
  std::string many;
  for (auto i = 0; i < 100; ++i)
    many += "X-" + std::to_string(i) + ": " + std::string(200, 'x') + "\r\n";
  CHECK(send_raw(server.address(), get_with(many)).status == 431);
  auto target = "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n";
  CHECK(send_raw(server.address(), target).status == 431);
  auto endless = "GET / HTTP/1.1\r\nX: " + std::string(40'000, 'a');
  CHECK(send_raw(server.address(), endless).status == 431);
}

TEST_CASE("a header that comes in pieces has the same limit") {
  test_server server{echo};
  test::connection client{server.address()};
  client.write("GET / HTTP/1.1\r\nHost: x\r\n");
  auto line = "X-Piece: " + std::string(500, 'x') + "\r\n";
  std::optional<std::string> answer;
  auto pieces = 0;
  while (!answer && pieces < 100) {
    client.try_write(line, 1s);
    ++pieces;
    answer = client.try_read(5ms);
  }
  REQUIRE(answer);
  CHECK(answer->starts_with("HTTP/1.1 431 "));
  CHECK(pieces < 60);
}

TEST_CASE("more than 128 header fields are refused with 431") {
  test_server server{echo};
  std::string many;
  for (auto i = 0; i < 200; ++i)
    many += "A: b\r\n";
  CHECK(send_raw(server.address(), get_with(many)).status == 431);
}

TEST_CASE("a body of more than 1 MiB is refused with 413") {
  test_server server{echo};
  test::http_client client{server.address()};
  auto body = std::string(1024 * 1024, 'x');
  CHECK(client.post("/", body).status == 200);
  body += 'x';
  auto reply = client.post("/", body);
  CHECK(reply.status == 413);
  CHECK(reply.header("connection") == "close");
  std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                        "chunked\r\n\r\n";
  for (auto i = 0; i < 40; ++i)
    chunked += "8000\r\n" + std::string(0x8000, 'y') + "\r\n";
  CHECK(send_raw(server.address(), chunked).status == 413);
}

TEST_CASE("a chunk header without an end is refused") {
  test_server server{echo};
  auto endless = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                 "\r\n5;"
                 + std::string(100'000, 'e');
  CHECK(send_raw(server.address(), endless).status == 431);
  auto trailers = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
                  "\r\n\r\n0\r\nX: "
                  + std::string(100'000, 't');
  CHECK(send_raw(server.address(), trailers).status == 431);
}

TEST_CASE("a slow header is cut with 408 after the header time") {
  test_server server{echo, {.header_timeout = 200ms}};
  test::connection client{server.address()};
  client.write("GET / HTTP/1.1\r\nHost: x\r\n");
  auto begin = clock::now();
  std::optional<std::string> answer;
  // A slowloris: always one more header line.
  while (!answer && clock::now() - begin < 10s) {
    client.try_write("X-A: b\r\n", 1s);
    answer = client.try_read(20ms);
  }
  REQUIRE(answer);
  CHECK(answer->starts_with("HTTP/1.1 408 "));
  CHECK(clock::now() - begin >= 200ms);
}

TEST_CASE("a slow body is cut with 408 after the idle time") {
  test_server server{echo, {.idle_timeout = 200ms}};
  test::connection client{server.address()};
  client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
  auto begin = clock::now();
  std::optional<std::string> answer;
  while (!answer && clock::now() - begin < 10s) {
    client.try_write("x", 1s);
    answer = client.try_read(20ms);
  }
  REQUIRE(answer);
  CHECK(answer->starts_with("HTTP/1.1 408 "));
}

TEST_CASE("an idle connection is closed without a word") {
  test_server server{echo, {.idle_timeout = 150ms}};
  test::connection silent{server.address()};
  test::connection once{server.address()};
  once.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string bytes;
  CHECK(test::read_reply(once, bytes).status == 200);
  CHECK(silent.read_all().empty());
  CHECK(once.read_all().empty());
}

TEST_CASE("a client that does not read its answers is cut") {
  auto large = std::string(200'000, 'x');
  test_server server{
    [&](request, const auto& reply) { reply->send({.body = large}); },
    {.idle_timeout = 300ms}};
  test::connection client{server.address()};
  auto many = get_with("");
  while (many.size() < std::size_t{16} * 1024 * 1024)
    many += many;
  // It stops reading requests while answers wait, and then gives up: closing
  // with requests unread resets the connection, which ends the writing.
  CHECK(client.try_write(many, 10s) < many.size());
  CHECK(client.read_all().size() < many.size());
}

TEST_CASE("connections above the limit get 503 and are closed") {
  test_server server{echo, {.connections_max = 5}};
  std::vector<test::http_client> clients;
  for (auto i = 0; i < 5; ++i) {
    clients.emplace_back(server.address());
    CHECK(clients.back().get("/").status == 200);
  }
  auto refused = send_raw(server.address(), get_with(""));
  CHECK(refused.status == 503);
  CHECK(refused.header("retry-after") == "1");
  CHECK(refused.header("connection") == "close");
  CHECK(clients.front().get("/").status == 200);
  clients.pop_back();
  // The place is free as soon as the server has seen the client go.
  auto status = 0;
  for (auto begin = clock::now(); status != 200 && clock::now() - begin < 10s;)
    status
      = send_raw(server.address(), get_with("Connection: close\r\n")).status;
  CHECK(status == 200);
}

TEST_CASE("spared requests are served whatever the limits") {
  std::shared_ptr<responder> held;
  test_server server{
    [&](request what, std::shared_ptr<responder> reply) {
      if (what.path == "/held")
        held = std::move(reply);
      else
        reply->send({.body = "fine"});
    },
    {.connections_max = 2,
     .in_flight_max = 1,
     .spared = [](const request& asked) { return asked.path == "/healthz"; }}};
  test::connection busy{server.address()};
  busy.write("GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
  test::connection idle{server.address()};
  for (auto begin = clock::now();
       server->in_flight() < 1 && clock::now() - begin < 10s;)
    std::this_thread::yield();
  for (auto i = 0; i < 3; ++i) {
    auto healthy = send_raw(server.address(),
                            "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(healthy.status == 200);
    CHECK(healthy.header("connection") == "close");
  }
  CHECK(send_raw(server.address(), get_with("")).status == 503);
  held->send({.body = "done"});
  std::string bytes;
  CHECK(test::read_reply(busy, bytes).body == "done");
}

TEST_CASE("a connection above the limit that asks nothing is closed soon") {
  test_server server{echo, {.connections_max = 1}};
  test::http_client first{server.address()};
  CHECK(first.get("/").status == 200);
  test::connection silent{server.address()};
  auto begin = clock::now();
  CHECK(silent.read_all().empty());
  CHECK(clock::now() - begin < 10s);
  CHECK(first.get("/").status == 200);
}

TEST_CASE("requests above the in-flight limit get 503 and Retry-After") {
  std::mutex guard;
  std::vector<std::shared_ptr<responder>> held;
  test_server server{[&](request, std::shared_ptr<responder> reply) {
                       auto lock = std::lock_guard{guard};
                       held.push_back(std::move(reply));
                     },
                     {.in_flight_max = 2}};
  std::vector<test::connection> busy;
  for (auto i = 0; i < 2; ++i)
    busy.emplace_back(server.address()).write(get_with(""));
  for (auto begin = clock::now();
       server->in_flight() < 2 && clock::now() - begin < 10s;)
    std::this_thread::yield();
  auto refused = test::http_client{server.address()}.get("/");
  CHECK(refused.status == 503);
  CHECK(refused.header("retry-after") == "1");
  CHECK(server->in_flight() == 2);
  {
    auto lock = std::lock_guard{guard};
    REQUIRE(held.size() == 2);
    for (auto& reply : held)
      reply->send({.body = "done"});
    held.clear();
  }
  for (auto& client : busy) {
    std::string bytes;
    CHECK(test::read_reply(client, bytes).status == 200);
  }
  CHECK(server->in_flight() == 0);
}

TEST_CASE("a handler that takes too long is answered for with 504") {
  std::shared_ptr<responder> late;
  test_server server{[&](request what, std::shared_ptr<responder> reply) {
                       if (what.path == "/late")
                         late = std::move(reply);
                       else
                         reply->send({.body = "on time"});
                     },
                     {.idle_timeout = 400ms, .answer_timeout = 100ms}};
  test::http_client client{server.address()};
  CHECK(client.get("/late").status == 504);
  late->send({.body = "late"});
  CHECK(client.get("/").body == "on time");
}

TEST_CASE("a thousand connections come and go, two hundred stay at once") {
  test_server server{echo};
  for (auto i = 0; i < 1'000; ++i) {
    test::http_client client{server.address()};
    REQUIRE(client.get("/one").status == 200);
  }
  std::vector<test::connection> open;
  for (auto i = 0; i < 200; ++i)
    open.emplace_back(server.address());
  for (auto round = 0; round < 3; ++round) {
    for (auto& client : open)
      client.write(get_with(""));
    for (auto& client : open) {
      std::string bytes;
      REQUIRE(test::read_reply(client, bytes).status == 200);
    }
  }
  CHECK(server->in_flight() == 0);
}

} // namespace stravasync::http
