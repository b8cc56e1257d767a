#include "adapters/embedded_bus/copy.hpp"
#include "tests/adapters/embedded_bus/embedded_fixture.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

using namespace stravasync;
using namespace stravasync::test;

namespace {

constexpr auto page_bytes = std::size_t{4'096};

std::string bytes_of_file(const std::string& path) {
  auto file = std::ifstream{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// A closed bus with two streams, a durable with an unsettled message and a
/// bucket, to be spoiled.
struct damage_fixture : embedded_fixture {
  damage_fixture() {
    open();
    REQUIRE(bus.ensure(jobs_stream));
    REQUIRE(bus.ensure({.name = "INGEST", .subjects = "ingest.>"}));
    REQUIRE(bus.publish_many("jobs.a", 20) == 20);
    REQUIRE(bus.publish(message("ingest.a.b", std::string(20'000, 'x'), "id")));
    REQUIRE(bus.put("BUDGET", "ledger", "value", 0));
    auto reader = bus.join({.stream = "JOBS", .durable = "d"}, 1);
    static_cast<void>(reader.in->at(0));
    reader.on.reset();
    close();
    good_ = bytes_of_file(path());
  }

  void write(const std::string& bytes) const {
    std::filesystem::remove(path() + "-wal");
    std::ofstream{path(), std::ios::binary | std::ios::trunc} << bytes;
  }

  /// Restores the good file and changes it by SQL.
  void change(const std::string& sql) const {
    write(good_);
    auto db = SQLite::Database{path(), SQLite::OPEN_READWRITE};
    db.exec(sql);
  }

  /// Restores the good file, and makes it larger than what is checked whole.
  void enlarge() const {
    change("CREATE TABLE ballast (bytes);"
           "INSERT INTO ballast VALUES (zeroblob(17 << 20))");
  }

  /// Spoils bytes of the file.
  void spoil(std::size_t at, std::size_t count) const {
    auto file = std::fstream{path(),
                             std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>(at));
    file << std::string(count, '\xaa');
    REQUIRE(file.flush());
  }

  caf::error try_to_open() {
    auto opened = embedded_bus::open(options, log);
    return opened ? caf::error{} : opened.error();
  }

  /// @returns why the file is refused.
  std::string refusal() {
    auto before = bytes_of_file(path());
    auto failure = try_to_open();
    CHECK(code_of(failure) == ec::malformed);
    auto detail = detail_of(failure);
    INFO(detail);
    CHECK(detail.find("bus database " + path() + " is damaged: ") == 0);
    CHECK(detail.find("move it and its -wal file") != std::string::npos);
    CHECK(detail.find('\n') == std::string::npos);
    auto untouched = bytes_of_file(path()) == before;
    CHECK(untouched);
    return detail;
  }

  /// Asks for everything that is read from rows.
  void use() {
    open();
    for (const auto* stream : {"JOBS", "INGEST"}) {
      static_cast<void>(await<std::vector<stored_message>>([&](auto done) {
        bus.raw().read({.stream = stream, .limit = 1'000}, done);
      }));
      static_cast<void>(await<std::optional<stored_message>>(
        [&](auto done) { bus.raw().last(stream, ">", done); }));
    }
    static_cast<void>(await<std::vector<stream_state>>(
      [&](auto done) { bus.raw().describe(done); }));
    static_cast<void>(bus.publish(message("jobs.a")));
    static_cast<void>(await<std::vector<std::string>>(
      [&](auto done) { bus.raw().keys("BUDGET", done); }));
    close();
  }

  std::string good_;
};

bool holds(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE_METHOD(damage_fixture,
                 "flipped bits are refused or harmless, "
                 "wherever they are",
                 "[embedded_bus]") {
  auto refused = 0;
  for (auto seed = 0U; seed < 150; ++seed) {
    INFO("seed " << seed);
    auto random = std::minstd_rand{seed + 1};
    auto bytes = good_;
    auto most = seed % 2 == 0 ? bytes.size() : std::size_t{8'192};
    for (auto i = 0; i < 6; ++i) {
      auto at = std::uniform_int_distribution<std::size_t>{100, most - 1};
      bytes[at(random)] ^= static_cast<char>(1U << (random() % 8));
    }
    write(bytes);
    auto failure = try_to_open();
    if (!failure) {
      use();
      continue;
    }
    ++refused;
    CHECK(code_of(failure) != ec::unavailable);
    CHECK(holds(detail_of(failure), path()));
  }
  CHECK(refused > 0);
}

TEST_CASE_METHOD(damage_fixture,
                 "a table or column that is missing is said "
                 "with what to do",
                 "[embedded_bus]") {
  change("DROP TABLE subject");
  CHECK(holds(refusal(), "no such table: subject"));
  change("ALTER TABLE key_value RENAME TO kv");
  CHECK(holds(refusal(), "no such table: key_value"));
  change("ALTER TABLE message RENAME COLUMN payload TO p");
  CHECK(holds(refusal(), "payload"));
  change("DELETE FROM key_value_revision");
  static_cast<void>(refusal());
  change("PRAGMA user_version=0");
  static_cast<void>(refusal());
}

TEST_CASE_METHOD(damage_fixture, "rows that cannot be are refused",
                 "[embedded_bus]") {
  for (const auto* sql :
       {"UPDATE stream SET last_sequence=-1",
        "UPDATE stream SET last_sequence=9000000000000000000",
        "UPDATE stream SET first_sequence=0",
        "UPDATE stream SET first_sequence=last_sequence+2",
        "UPDATE stream SET last_sequence=10, removed=0 WHERE name='JOBS'",
        "UPDATE stream SET removed=-1",
        "UPDATE stream SET removed=21",
        "UPDATE stream SET size_bytes=-1",
        "UPDATE stream SET dedupe_window_ms=-9223372036854775807",
        "UPDATE stream SET max_age_ms='soon' || char(0) || x'80', max_bytes=-1",
        "UPDATE stream SET name=x'4a00' WHERE name='JOBS'",
        "UPDATE stream SET name='' WHERE name='JOBS'",
        "UPDATE stream SET subjects='jobs..a'",
        "UPDATE stream SET id=9000000000 WHERE name='JOBS'",
        "UPDATE durable SET pending=-1",
        "UPDATE durable SET pending=100",
        "UPDATE durable SET pending=20-delivered_to+1",
        "UPDATE durable SET delivered_to=-1",
        "UPDATE durable SET delivered_to=21, pending=0",
        "UPDATE durable SET delivered_to=9999999",
        "UPDATE durable SET ack_wait_ms=-1",
        "UPDATE durable SET filter_subject='a b'",
        "UPDATE durable SET name='' ",
        "UPDATE unsettled SET sequence=-1",
        "UPDATE unsettled SET sequence=21",
        "UPDATE unsettled SET deliveries=-1",
        "UPDATE unsettled SET due_at_ms=-9223372036854775807",
        "UPDATE key_value_revision SET last=-1",
        "DELETE FROM message WHERE key IN (SELECT min(key) FROM message)"}) {
    INFO(sql);
    change(sql);
    static_cast<void>(refusal());
  }
}

TEST_CASE_METHOD(damage_fixture,
                 "what can be read of a damaged bus can be looked at",
                 "[embedded_bus]") {
  auto messages_of = [&](const std::string& stream) {
    auto copy = embedded_bus::open_copy(path(), log);
    INFO((copy ? "" : detail_of(copy.error())));
    REQUIRE(copy);
    return bus_probe{*copy}.read({.stream = stream, .limit = 1'000});
  };
  SECTION("without a table, with wrong counters") {
    change("DROP TABLE subject; UPDATE stream SET last_sequence=-1, removed=9");
    static_cast<void>(refusal());
    auto found = messages_of("JOBS");
    CHECK(found.size() == 20);
    CHECK(found.back().sequence == 20);
    CHECK(messages_of("INGEST").at(0).message.payload.size() == 20'000);
  }
  SECTION("with a page of messages gone") {
    open();
    for (auto i = 0; i < 200; ++i)
      REQUIRE(bus.publish(message("jobs.b", std::string(1'000, 'y'))));
    close();
    auto bytes = bytes_of_file(path());
    bytes.replace(bytes.size() - 3 * 4'096, 4'096, std::string(4'096, '\xaa'));
    write(bytes);
    static_cast<void>(refusal());
    auto found = messages_of("JOBS");
    CHECK(found.size() > 150);
    CHECK(found.size() < 220);
  }
}

TEST_CASE_METHOD(damage_fixture,
                 "a message whose row makes no sense harms "
                 "nobody else",
                 "[embedded_bus]") {
  for (const auto* sql :
       {"UPDATE message SET headers=x'ffffffff61', payload=17",
        "UPDATE message SET size_bytes=-1, stored_at_ms='never'",
        "UPDATE message SET subject=x'00ff2e2e', message_id=x'00'",
        "UPDATE message SET stored_at_ms=9223372036854775807",
        "UPDATE subject SET last_sequence=-1"}) {
    INFO(sql);
    change(sql);
    use();
    open();
    REQUIRE(bus.publish(message("jobs.a", "new")));
    auto all = bus.read({.stream = "JOBS", .limit = 1'000});
    REQUIRE(!all.empty());
    CHECK(all.back().message.payload == "new");
    close();
  }
}

TEST_CASE_METHOD(damage_fixture,
                 "a damaged page within the dedupe window of a large bus costs "
                 "its own ids and nothing else",
                 "[embedded_bus]") {
  open();
  // More than is checked as a whole at the start.
  constexpr auto count = 1'000;
  auto acks = std::vector<std::future<bool>>{};
  for (auto i = 0; i < count; ++i) {
    auto done = std::make_shared<std::promise<bool>>();
    acks.push_back(done->get_future());
    bus.raw().publish(
      message("jobs.b", std::string(18'000, 'y'), "id" + std::to_string(i)),
      [done](const caf::expected<publish_ack>& got) {
        done->set_value(got.engaged());
      });
  }
  for (auto& ack : acks)
    REQUIRE(ack.get());
  close();
  // The part of the file that the last messages are in.
  auto bytes = bytes_of_file(path());
  REQUIRE(bytes.size() > 17U * 1'024 * 1'024);
  auto lost = bytes.rfind("id" + std::to_string(count - 100));
  REQUIRE(lost != std::string::npos);
  bytes.replace(lost / 4'096 * 4'096, 4'096, std::string(4'096, '\xaa'));
  write(bytes);
  open();
  auto fresh = bus.publish(message("jobs.b", "new", "new"));
  INFO((fresh ? std::string{} : detail_of(fresh.error())));
  CHECK(fresh);
  auto again = bus.publish(message("jobs.b", "again", "id7"));
  REQUIRE(again);
  CHECK(again->duplicate);
  CHECK(bus.put("BUDGET", "other", "value", 0));
  CHECK(log.count(log_level::error) == 1);
  close();
}

TEST_CASE_METHOD(damage_fixture,
                 "a large bus is refused for damage in what it holds at hand",
                 "[embedded_bus]") {
  for (const auto* table :
       {"stream", "durable", "unsettled", "key_value", "key_value_revision"}) {
    INFO(table);
    enlarge();
    REQUIRE_FALSE(try_to_open());
    auto page = SQLite::Database{path(), SQLite::OPEN_READONLY}
                  .execAndGet("SELECT rootpage FROM sqlite_master WHERE name = "
                              "'"
                              + std::string{table} + "'")
                  .getInt64();
    spoil(static_cast<std::size_t>(page - 1) * page_bytes, page_bytes);
    static_cast<void>(refusal());
  }
}

TEST_CASE_METHOD(damage_fixture,
                 "damage in a message of a large bus is told by who reads it",
                 "[embedded_bus]") {
  enlarge();
  // A page in the middle of the long message begins with where the next is.
  auto part = std::string(page_bytes - 4, 'x');
  auto at = bytes_of_file(path()).find(part) / page_bytes * page_bytes;
  REQUIRE(at > 0);
  spoil(at, 4);
  open();
  auto read = await<std::vector<stored_message>>([&](auto done) {
    bus.raw().read({.stream = "INGEST", .limit = 10}, done);
  });
  REQUIRE_FALSE(read);
  INFO(detail_of(read.error()));
  CHECK(code_of(read.error()) == ec::unavailable);
  CHECK(holds(detail_of(read.error()), path()));
  CHECK(holds(detail_of(read.error()), "malformed"));
  // The bus goes on, and knows the id of what nobody can read.
  CHECK(bus.read({.stream = "JOBS", .limit = 1'000}).size() == 20);
  CHECK(bus.publish(message("jobs.a")));
  auto again = bus.publish(message("ingest.a.b", "again", "id"));
  REQUIRE(again);
  CHECK(again->duplicate);
}
