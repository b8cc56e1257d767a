#include "adapters/http/server.hpp"
#include "tests/adapters/http/test_server.hpp"
#include "tests/support/http_client.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <chrono>
#include <random>
#include <string>
#include <vector>

namespace stravasync::http {

namespace {

using namespace std::chrono_literals;

/// The status the server answers with before it closes; 0: none.
int status_after(const std::string& address, std::string_view bytes) {
  test::connection client{address};
  client.try_write(bytes, 2s);
  client.finish_writing();
  auto answer = client.read_all();
  return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
}

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

std::string with_headers(const std::string& headers) {
  return "POST / HTTP/1.1\r\n" + headers + "\r\nabc";
}

} // namespace

TEST_CASE("what is no request is answered with 400 and closed") {
  test_server server{echo};
  const auto& at = server.address();
  CHECK(status_after(at, "rubbish\r\n\r\n") == 400);
  CHECK(status_after(at, "GET / HTTP/2.0\r\n\r\n") == 400);
  CHECK(status_after(at, "GET /\r\n\r\n") == 400);
  CHECK(status_after(at, "G@T / HTTP/1.1\r\n\r\n") == 400);
  CHECK(status_after(at, std::string_view{"\x16\x03\x01\x02\x00\x01\x00", 7})
        == 400);
  CHECK(status_after(at, "GET / HTTP/1.1\nHost: x\n\n") == 400);
  CHECK(status_after(at, "GET nothing HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
}

TEST_CASE("a request must have one Host") {
  test_server server{echo};
  const auto& at = server.address();
  CHECK(status_after(at, "GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(status_after(at, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        == 400);
}

TEST_CASE("a path that does not decode is refused") {
  test_server server{echo};
  const auto& at = server.address();
  for (const auto* path : {"/%", "/%4", "/%zz", "/a%00b", "/%ff%fe", "/%c0%af",
                           "/%ed%a0%80", "/?q=%", "/?q=%ff", "/?%00=1"}) {
    INFO(path);
    CHECK(status_after(at, get(path)) == 400);
  }
  CHECK(status_after(at, get("/%E2%82%AC")) == 200);
}

TEST_CASE("what two servers could read in two ways is refused") {
  test_server server{echo};
  const auto& at = server.address();
  const auto host = std::string{"Host: x\r\n"};
  for (const auto* headers :
       {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nContent-Length: 4\r\n", "Content-Length: -3\r\n",
        "Content-Length: 3x\r\n", "Content-Length: 99999999999999999999\r\n",
        "Content-Length : 3\r\n", "Content-Length:\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"}) {
    INFO(headers);
    auto status = status_after(at, with_headers(host + headers));
    CHECK((status == 400 || status == 413));
  }
  CHECK(status_after(at, with_headers(host + "Transfer-Encoding: gzip\r\n"))
        == 501);
  CHECK(status_after(
          at, with_headers(host + "Transfer-Encoding: gzip, chunked\r\n"))
        == 501);
  CHECK(status_after(at, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "0\r\n\r\n")
        == 400);
}

TEST_CASE("broken chunks are refused") {
  test_server server{echo};
  const auto head = std::string{"POST / HTTP/1.1\r\nHost: x\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n"};
  for (const auto* body : {"zz\r\n", "-1\r\nx\r\n", "3\r\nabcdef\r\n",
                           "\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n"}) {
    INFO(body);
    CHECK(status_after(server.address(), head + body) == 400);
  }
  CHECK(status_after(server.address(), head + "ffffffffffffffff\r\n") >= 400);
}

TEST_CASE("garbage behind a good request does not spoil its answer") {
  test_server server{echo};
  test::connection client{server.address()};
  client.write(get("/good") + "\x01\x02 garbage\r\n\r\n" + get("/never"));
  std::string bytes;
  CHECK(test::read_reply(client, bytes).body == "GET /good ");
  CHECK(test::read_reply(client, bytes).status == 400);
  CHECK((bytes + client.read_all()).empty());
}

TEST_CASE("half a request and a good-bye leaves nothing behind") {
  std::atomic<int> calls{0};
  test_server server{[&](request what, const auto& reply) {
    ++calls;
    echo(std::move(what), reply);
  }};
  const auto whole = std::string{"POST / HTTP/1.1\r\nHost: x\r\n"
                                 "Content-Length: 5\r\n\r\nabcde"};
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(status_after(server.address(), whole.substr(0, size)) == 0);
  CHECK(calls == 0);
  CHECK(status_after(server.address(), whole) == 200);
}

TEST_CASE("empty lines before a request are ignored") {
  test_server server{echo};
  CHECK(status_after(server.address(), "\r\n\r\n" + get("/")) == 200);
  CHECK(status_after(server.address(), "\r") == 0);
}

TEST_CASE("no bytes whatever make the server crash or hang") {
  test_server server{echo,
                     {.header_timeout = 2'000ms, .idle_timeout = 2'000ms}};
  auto random = std::mt19937{20'261'121};
  const auto seeds = std::to_array<std::string>({
    get("/a/b?c=d"),
    with_headers("Host: x\r\nContent-Length: 3\r\n"),
    with_headers("Host: x\r\nTransfer-Encoding: chunked\r\n"),
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3\r\nabc\r\n0\r\n\r\n",
    get("/%41") + get("/2") + get("/3"),
  });
  for (auto round = 0; round < 1'000; ++round) {
    std::string bytes;
    if (round % 3 == 0) {
      bytes.resize(random() % 300);
      for (auto& c : bytes)
        c = static_cast<char>(random() % 256);
    } else {
      bytes = seeds[random() % seeds.size()];
      for (auto edits = 1 + random() % 4; edits > 0; --edits) {
        auto at = random() % bytes.size();
        if (random() % 3 == 0)
          bytes.insert(at,
                       bytes.substr(random() % bytes.size(), random() % 40));
        else if (random() % 2 == 0)
          bytes.erase(at, 1 + random() % 3);
        else
          bytes[at] = static_cast<char>(random() % 256);
        if (bytes.empty())
          bytes = "x";
      }
    }
    test::connection client{server.address()};
    client.try_write(bytes, 2s);
    client.finish_writing();
    auto answer = client.read_all();
    INFO(bytes);
    REQUIRE((answer.empty() || answer.starts_with("HTTP/1.1 ")));
  }
  CHECK(test::http_client{server.address()}.get("/").status == 200);
  CHECK(server->in_flight() == 0);
}

} // namespace stravasync::http
