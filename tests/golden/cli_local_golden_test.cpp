// What the command line prints without a node, or when something else answers
// in its place.

#include "actors/dead_letter.hpp"
#include "actors/ports/answer_of.hpp"
#include "adapters/embedded_bus/embedded_bus.hpp"
#include "messages/events.pb.h"
#include "messages/ingest.pb.h"
#include "messages/jobs.pb.h"
#include "messages/profile.pb.h"
#include "tests/adapters/http/test_server.hpp"
#include "tests/golden/filled.hpp"
#include "tests/golden/golden_file.hpp"
#include "tests/golden/program.hpp"
#include "tests/support/silent_log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace stravasync::golden {

namespace {

using words = std::vector<std::string>;

class local_files {
public:
  explicit local_files(std::string folder) : folder_{std::move(folder)} {
  }

  void check(const std::string& name, const words& arguments,
             const scratch_folder& in, const std::string& node = {}) {
    auto file = folder_ + "/" + name + ".txt";
    INFO(file);
    CHECK(names_.insert(file).second);
    check_file(file, run_program(arguments, in, node).text);
  }

  void check_no_others() const {
    check_folder(folder_, names_);
  }

private:
  std::string folder_;
  std::set<std::string> names_;
};

void publish(bus& to, envelope message) {
  REQUIRE(answer_of<publish_ack>(
    [&](auto done) { to.publish(std::move(message), std::move(done)); }));
}

template <class Message>
Message filled_message(shape how = shape::full) {
  auto result = filled<Message>(how);
  result.set_athlete_id(70'000'001);
  return result;
}

/// One message of each contract, and what may be wrong with one.
std::vector<envelope> messages() {
  auto options = [n = 0]() mutable {
    auto id = std::to_string(++n);
    return envelope_options{.message_id = "id-" + id,
                            .cause = "cause-" + id,
                            .traceparent = "00-0af7651916cd43dd8448eb211c80319c"
                                           "-b7ad6b7169203331-01",
                            .principal = "somebody"};
  };
  auto job = filled_message<jobs::v1::SyncAthlete>();
  job.set_run_id("run-1");
  auto page = filled_message<ingest::v1::ActivitiesPage>();
  page.set_run_id("run-1");
  page.set_activities_json(0, R"({"id":1,"name":"é \"x\""})");
  page.set_activities_json(1, "\xFF\x01");
  auto empty_page = ingest::v1::ActivitiesPage{};
  empty_page.set_athlete_id(7);
  empty_page.set_run_id("run-2");
  auto broken = make_envelope(job, options());
  broken.payload = "\xFF\xFF not protobuf";
  auto unknown = make_envelope(job, options());
  unknown.headers.insert_or_assign(std::string{header::type},
                                   "stravasync.jobs.v9.Rest");
  auto bare = make_envelope(job, {});
  bare.headers.clear();
  auto dead = make_envelope(job, options());
  return {
    make_envelope(job, options()),
    make_envelope(filled_message<jobs::v1::SyncAthlete>(shape::negative), {}),
    broken,
    unknown,
    bare,
    make_envelope(page, options()),
    make_envelope(empty_page, options()),
    make_envelope(filled_message<ingest::v1::DeletionsConfirmed>(), options()),
    make_envelope(filled_message<ingest::v1::AthleteProfile>(), options()),
    make_envelope(filled_message<events::v1::AthleteConnected>(), options()),
    make_envelope(filled_message<events::v1::AthleteDisconnected>(), options()),
    make_envelope(filled_message<events::v1::ActivityStored>(), options()),
    make_envelope(filled_message<events::v1::SyncHeldUp>(), options()),
    make_envelope(filled_message<events::v1::SyncProgressed>(), options()),
    make_envelope(filled_message<events::v1::SyncProgressed>(shape::largest),
                  options()),
    make_dead_letter(dead, {.durable = "consumer__stravasync_jobs_v1_"
                                       "SyncAthlete",
                            .stream = "JOBS",
                            .sequence = 9,
                            .stored_at_ms = some_time_ms,
                            .reason = "Strava \"said\" no é",
                            .attempts = 3,
                            .log = {}}),
  };
}

/// A bus as a node leaves it, whose messages are a second apart.
void record(const scratch_folder& in) {
  std::filesystem::create_directory(in.file("data"));
  auto now = std::make_shared<std::atomic<unix_ms>>(some_time_ms);
  test::silent_log journal;
  auto opened = embedded_bus::open(
    {.path = in.file("data/bus.db"), .wall = [now] { return now->load(); }},
    journal);
  REQUIRE(opened);
  for (const auto& one : streams()) {
    stream_config config;
    config.name = one.name;
    config.subjects = one.subjects;
    REQUIRE(answer_of<bool>(
      [&](auto done) { (*opened)->ensure(config, std::move(done)); }));
  }
  for (auto& message : messages()) {
    publish(**opened, std::move(message));
    *now += 1'000;
  }
}

/// A port that is taken, so that nobody else comes to listen there, and where
/// nobody does.
class deaf_port {
public:
  deaf_port() {
    using tcp = boost::asio::ip::tcp;
    port_.open(tcp::v4());
    port_.bind({boost::asio::ip::address_v4::loopback(), 0});
  }

