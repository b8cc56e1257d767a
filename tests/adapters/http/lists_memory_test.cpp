#include "tests/adapters/http/api_fixture.hpp"
#include "tests/support/scratch_folder.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

namespace stravasync::http {

namespace {

using namespace std::chrono_literals;

constexpr auto mib = std::size_t{1} << 20;
constexpr auto clients_count = 1'000;
constexpr auto at_once = 50;
constexpr auto rows = 200;
const auto target
  = std::string{"/api/v1/athletes/70000001/activities?limit=200&include=raw"};

/// @returns whether the process may have so many files open.
bool may_open(rlim_t files) {
  auto limit = rlimit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < files)
    return false;
  limit.rlim_cur = std::max(limit.rlim_cur, files);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/// @returns the memory that the process has, in bytes.
std::size_t resident_bytes() {
  auto pages = std::size_t{0};
  std::ifstream{"/proc/self/statm"} >> pages >> pages;
  return pages * 4'096;
}

/// A page of 200 with Strava's own JSON of each, as a long ride has it.
query::v1::ActivityList long_list() {
  query::v1::ActivityList result;
  auto one = sample_activity();
  one.set_summary_polyline(std::string(1'500, 'p'));
  one.set_raw(R"({"map":{"summary_polyline":")" + std::string(1'500, 'p')
              + R"("}})");
  for (auto i = 0; i < rows; ++i) {
    one.set_id(9'000'000'000 + i);
    *result.add_items() = one;
  }
  return result;
}

/// One that asks and reads no more than the beginning of its answer.
struct list_client {
  test::connection at;
  std::string bytes;
};

struct list_clients : api_fixture {
  /// Lets `count` more ask all at once.
  void ask(int count) {
    auto first = clients.size();
    for (auto i = 0; i < count; ++i) {
      clients.push_back({test::connection{lists.address(), 60s}, {}});
      clients.back().at.write("GET " + target
                              + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    }
    for (auto i = first; i < clients.size(); ++i) {
      clients[i].bytes = clients[i].at.read_some();
      held_most = std::max(held_most, lists->held_bytes());
    }
  }

  scratch_folder folder;
  // Of a unix socket's data the system takes little, and always the same.
  test_server lists{[this](request what, std::shared_ptr<responder> reply) {
                      if (auto refused = refuse(here, what))
                        return reply->send(*std::move(refused));
                      routes.serve(std::move(what), std::move(reply));
                    },
                    {.listen = {"unix:" + folder.file("http.sock")},
                     .idle_timeout = 10min,
                     .in_flight_max = clients_count}};
  std::vector<list_client> clients;
  std::size_t held_most = 0;
};

} // namespace

TEST_CASE_METHOD(list_clients, "a thousand clients that ask for lists of 200 "
                               "take no more memory than is set") {
  if (!may_open(2 * clients_count + 200))
    SKIP("too few files may be open here");
  const auto most = server_options{}.held_bytes_max;
  service.list_activities.give(long_list());
  auto before = resident_bytes();
  for (auto i = 0; i < clients_count / at_once; ++i)
    ask(at_once);
  CHECK(held_most <= most);
  CHECK(held_most > most - 2 * mib);
  CHECK(resident_bytes() < before + most + 64 * mib);
  std::size_t whole = 0;
  std::set<std::string> bodies;
  for (auto& [at, bytes] : clients) {
    auto reply = test::read_reply(at, bytes);
    if (reply.status == 200) {
      ++whole;
      bodies.insert(std::move(reply.body));
      continue;
    }
    CHECK(reply.status == 503);
    CHECK(reply.header("retry-after") == "1");
  }
  REQUIRE(bodies.size() == 1);
  CHECK(boost::json::parse(*bodies.begin()).at("items").as_array().size()
        == rows);
  CHECK(whole > 50);
  CHECK(whole < clients.size() / 2);
  // Who reads makes room.
  CHECK(test::http_client{lists.address()}.get(target).body.size() > mib / 2);
  clients.clear();
  bodies.clear();
  // And the system gets it back, though the server is idle from now on.
  auto end = std::chrono::steady_clock::now() + 60s;
  while (resident_bytes() > before + 24 * mib
         && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(50ms);
  CHECK(resident_bytes() <= before + 24 * mib);
}

} // namespace stravasync::http
