#pragma once

#include "actors/ports/answer_of.hpp"
#include "adapters/embedded_bus/embedded_bus.hpp"
#include "messages/ingest.pb.h"
#include "tests/support/cluster.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/silent_log.hpp"

#include <boost/json/value.hpp>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace test {

using namespace std::chrono_literals;

inline constexpr auto first_id = std::int64_t{80'000'003};
inline constexpr auto second_id = std::int64_t{80'000'004};

struct ended {
  int code = -1;
  std::string text;

  [[nodiscard]] bool says(std::string_view part) const {
    return text.find(part) != std::string::npos;
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> result;
    auto in = std::istringstream{text};
    for (std::string line; std::getline(in, line);)
      result.push_back(line);
    return result;
  }
};

/// An installation with what `stravasync replay` says to it.
struct replay_fixture : installation {
  replay_fixture()
    : installation{{{"STRAVASYNC_SIM_ACTIVITIES", "450"},
                    {"STRAVASYNC_SIM_LATENCY", "1ms"}}} {
    start_sim();
    start_app();
  }

  ~replay_fixture() {
    if (app().running())
      app().kill_hard();
  }

  [[nodiscard]] std::string database() const {
    return (folder() / "data" / "stravasync.db").string();
  }

  [[nodiscard]] std::string rebuilt() const {
    return (folder() / "rebuilt.db").string();
  }

  void sync(std::int64_t id, const std::string& mode) {
    auto reply
      = app_http().post("/api/v1/athletes/" + std::to_string(id) + "/sync",
                        R"({"mode":")" + mode + R"("})");
    REQUIRE(reply.status == 202);
  }

  void finish_sync(std::int64_t id) {
    REQUIRE(wait_for_state(id, "complete", 60s));
  }

  /// How many activities wait for a decision.
  std::int64_t missing(std::int64_t id) {
    auto sync = get("/api/v1/athletes/" + std::to_string(id) + "/sync");
    const auto& found = sync.at("missing");
    return found.is_null() ? 0
                           : found.at("activities").to_number<std::int64_t>();
  }

  /// Deletes the newest that Strava has, as far as we know.
  void delete_at_strava(std::int64_t id, std::size_t how_many) {
    auto whose = std::to_string(id);
    auto list = get("/api/v1/athletes/" + whose
                    + "/activities?limit=" + std::to_string(how_many));
    REQUIRE(list.at("items").as_array().size() == how_many);
    for (const auto& one : list.at("items").as_array())
      REQUIRE(sim_http()
                .del("/sim/athletes/" + whose + "/activities/"
                     + std::to_string(one.at("id").to_number<std::int64_t>()))
                .status
              < 300);
  }

  /// Runs `stravasync replay` with `arguments`, and with `input` to read.
  ended replay(const std::string& arguments, const std::string& input = "") {
    auto out = folder() / ("replay-" + std::to_string(++runs_) + ".log");
    process::options what;
    what.argv = {"/bin/sh", "-c",
                 "printf '" + input
                   + "' | " STRAVASYNC_BINARY_DIR "/stravasync replay "
                   + arguments};
    what.environment
      = {{"STRAVASYNC_NODE_DATA_DIR", (folder() / "data").string()}};
    what.output = out;
    auto running = process::spawn(what);
    auto code = running.wait(60s);
    REQUIRE(code);
    return {*code, running.output()};
  }

  /// Puts a message into INGEST that is no page.
  void poison() {
    silent_log journal;
    auto opened = stravasync::embedded_bus::open(
      {.path = (folder() / "data" / "bus.db").string()}, journal);
    REQUIRE(opened);
    stravasync::ingest::v1::ActivitiesPage page;
    page.set_athlete_id(first_id);
    page.set_run_id("poison");
    auto message = stravasync::make_envelope(page, {.message_id = "poison/1"});
    message.payload = "\xff\xff not protobuf";
    REQUIRE(stravasync::answer_of<stravasync::publish_ack>(
      [&](auto done) { (*opened)->publish(message, std::move(done)); }));
  }

private:
  int runs_ = 0;
};

} // namespace test