  [[nodiscard]] std::string address() const {
    return "127.0.0.1:" + std::to_string(port_.local_endpoint().port());
  }

private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor port_{io_};
};

} // namespace

TEST_CASE("the streams of a bus are told as their golden files say") {
  local_files files{"cli_streams"};
  scratch_folder folder;
  std::filesystem::create_directory(folder.file("data"));
  files.check("list_before_the_first_node", {"streams", "list"}, folder);
  files.check("apply_dry_run_on_nothing", {"streams", "apply", "--dry-run"},
              folder);
  files.check("apply", {"streams", "apply"}, folder);
  files.check("apply_again", {"streams", "apply"}, folder);
  files.check("apply_dry_run", {"streams", "apply", "--dry-run"}, folder);
  files.check("apply_dry_run_of_other_settings",
              {"streams", "apply", "--dry-run", "--set", "bus.jobs_max_age=1d",
               "--set", "bus.dlq_max_bytes=1MiB"},
              folder);
  files.check("apply_other_settings",
              {"streams", "apply", "--set", "bus.jobs_max_age=1d"}, folder);
  files.check("list_empty", {"streams", "list"}, folder);
  scratch_folder recorded;
  record(recorded);
  files.check("list", {"streams", "list"}, recorded);
  files.check_no_others();
}

TEST_CASE("recorded messages are printed as their golden files say") {
  local_files files{"cli_replay"};
  scratch_folder folder;
  record(folder);
  auto replay = [&](const std::string& name, const words& more) {
    auto arguments = words{"replay", "--into", "print"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    files.check(name, arguments, folder);
  };
  for (const auto* stream : {"JOBS", "INGEST", "EVENTS", "DLQ"})
    replay(stream, {"--stream", stream});
  replay("pretty", {"--stream", "JOBS", "--pretty", "--to", "3"});
  replay("from_sequence_to_time",
         {"--stream", "EVENTS", "--from", "2", "--to", "2023-09-03T22:29:32Z"});
  replay("of_an_athlete", {"--stream", "INGEST", "--athlete", "7"});
  replay("of_nobody", {"--stream", "INGEST", "--athlete", "8"});
  replay("subject_of_one_athlete",
         {"--stream", "EVENTS", "--subject", "events.*.70000001"});
  replay("no_such_stream", {"--stream", "NOTHING"});
  replay("no_such_time", {"--stream", "JOBS", "--from", "soon"});
  replay("no_such_speed", {"--stream", "JOBS", "--speed", "fast"});
  files.check("no_such_place", {"replay", "--stream", "JOBS", "--into", "x"},
              folder);
  files.check("subject_of_a_service",
              {"replay", "--stream", "JOBS", "--into", "subject:jobs.x"},
              folder);
  files.check_no_others();
}

TEST_CASE("settings that are wrong are told as their golden files say") {
  local_files files{"cli_config"};
  scratch_folder folder;
  files.check("check_of_a_simulator", {"config", "check", "--role=all,sim"},
              folder);
  files.check("check_without_strava", {"config", "check"}, folder);
  files.check("unknown_setting", {"config", "show", "--set", "http.lisen=1"},
              folder);
  files.check("wrong_value", {"config", "show", "--set", "http.io_threads=x"},
              folder);
  files.check("wrong_role", {"config", "show", "--role=alll"}, folder);
  files.check("unknown_command", {"confg"}, folder);
  files.check("no_command_of_a_family", {"config"}, folder);
  files.check_no_others();
}

TEST_CASE("who answers and is no node is told as golden files say") {
  local_files files{"cli_foreign"};
  scratch_folder folder;
  auto ask = [&](const std::string& name, const words& command,
                 const std::string& at) {
    auto arguments = command;
    arguments.insert(arguments.end(), {"--url", at});
    files.check(name, arguments, folder, at);
  };
  struct foreign {
    std::string name;
    http::response answer;
  };
  const auto commands = std::vector<std::pair<std::string, words>>{
    {"nodes", {"nodes"}},
    {"health", {"health"}},
    {"schedules", {"schedules"}},
    {"schedules_runs", {"schedules", "runs", "relist"}},
    {"budget", {"budget"}},
    {"dlq_list", {"dlq", "list"}},
    {"dlq_show", {"dlq", "show", "1"}},
    {"dlq_retry", {"dlq", "retry", "1"}},
    {"sync_confirm", {"sync", "confirm", "7"}},
  };
  for (const auto& [name, answer] :
       {foreign{"object", {.body = "{}"}}, foreign{"list", {.body = "[]"}},
        foreign{"page", {.content_type = "text/html", .body = "<p>Hi"}},
        foreign{"nothing", {.status = 204}},
        foreign{"status_404", {.status = 404, .body = "nothing here"}},
        foreign{"status_502", {.status = 502, .body = "<p>no"}}}) {
    http::test_server server{
      [answer = answer](http::request, const auto& reply) {
        reply->send(answer);
      }};
    for (const auto& [command, arguments] : commands)
      ask(command + "/" + name, arguments, server.address());
  }
  deaf_port closed;
  for (const auto& [command, arguments] : commands) {
    ask(command + "/unreachable", arguments, closed.address());
    ask(command + "/url_of_tls", arguments, "https://node.example");
  }
  files.check_no_others();
}

} // namespace stravasync::golden
