#include "tests/adapters/strava/calls.hpp"
#include "tests/adapters/strava/scripted_server.hpp"

#include <atomic>
#include <latch>

using namespace stravasync;
using namespace stravasync::test;
using std::chrono::milliseconds;

namespace {

const auto empty_page = http_answer(200, "[]");

std::vector<std::future<page_result>> list_many(strava_api& api, int count) {
  std::vector<std::future<page_result>> result;
  for (auto i = 0; i < count; ++i)
    result.push_back(list(api));
  return result;
}

} // namespace

TEST_CASE("calls one after the other share one connection") {
  scripted_server server{always(empty_page)};
  auto api = api_with(options_for(server.address()));
  for (auto i = 0; i < 5; ++i)
    REQUIRE(await(list(*api)).value);
  CHECK(server.connections() == 1);
}

TEST_CASE("an error answer keeps the connection") {
  scripted_server server{always(http_answer(404, "{}"))};
  auto api = api_with(options_for(server.address()));
  for (auto i = 0; i < 3; ++i)
    CHECK(failure_of(await(list(*api)).value) == ec::not_found);
  CHECK(server.connections() == 1);
}

TEST_CASE("many calls at once stay within the bound and all are answered") {
  // Answers only once three requests are here, so that three connections must
  // be in use at a time.
  std::latch three{3};
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  scripted_server server{[&](peer& client) {
    while (client.read_request()) {
      auto busy = ++now;
      for (auto seen = most.load(); busy > seen;)
        most.compare_exchange_weak(seen, busy);
      if (!three.try_wait()) {
        three.count_down();
        three.wait();
      }
      --now;
      client.write(empty_page);
    }
  }};
  auto options = options_for(server.address());
  options.connections_max = 3;
  auto api = api_with(options);
  for (auto& answer : list_many(*api, 200))
    REQUIRE(await(std::move(answer)).value);
  CHECK(server.connections() == 3);
  CHECK(most == 3);
  CHECK(server.requests().size() == 200);
}

TEST_CASE("a call that found no free connection in time was never sent") {
  scripted_server server{[](peer& client) {
    client.read_request();
    client.await_close();
  }};
  auto options = options_for(server.address());
  options.connections_max = 1;
  options.request_timeout = milliseconds{200};
  auto api = api_with(options);
  auto first = list(*api);
  auto second = list(*api);
  CHECK(failure_of(await(std::move(first)).value) == ec::timed_out);
  auto result = await(std::move(second));
  CHECK(failure_of(result.value) == ec::unavailable);
  CHECK_FALSE(result.report.sent);
}

TEST_CASE("a failed connection makes room for the next call") {
  scripted_server server{[](peer& client) {
    client.read_request();
    if (client.number() > 2)
      client.write(empty_page);
  }};
  auto options = options_for(server.address());
  options.connections_max = 1;
  auto api = api_with(options);
  auto answers = list_many(*api, 3);
  CHECK(failure_of(await(std::move(answers[0])).value) == ec::unavailable);
  CHECK(failure_of(await(std::move(answers[1])).value) == ec::unavailable);
  CHECK(await(std::move(answers[2])).value);
}

TEST_CASE("a GET on a connection that dies unanswered is sent once more") {
  scripted_server server{[](peer& client) {
    if (!client.read_request())
      return;
    client.write(empty_page);
    if (client.number() == 1)
      client.read_request(); // And closes without a word.
    else
      client.await_close();
  }};
  auto api = api_with(options_for(server.address()));
  REQUIRE(await(list(*api)).value);
  auto result = await(list(*api));
  CHECK(result.value);
  CHECK(result.report.sent);
  CHECK(result.report.sent_count == 2);
  CHECK(server.connections() == 2);
}

