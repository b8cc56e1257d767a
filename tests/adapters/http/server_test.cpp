#include "adapters/http/server.hpp"

#include "tests/adapters/http/test_server.hpp"
#include "tests/support/http_client.hpp"

#include <catch2/catch_test_macros.hpp>

#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace stravasync::http {

namespace {

using namespace std::chrono_literals;

/// Keeps what it is asked, for the test to answer.
class held_requests {
public:
  handler keeper() {
    return [this](request what, std::shared_ptr<responder> reply) {
      auto lock = std::lock_guard{guard_};
      held_.emplace_back(std::move(what.target), std::move(reply));
      changed_.notify_all();
    };
  }

  /// Waits for `count` requests. @returns the responder of `target`.
  std::shared_ptr<responder>
  wait_for(std::size_t count, const std::string& target) {
    auto lock = std::unique_lock{guard_};
    REQUIRE(
      changed_.wait_for(lock, 10s, [&] { return held_.size() >= count; }));
    for (auto& [path, reply] : held_)
      if (path == target)
        return std::move(reply);
    FAIL("nobody asked for " << target);
    return nullptr;
  }

private:
  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<std::pair<std::string, std::shared_ptr<responder>>> held_;
};

} // namespace

TEST_CASE("one connection serves one request after the other") {
  test_server server{echo};
  test::http_client client{server.address()};
  for (auto i = 0; i < 3; ++i) {
    auto reply = client.get("/things/" + std::to_string(i));
    CHECK(reply.status == 200);
    CHECK(reply.body == "GET /things/" + std::to_string(i) + " ");
    CHECK(reply.header("connection").empty());
    CHECK(reply.header("date").ends_with(" GMT"));
  }
}

TEST_CASE("the handler sees target, path, query, headers and body") {
  request seen;
  test_server server{[&seen](request what, const auto& reply) {
    seen = std::move(what);
    reply->send({});
  }};
  test::http_client client{server.address()};
  client.post("/a%20b/%C3%A9?x=1&y=a+b&x=%26&z", "body", "text/plain",
              {{"X-Thing", "Some Value"}});
  CHECK(seen.method == "POST");
  CHECK(seen.target == "/a%20b/%C3%A9?x=1&y=a+b&x=%26&z");
  CHECK(seen.path == "/a b/\xC3\xA9");
  CHECK(
    seen.query
    == decltype(seen.query){{"x", "1"}, {"y", "a b"}, {"x", "&"}, {"z", ""}});
  CHECK(seen.query_value("x") == "1");
  CHECK_FALSE(seen.query_value("nothing"));
  CHECK(seen.header_or_empty("x-thing") == "Some Value");
  CHECK(seen.body == "body");
  CHECK(seen.keep_alive);
}

TEST_CASE("HEAD gets the header of the answer and no body") {
  test_server server{echo};
  test::http_client client{server.address()};
  auto reply = client.send("HEAD", "/long/path");
  CHECK(reply.status == 200);
  CHECK(reply.header("content-length") == "16");
  CHECK(reply.body.empty());
  CHECK(client.get("/after").body == "GET /after ");
}

TEST_CASE("a request sent ahead waits for the answer before its own") {
  held_requests held;
  test_server server{held.keeper()};
  test::connection client{server.address()};
  client.write("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
               "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
               "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string bytes;
  for (std::size_t i = 1; i <= 3; ++i) {
    auto path = "/" + std::to_string(i);
    auto reply = held.wait_for(i, path);
    CHECK(server->in_flight() == 1);
    reply->send({.body = path});
    CHECK(test::read_reply(client, bytes).body == path);
  }
}

TEST_CASE("any number of requests sent ahead is answered in turn") {
  std::vector<std::shared_ptr<responder>> waiting;
  std::mutex guard;
  std::condition_variable changed;
  test_server server{[&](request, std::shared_ptr<responder> reply) {
    auto lock = std::lock_guard{guard};
    waiting.push_back(std::move(reply));
    changed.notify_all();
  }};
  test::connection client{server.address()};
  constexpr auto count = std::size_t{200};
  std::string all;
  for (std::size_t i = 0; i < count; ++i)
    all += "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  client.write(all);
  client.finish_writing();
  std::size_t most = 0;
  for (std::size_t answered = 0; answered < count;) {
    std::vector<std::shared_ptr<responder>> batch;
    {
      auto lock = std::unique_lock{guard};
      REQUIRE(changed.wait_for(lock, 10s, [&] { return !waiting.empty(); }));
      batch.swap(waiting);
    }
    most = std::max(most, batch.size());
    answered += batch.size();
    for (const auto& reply : batch)
      reply->send({.body = "x"});
  }
  CHECK(most == 1);
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i)
    CHECK(test::read_reply(client, bytes).body == "x");
  CHECK(client.read_all().empty());
}

