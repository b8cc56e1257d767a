#include "adapters/http/server.hpp"
#include "tests/adapters/http/test_server.hpp"
#include "tests/support/http_client.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace stravasync::http {

namespace {

using namespace std::chrono_literals;

/// Opens a stream for whoever asks, and hands it to the test.
class stream_source {
public:
  handler opener() {
    return [this](request, const std::shared_ptr<responder>& reply) {
      auto stream = reply->open_stream();
      stream->on_close([this] { gone_.set_value(); });
      opened_.set_value(std::move(stream));
    };
  }

  std::shared_ptr<event_stream> wait_opened() {
    return opened_.get_future().get();
  }

  [[nodiscard]] bool wait_gone() {
    return gone_.get_future().wait_for(10s) == std::future_status::ready;
  }

private:
  std::promise<std::shared_ptr<event_stream>> opened_;
  std::promise<void> gone_;
};

} // namespace

TEST_CASE("events reach the client as they are written, from any thread") {
  stream_source source;
  test_server server{source.opener()};
  test::event_reader reader{server.address(), "/events"};
  CHECK(reader.head().status == 200);
  CHECK(reader.head().header("content-type") == "text/event-stream");
  auto stream = source.wait_opened();
  for (auto i = 0; i < 100; ++i)
    REQUIRE(stream->write("event: n\ndata: " + std::to_string(i) + "\n\n"));
  for (auto i = 0; i < 100; ++i) {
    auto event = reader.next(10s);
    REQUIRE(event);
    CHECK(event->kind == "n");
    CHECK(event->data == std::to_string(i));
  }
  CHECK(server->in_flight() == 0);
}

TEST_CASE("a quiet stream carries comments so that proxies keep it open") {
  stream_source source;
  test_server server{source.opener(), {.stream_comment_interval = 50ms}};
  test::event_reader reader{server.address(), "/events"};
  auto stream = source.wait_opened();
  CHECK_FALSE(reader.next(400ms));
  CHECK(reader.comments() >= 2);
  stream->write("data: still there\n\n");
  CHECK(reader.next(10s)->data == "still there");
}

TEST_CASE("the application hears that the client has gone") {
  stream_source source;
  test_server server{source.opener()};
  std::shared_ptr<event_stream> stream;
  {
    test::event_reader reader{server.address(), "/events"};
    stream = source.wait_opened();
  }
  REQUIRE(source.wait_gone());
  CHECK_FALSE(stream->write("data: x\n\n"));
  auto at_once = false;
  stream->on_close([&] { at_once = true; });
  CHECK(at_once);
}

