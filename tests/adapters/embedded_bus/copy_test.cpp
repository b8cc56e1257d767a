#include "adapters/embedded_bus/copy.hpp"

#include "tests/adapters/embedded_bus/embedded_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace stravasync;
using namespace stravasync::test;

namespace {

struct copy_fixture : embedded_fixture {
  bus_probe copy() {
    auto opened = embedded_bus::open_copy(path(), log);
    if (!opened)
      throw std::runtime_error(detail_of(opened.error()));
    return bus_probe{std::move(*opened)};
  }

  /// Of a copy that cannot be made.
  caf::error refusal(const std::string& file) {
    auto opened = embedded_bus::open_copy(file, log);
    REQUIRE_FALSE(opened);
    return opened.error();
  }
};

std::vector<stored_message>
all_of(const bus_probe& from, const std::string& stream) {
  std::vector<stored_message> result;
  while (true) {
    read_options options{
      .stream = stream, .from_sequence = result.size() + 1, .limit = 1'000};
    auto part = await<std::vector<stored_message>>(
      [&](auto done) { from.raw().read(options, done); });
    REQUIRE(part);
    if (part->empty())
      return result;
    std::ranges::move(*part, std::back_inserter(result));
  }
}

} // namespace

TEST_CASE_METHOD(copy_fixture, "a bus in use can be looked at",
                 "[embedded_bus]") {
  open();
  REQUIRE(bus.ensure(jobs_stream));
  REQUIRE(bus.publish(message("jobs.a", "one", "id-1")));
  auto seen = copy();
  REQUIRE(bus.publish(message("jobs.b", "two")));
  auto messages = all_of(seen, "JOBS");
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].message.payload == "one");
  CHECK(messages[0].message.header_or_empty(header::message_id) == "id-1");
  CHECK(all_of(bus, "JOBS").size() == 2);
}

TEST_CASE_METHOD(copy_fixture, "what is done to a copy stays there",
                 "[embedded_bus]") {
  open();
  REQUIRE(bus.ensure(jobs_stream));
  auto seen = copy();
  REQUIRE(seen.publish(message("jobs.a")));
  CHECK(all_of(seen, "JOBS").size() == 1);
  CHECK(all_of(bus, "JOBS").empty());
}

TEST_CASE_METHOD(copy_fixture, "nothing grows too old in a copy",
                 "[embedded_bus]") {
  manual_clock clock;
  clock.attach(options); // In 2023.
  open();
  auto brief = jobs_stream;
  brief.max_age = std::chrono::minutes{1};
  REQUIRE(bus.ensure(brief));
  REQUIRE(bus.publish(message("jobs.a")));
  close();
  CHECK(all_of(copy(), "JOBS").size() == 1);
}

TEST_CASE_METHOD(copy_fixture, "a copy made amid writes is whole",
                 "[embedded_bus]") {
  open();
  REQUIRE(bus.ensure(jobs_stream));
  // Enough that the log of changes is written back and begun anew.
  constexpr auto payload_bytes = std::size_t{50'000};
  constexpr auto messages_min = std::uint64_t{1'000};
  std::atomic<bool> enough{false};
  std::atomic<std::uint64_t> acked{0};
  auto writing = std::thread{[&] {
    while (!enough) {
      auto number = std::to_string(acked + 1);
      number.resize(payload_bytes, '.');
      if (!bus.publish(message("jobs.a", number)))
        return;
      ++acked;
    }
  }};
  auto taken = 0;
  while (acked < messages_min) {
    auto before = acked.load();
    auto opened = embedded_bus::open_copy(path(), log);
    if (!opened) // It may say that too much is going on, but nothing wrong.
      continue;
    ++taken;
    auto messages = all_of(bus_probe{std::move(*opened)}, "JOBS");
    CHECK(messages.size() >= before);
    for (auto j = std::size_t{0}; j < messages.size(); ++j)
      if (messages[j].message.payload.size() != payload_bytes
          || std::stoull(messages[j].message.payload) != j + 1)
        FAIL_CHECK("message " << j + 1 << " is damaged");
  }
  enough = true;
  writing.join();
  CHECK(taken > 0);
}

TEST_CASE_METHOD(copy_fixture, "what cannot be copied is named",
                 "[embedded_bus]") {
  auto none = refusal(folder.file("none.db"));
  CHECK(code_of(none) == ec::not_found);
  CHECK(detail_of(none)
        == "bus database " + folder.file("none.db")
             + ": there is no such file");
  auto text = folder.file("text.db");
  std::ofstream{text} << "this is a text and no database, however long it is";
  auto strange = refusal(text);
  CHECK(code_of(strange) == ec::malformed);
  CHECK(detail_of(strange).find("the copy of " + text) == 0);
}

TEST_CASE_METHOD(copy_fixture, "a copy leaves nothing behind",
                 "[embedded_bus]") {
  open();
  REQUIRE(bus.ensure(jobs_stream));
  auto scratch = folder.file("scratch");
  std::filesystem::create_directory(scratch);
  ::setenv("TMPDIR", scratch.c_str(), 1);
  {
    auto seen = copy();
    CHECK_FALSE(std::filesystem::is_empty(scratch));
  }
  ::unsetenv("TMPDIR");
  CHECK(std::filesystem::is_empty(scratch));
}