TEST_CASE("an answer may come from any thread") {
  std::vector<std::thread> threads;
  test_server server{[&](request what, std::shared_ptr<responder> reply) {
    threads.emplace_back([path = what.path, reply = std::move(reply)] {
      reply->send({.body = path});
    });
  }};
  test::http_client client{server.address()};
  for (auto i = 0; i < 20; ++i) {
    auto path = "/" + std::to_string(i);
    CHECK(client.get(path).body == path);
  }
  for (auto& thread : threads)
    thread.join();
}

TEST_CASE("a dropped responder gives a 500, and only the first answer counts") {
  test_server server{[](request what, const auto& reply) {
    if (what.path == "/dropped")
      return;
    reply->send({.body = "one"});
    reply->send({.body = "two"});
  }};
  test::http_client client{server.address()};
  auto dropped = client.get("/dropped");
  CHECK(dropped.status == 500);
  CHECK(dropped.header("content-type") == "application/problem+json");
  CHECK(client.get("/").body == "one");
  CHECK(client.get("/").body == "one");
  CHECK(server->in_flight() == 0);
}

TEST_CASE("a handler that throws is logged and gives a 500") {
  test_server server{
    [](request, const auto&) { throw std::runtime_error{"a bug"}; }};
  test::http_client client{server.address()};
  CHECK(client.get("/").status == 500);
  CHECK(server.logger.lines == 1);
}

TEST_CASE("a header with a line break in it is not sent") {
  test_server server{[](request, const auto& reply) {
    reply->send({.headers = {{"X-A", "1\r\nX-Evil: 1"}, {"X-B", "2"}}});
  }};
  auto reply = test::http_client{server.address()}.get("/");
  CHECK(reply.header("x-evil").empty());
  CHECK(reply.header("x-a").empty());
  CHECK(reply.header("x-b") == "2");
}

TEST_CASE("an aborted request ends with what was to be written, or nothing") {
  test_server server{[](request what, const auto& reply) {
    if (what.path == "/cut")
      reply->abort("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":");
    else
      reply->abort();
  }};
  test::connection cut{server.address()};
  cut.write("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(cut.read_all().ends_with("\r\n\r\n{\"a\":"));
  test::connection closed{server.address()};
  closed.write("GET /close HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(closed.read_all().empty());
}

TEST_CASE("a large answer arrives whole") {
  auto large = std::string(5'000'000, 'x');
  test_server server{
    [&](request, const auto& reply) { reply->send({.body = large}); }};
  test::http_client client{server.address()};
  CHECK(client.get("/").body == large);
  CHECK(client.get("/").body == large);
}

TEST_CASE("the answer of a client that has gone is let be") {
  held_requests held;
  test_server server{held.keeper()};
  {
    test::connection client{server.address()};
    client.write("GET /gone HTTP/1.1\r\nHost: x\r\n\r\n");
    held.wait_for(1, "/gone")->send({.body = std::string(100'000, 'x')});
  }
  test::connection client{server.address()};
  client.write("GET /there HTTP/1.1\r\nHost: x\r\n\r\n");
  held.wait_for(2, "/there")->send({.body = "fine"});
  std::string bytes;
  CHECK(test::read_reply(client, bytes).body == "fine");
}

TEST_CASE("several I/O threads serve alike") {
  test_server server{echo, {.io_threads = 3}};
  std::vector<std::future<int>> clients;
  for (auto i = 0; i < 6; ++i)
    clients.push_back(std::async(std::launch::async, [&] {
      test::http_client client{server.address()};
      auto good = 0;
      for (auto n = 0; n < 50; ++n)
        good += client.get("/t").body == "GET /t " ? 1 : 0;
      return good;
    }));
  for (auto& client : clients)
    CHECK(client.get() == 50);
}

} // namespace stravasync::http