TEST_CASE("a reader that is slower than 1 MiB is disconnected") {
  stream_source source;
  test_server server{source.opener()};
  test::connection client{server.address()};
  client.write("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  auto stream = source.wait_opened();
  auto event = "data: " + std::string(64 * 1024, 'x') + "\n\n";
  auto written = 0;
  while (written < 1'000 && stream->write(event))
    ++written;
  CHECK(written > 10);
  CHECK(written < 1'000);
  CHECK(source.wait_gone());
  CHECK_FALSE(stream->write("data: more\n\n"));
}

TEST_CASE("a reader that keeps up gets any amount") {
  stream_source source;
  test_server server{source.opener()};
  test::event_reader reader{server.address(), "/events"};
  auto stream = source.wait_opened();
  auto event = "data: " + std::string(100'000, 'x') + "\n\n";
  for (auto i = 0; i < 50; ++i) {
    REQUIRE(stream->write(event));
    REQUIRE(reader.next(10s));
  }
}

TEST_CASE("stopping the server closes its streams") {
  stream_source source;
  test_server server{source.opener()};
  test::event_reader reader{server.address(), "/events"};
  auto stream = source.wait_opened();
  stream->write("data: last\n\n");
  auto stopping = std::async(std::launch::async, [&] { server->stop(10s); });
  CHECK(reader.next(10s)->data == "last");
  CHECK_FALSE(reader.next(10s));
  CHECK(source.wait_gone());
}

TEST_CASE("a stream that was asked for ahead waits for the answer before") {
  std::promise<std::shared_ptr<responder>> first;
  std::promise<std::shared_ptr<event_stream>> second;
  std::atomic<int> gone{0};
  test_server server{[&](request what, std::shared_ptr<responder> reply) {
    if (what.path == "/first")
      return first.set_value(std::move(reply));
    auto stream = reply->open_stream();
    stream->on_close([&] { ++gone; });
    second.set_value(std::move(stream));
  }};
  {
    test::connection client{server.address()};
    client.write("GET /first HTTP/1.1\r\nHost: x\r\n\r\n"
                 "GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    first.get_future().get()->send({.body = "one"});
    auto stream = second.get_future().get();
    CHECK(stream->write("data: 1\n\n"));
    std::string bytes;
    CHECK(test::read_reply(client, bytes).body == "one");
    while (bytes.find("data: 1\n\n") == std::string::npos) {
      auto more = client.read_some();
      REQUIRE_FALSE(more.empty());
      bytes += more;
    }
  }
  server->stop(5s);
  CHECK(gone == 1);
}

TEST_CASE("streams have a limit of their own and take no other's place") {
  std::mutex guard;
  std::vector<std::shared_ptr<event_stream>> open;
  std::atomic<int> refused{0};
  test_server server{[&](request what, const auto& reply) {
                       if (what.path != "/events")
                         return reply->send({.body = "one"});
                       auto stream = reply->open_stream();
                       stream->on_close([&] { ++refused; });
                       auto lock = std::lock_guard{guard};
                       open.push_back(std::move(stream));
                     },
                     {.connections_max = 3, .streams_max = 2}};
  {
    test::event_reader first{server.address(), "/events"};
    test::event_reader second{server.address(), "/events"};
    test::http_client third{server.address()};
    auto reply = third.get("/events");
    CHECK(reply.status == 503);
    CHECK(reply.header("retry-after") == "1");
    CHECK(refused == 1);
    // Three connections beside the two streams.
    test::http_client fourth{server.address()};
    test::http_client fifth{server.address()};
    CHECK(third.get("/").status == 200);
    CHECK(fourth.get("/").status == 200);
    CHECK(fifth.get("/").status == 200);
    CHECK(test::http_client{server.address()}.get("/").status == 503);
  }
  // Gone, they leave their places.
  auto status = 0;
  for (auto tries = 0; status != 200 && tries < 1'000; ++tries) {
    try {
      status = test::event_reader{server.address(), "/events"}.head().status;
    } catch (const std::runtime_error&) {
      std::this_thread::sleep_for(5ms);
    }
  }
  CHECK(status == 200);
}

TEST_CASE("many idle streams keep nobody from an answer") {
  constexpr auto streams = std::size_t{1'024};
  // Both ends are here.
  auto files = rlimit{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  if (files.rlim_max < 3 * streams || ::setrlimit(RLIMIT_NOFILE, &files) != 0)
    SKIP("too few files can be open here");
  std::mutex guard;
  std::vector<std::shared_ptr<event_stream>> open;
  test_server server{[&](request what, const auto& reply) {
                       if (what.path != "/events")
                         return reply->send({.body = "well"});
                       auto lock = std::lock_guard{guard};
                       open.push_back(reply->open_stream());
                     },
                     {.connections_max = 16, .streams_max = streams}};
  std::vector<test::event_reader> readers;
  for (auto i = std::size_t{0}; i < streams; ++i)
    readers.emplace_back(server.address(), "/events");
  auto before = std::chrono::steady_clock::now();
  CHECK(test::http_client{server.address()}.get("/healthz").status == 200);
  CHECK(std::chrono::steady_clock::now() - before < 2s);
  // And each of them is still there.
  for (auto& each : open)
    CHECK(each->write("event: n\ndata: 1\n\n"));
  for (auto& each : readers)
    REQUIRE(each.next(10s));
}

} // namespace stravasync::http