TEST_CASE("the second sending is the last") {
  scripted_server server{[](peer& client) {
    client.read_request();
    if (client.number() == 1) {
      client.write(empty_page);
      client.read_request();
    }
  }};
  auto api = api_with(options_for(server.address()));
  REQUIRE(await(list(*api)).value);
  auto result = await(list(*api));
  CHECK(failure_of(result.value) == ec::unavailable);
  CHECK(result.report.sent_count == 2);
  CHECK(server.connections() == 2);
}

TEST_CASE("an answer that had begun is not asked for again") {
  scripted_server server{[](peer& client) {
    client.read_request();
    client.write(empty_page);
    client.read_request();
    client.write("H");
  }};
  auto api = api_with(options_for(server.address()));
  REQUIRE(await(list(*api)).value);
  auto result = await(list(*api));
  CHECK(failure_of(result.value) == ec::upstream_failed);
  CHECK(result.report.sent_count == 1);
}

TEST_CASE("a connection seen to be closed is not used again") {
  std::latch closed{1};
  scripted_server server{[&](peer& client) {
    client.read_request();
    client.write(empty_page);
    if (client.number() == 1) {
      client.reset();
      closed.count_down();
    } else {
      client.await_close();
    }
  }};
  auto api = api_with(options_for(server.address()));
  // The reset may overtake the answer that was on its way.
  (void)await(list(*api));
  closed.wait();
  auto result = await(list(*api));
  CHECK(result.value);
  CHECK(result.report.sent_count == 1);
}

TEST_CASE("bytes nobody asked for spoil a connection") {
  scripted_server server{[](peer& client) {
    client.read_request();
    client.write(empty_page
                 + "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad");
    client.await_close();
  }};
  auto api = api_with(options_for(server.address()));
  REQUIRE(await(list(*api)).value);
  REQUIRE(await(list(*api)).value);
  CHECK(server.connections() == 2);
}

TEST_CASE("Connection: close is honoured") {
  scripted_server server{
    always(http_answer(200, "[]", "Connection: close\r\n"))};
  auto api = api_with(options_for(server.address()));
  REQUIRE(await(list(*api)).value);
  REQUIRE(await(list(*api)).value);
  CHECK(server.connections() == 2);
}

TEST_CASE("an idle connection is closed after its time") {
  std::promise<void> closed;
  scripted_server server{[&](peer& client) {
    client.read_request();
    client.write(empty_page);
    client.await_close();
    closed.set_value();
  }};
  auto options = options_for(server.address());
  options.idle_timeout = milliseconds{50};
  auto api = api_with(options);
  REQUIRE(await(list(*api)).value);
  CHECK(closed.get_future().wait_for(std::chrono::seconds{10})
        == std::future_status::ready);
}

TEST_CASE("ending the client answers what is in flight and what waits") {
  scripted_server server{[](peer& client) {
    client.read_request();
    client.await_close();
  }};
  auto options = options_for(server.address());
  options.connections_max = 2;
  auto api = api_with(options);
  auto answers = list_many(*api, 5);
  REQUIRE(server.await_requests(2));
  api.reset();
  auto sent = 0;
  for (auto& answer : answers) {
    REQUIRE(answer.wait_for(milliseconds{0}) == std::future_status::ready);
    auto result = answer.get();
    CHECK(failure_of(result.value) == ec::unavailable);
    sent += result.report.sent ? 1 : 0;
  }
  CHECK(sent == 2);
}

TEST_CASE("an idle client ends at once, used or not") {
  scripted_server server{always(empty_page)};
  auto unused = api_with(options_for(server.address()));
  unused.reset();
  auto used = api_with(options_for(server.address()));
  REQUIRE(await(list(*used)).value);
  used.reset();
  CHECK(server.connections() == 1);
}

TEST_CASE("threads may share a client") {
  scripted_server server{always(empty_page)};
  auto api = api_with(options_for(server.address()));
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (auto i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (auto j = 0; j < 50; ++j)
        good += list(*api).get().value ? 1 : 0;
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(good == 200);
}
