#include "actors/worker/history_keeper.hpp"

#include "messages/error.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto size = std::uint64_t{100};

/// One stream of messages of one size, as far as that is asked for here.
class catalog final : public stream_catalog {
public:
  std::set<std::uint64_t> messages;
  std::uint64_t newest = 0;
  std::vector<durable_state> durables{{.name = "jobs"}};
  bool refuse_when_full = true;
  bool down = false;
  std::uint32_t looks = 0;

  void publish(std::uint64_t count) {
    for (; count > 0; --count)
      messages.insert(++newest);
  }

  [[nodiscard]] stream_state state() const {
    stream_state result;
    result.config.name = "JOBS";
    result.config.refuse_when_full = refuse_when_full;
    result.config.max_bytes = 1'000 * size;
    result.messages = messages.size();
    result.bytes = messages.size() * size;
    result.first_sequence = messages.empty() ? newest + 1 : *messages.begin();
    result.last_sequence = newest;
    result.durables = durables;
    return result;
  }

  void describe(completion<std::vector<stream_state>> done) override {
    ++looks;
    if (down)
      return done(make_failure(ec::unavailable, "no bus"));
    done(std::vector{state()});
  }

  void
  remove(std::string, std::uint64_t sequence, completion<bool> done) override {
    if (down)
      return done(make_failure(ec::unavailable, "no bus"));
    done(messages.erase(sequence) > 0);
  }

  void ensure(stream_config, completion<bool> done) override {
    done(false);
  }
  void apply(stream_config, completion<bool> done) override {
    done(false);
  }
  void apply(consumer_options, completion<bool> done) override {
    done(false);
  }
  void
  read(read_options, completion<std::vector<stored_message>> done) override {
    done(std::vector<stored_message>{});
  }
  void last(std::string, std::string,
            completion<std::optional<stored_message>> done) override {
    done(std::optional<stored_message>{});
  }
};

struct fixture : test::actor_fixture {
  std::shared_ptr<catalog> streams = std::make_shared<catalog>();
  std::shared_ptr<leadership> role
    = std::make_shared<leadership>([] { return milliseconds{0}; });

  fixture() {
    role->grant(7, 1ms);
  }

  void start() {
    keep(system().spawn(
      history_keeper, context(), std::shared_ptr<stream_catalog>{streams},
      std::shared_ptr<const leadership>{role}, history_keeper_config{}));
    run();
  }

  void settle_to(std::uint64_t sequence) {
    streams->durables.at(0).settled_to = sequence;
  }
};

} // namespace

TEST_CASE_METHOD(fixture,
                 "history goes, the oldest first, when a stream is "
                 "nearly full",
                 "[history]") {
  streams->publish(800);
  settle_to(790);
  start();
  CHECK(streams->messages.size() == 800);
  streams->publish(50);
  settle_to(840);
  pass(5s);
  CHECK(streams->messages.size() <= 750);
  CHECK(streams->messages.size() >= 748);
  CHECK(*streams->messages.begin()
        == streams->newest - streams->messages.size() + 1);
}

TEST_CASE_METHOD(fixture, "a stream goes on for ever while its work is done",
                 "[history]") {
  start();
  for (auto i = 0; i < 1'000; ++i) {
    streams->publish(100);
    settle_to(streams->newest - 20);
    pass(5s);
    REQUIRE(streams->messages.size() < 1'000);
    // What the age limit keeps, as far as there is room.
    REQUIRE((i < 10 || streams->messages.size() > 650));
  }
}

TEST_CASE_METHOD(fixture,
                 "what a durable has not settled stays, and what is "
                 "younger",
                 "[history]") {
  streams->publish(1'000);
  streams->durables = {{.name = "jobs", .settled_to = 1'000},
                       {.name = "slow", .settled_to = 100}};
  start();
  CHECK(streams->messages.size() == 900);
  CHECK(*streams->messages.begin() == 101);
  streams->durables.at(1).settled_to = 900;
  pass(5s);
  CHECK(streams->messages.size() <= 750);
  CHECK(streams->messages.contains(901));
}

TEST_CASE_METHOD(fixture, "who does not lead removes nothing", "[history]") {
  streams->publish(1'000);
  settle_to(1'000);
  role->revoke();
  start();
  CHECK(streams->messages.size() == 1'000);
  CHECK(streams->looks == 0);
  role->grant(8, 1ms);
  pass(5s);
  CHECK(streams->messages.size() <= 750);
}

TEST_CASE_METHOD(fixture,
                 "history is kept by a stream that drops the oldest "
                 "itself, and by one without durables",
                 "[history]") {
  streams->publish(1'000);
  settle_to(1'000);
  SECTION("one that drops") {
    streams->refuse_when_full = false;
  }
  SECTION("no durable") {
    streams->durables.clear();
  }
  start();
  CHECK(streams->messages.size() == 1'000);
}

TEST_CASE_METHOD(fixture, "a bus that was away is looked at again",
                 "[history]") {
  streams->publish(1'000);
  settle_to(1'000);
  streams->down = true;
  start();
  streams->down = false;
  pass(5s);
  CHECK(streams->messages.size() <= 750);
}

TEST_CASE("a cut tells which durable keeps a stream full", "[history]") {
  stream_state of;
  of.config = {.name = "JOBS", .refuse_when_full = true, .max_bytes = 1'000};
  of.messages = 10;
  of.bytes = 1'000;
  of.first_sequence = 11;
  of.last_sequence = 20;
  of.durables = {{.name = "a", .settled_to = 20},
                 {.name = "b", .settled_to = 5}};
  auto none = cut_of(of, {});
  CHECK(none.messages == 0);
  CHECK(none.held_by == "b");
  of.durables[1].settled_to = 20;
  auto some = cut_of(of, {});
  CHECK(some.messages == 3);
  CHECK(some.held_by.empty());
  // Another one may be behind these.
  of.all_answered = false;
  CHECK(cut_of(of, {}).messages == 0);
}
