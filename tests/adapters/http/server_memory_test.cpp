#include "adapters/http/server.hpp"
#include "tests/adapters/http/test_server.hpp"
#include "tests/support/http_client.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace stravasync::http {

namespace {

using namespace std::chrono_literals;

constexpr auto mib = std::size_t{1} << 20;
/// More than the system takes of a client that does not read.
constexpr auto list_bytes = 8 * mib;

const auto asking = std::string{"GET /list HTTP/1.1\r\nHost: x\r\n\r\n"};

/// Answers with a long list at once.
class lists {
public:
  handler server() {
    return [this](request, const auto& reply) {
      ++asked;
      reply->send({.body = std::string(list_bytes, 'x')});
    };
  }

  std::atomic<std::size_t> asked{0};
};

/// Waits until the server has nothing to do.
template <class Condition>
bool eventually(Condition met) {
  auto end = std::chrono::steady_clock::now() + 10s;
  while (!met() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(1ms);
  return met();
}

} // namespace

TEST_CASE("one client that does not read holds one answer") {
  lists source;
  test_server server{source.server()};
  test::connection client{server.address()};
  std::string many;
  for (auto i = 0; i < 32; ++i)
    many += asking;
  client.write(many);
  // What came with the first request was there before its answer.
  std::string bytes;
  CHECK(test::read_reply(client, bytes).body.size() == list_bytes);
  CHECK(eventually(
    [&] { return source.asked > 1 && server->held_bytes() > list_bytes / 2; }));
  CHECK(source.asked == 2);
  CHECK(server->held_bytes() < list_bytes + mib);
}

TEST_CASE("clients that do not read hold no more than the limit together") {
  constexpr auto most = 40 * mib;
  lists source;
  test_server server{source.server(), {.held_bytes_max = most}};
  std::vector<test::connection> clients;
  for (auto i = 0; i < 30; ++i) {
    clients.emplace_back(server.address()).write(asking);
    CHECK(eventually([&] { return server->in_flight() == 0; }));
    CHECK(server->held_bytes() <= most);
  }
  // Those who came too late learn it at once.
  std::string bytes;
  auto late = test::read_reply(clients.back(), bytes);
  CHECK(late.status == 503);
  CHECK(late.header("retry-after") == "1");
  // One that reads gets its answer whole, and makes room.
  bytes.clear();
  CHECK(test::read_reply(clients.front(), bytes).body.size() == list_bytes);
  clients.clear();
  CHECK(eventually([&] { return server->held_bytes() == 0; }));
  CHECK(test::http_client{server.address()}.get("/list").body.size()
        == list_bytes);
}

TEST_CASE("a connection that was answered keeps nothing of the answer") {
  lists source;
  test_server server{source.server(), {.io_threads = 2}};
  auto resident = [] {
    auto pages = std::size_t{0};
    std::ifstream{"/proc/self/statm"} >> pages >> pages;
    return pages * 4'096;
  };
  std::vector<test::connection> clients;
  auto before = resident();
  for (auto i = 0; i < 20; ++i) {
    auto& client = clients.emplace_back(server.address());
    client.write(asking);
    for (std::size_t got = 0; got < list_bytes;)
      got += client.read_some().size();
  }
  // Given back within a second or two of the last of them.
  CHECK(eventually([&] { return resident() < before + 4 * list_bytes; }));
}

TEST_CASE("short answers are given while others hold all there may be") {
  test_server server{[](request what, const auto& reply) {
                       auto large = what.path == "/list";
                       reply->send(
                         {.body = std::string(large ? list_bytes : 10, 'x')});
                     },
                     {.held_bytes_max = list_bytes + mib}};
  test::connection slow{server.address()};
  slow.write(asking);
  CHECK(eventually([&] { return server->held_bytes() > list_bytes / 2; }));
  test::http_client quick{server.address()};
  CHECK(quick.get("/short").status == 200);
  CHECK(quick.get("/list").status == 503);
  CHECK(quick.get("/short").status == 200);
}

TEST_CASE("bodies that are being received count as well") {
  constexpr auto most = 8 * mib;
  test_server server{echo, {.held_bytes_max = most}};
  auto almost = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: "
                + std::to_string(mib) + "\r\n\r\n" + std::string(mib - 1, 'b');
  std::vector<test::connection> clients;
  for (auto i = 0; i < 12; ++i)
    clients.emplace_back(server.address()).try_write(almost, 1s);
  CHECK(eventually([&] { return server->held_bytes() > most - mib; }));
  for (auto i = 0; i < 10; ++i) {
    auto& client = clients.emplace_back(server.address());
    client.try_write(almost, 1s);
    CHECK(client.read_some().starts_with("HTTP/1.1 503 "));
    CHECK(server->held_bytes() <= most + mib);
  }
}

TEST_CASE("who reads events too slowly is left when too much is held, and "
          "nobody else") {
  constexpr auto most = mib / 2;
  constexpr auto event_bytes = std::size_t{32} << 10;
  std::promise<std::shared_ptr<event_stream>> slow_one;
  std::promise<std::shared_ptr<event_stream>> quick_one;
  std::promise<void> left;
  test_server server{[&](request what, const auto& reply) {
                       if (what.path == "/well")
                         return reply->send({.body = "well"});
                       auto stream = reply->open_stream();
                       if (what.path == "/quick")
                         return quick_one.set_value(std::move(stream));
                       stream->on_close([&] { left.set_value(); });
                       slow_one.set_value(std::move(stream));
                     },
                     {.held_bytes_max = most}};
  test::event_reader reader{server.address(), "/quick"};
  auto quick = quick_one.get_future().get();
  test::connection client{server.address()};
  client.write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  auto slow = slow_one.get_future().get();
  test::http_client other{server.address()};
  const auto event = "data: " + std::string(event_bytes, 'x') + "\n\n";
  while (server->held_bytes() < 4 * event_bytes) {
    REQUIRE(slow->write(event));
    // When this is answered, the event has been sent or is held.
    REQUIRE(other.get("/well").status == 200);
  }
  CHECK(slow->write("data: more\n\n"));
  CHECK(other.get("/well").status == 200);
  auto gone = left.get_future();
  CHECK(gone.wait_for(0s) == std::future_status::timeout);

  // A body that does not end.
  test::connection sender{server.address()};
  sender.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: "
               + std::to_string(mib) + "\r\n\r\n" + std::string(mib - 1, 'b'));
  CHECK(eventually([&] { return server->held_bytes() > most; }));
  CHECK(slow->write("data: last\n\n"));
  CHECK(gone.wait_for(10s) == std::future_status::ready);
  CHECK_FALSE(slow->write("data: none\n\n"));
  CHECK(quick->write("data: still here\n\n"));
  auto heard = reader.next(10s);
  REQUIRE(heard);
  CHECK(heard->data == "still here");
}

} // namespace stravasync::http
