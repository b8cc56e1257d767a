#include "tests/e2e/dlq/poison.hpp"

#include "actors/api/dead_letters.hpp"
#include "actors/durable_source.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/describe.hpp"
#include "messages/jobs.pb.h"
#include "messages/redriven.hpp"
#include "tests/support/silent_log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace test {

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto job_count = std::int64_t{1'000};
constexpr auto poisoned = std::int64_t{500};

/// What was handled, and whether the handler is mended.
struct record {
  std::atomic<bool> mended{false};
  std::mutex guard;
  std::map<std::string, int> handled; // By the first id of the message.

  std::int64_t count() {
    auto lock = std::lock_guard{guard};
    return static_cast<std::int64_t>(handled.size());
  }
};

std::string first_id(const envelope& message) {
  auto original = message.header_or_empty(header::original_id);
  return std::string{
    original.empty() ? message.header_or_empty(header::message_id) : original};
}

outcome handle(record& seen, const envelope& message) {
  jobs::v1::SyncAthlete job;
  auto good = decode(message, job);
  if (!seen.mended && !good)
    return {outcome::verdict::dead_letter, {}, refusal_of(message, job)};
  if (!seen.mended && job.athlete_id() == poisoned)
    return {outcome::verdict::retry, {}, "this athlete always fails"};
  auto lock = std::lock_guard{seen.guard};
  ++seen.handled[first_id(message)];
  return {outcome::verdict::ack};
}

delivery_handler_actor::behavior_type
handler(delivery_handler_actor::pointer self, std::shared_ptr<record> seen) {
  return kit::handlers(
    self, kit::actor_statistics{}, kit::on_throw::crash,
    [seen](const handle_delivery& x) { return handle(*seen, x.what->message); },
    [](const delivery_buried&) {});
}

envelope make_job(std::int64_t number, poison what) {
  jobs::v1::SyncAthlete job;
  job.set_athlete_id(number);
  job.set_run_id("backfill-" + std::to_string(number) + "-1");
  job.set_page_number(1);
  auto result = make_envelope(
    job, {.message_id = "job/" + std::to_string(number), .cause = "feeder"});
  if (number != poisoned)
    return result;
  if (what == poison::not_well_formed)
    result.payload = "\xff\xff";
  if (what == poison::of_unknown_type)
    result.headers[std::string{header::type}] = "stravasync.jobs.v9.Leap";
  return result;
}

std::string expected_reason(const std::string& durable, poison what) {
  const auto type = std::string{"stravasync.jobs.v1.SyncAthlete"};
  switch (what) {
    case poison::not_well_formed:
      return durable + " refused it: this is no well-formed " + type;
    case poison::of_unknown_type:
      return durable
             + " refused it: type stravasync.jobs.v9.Leap, which this version "
               "does not know, stands where "
             + type + " belongs";
    case poison::always_failing:
      return "this athlete always fails";
  }
  return {};
}

/// Waits for a call of the bus.
template <class T>
T answer_of(const std::function<void(completion<T>)>& ask) {
  std::promise<caf::expected<T>> got;
  ask([&](caf::expected<T> x) { got.set_value(std::move(x)); });
  auto result = got.get_future().get();
  REQUIRE(result);
  return std::move(*result);
}

bool eventually(const std::function<bool()>& done) {
  auto end = std::chrono::steady_clock::now() + 60s;
  while (!done() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(20ms);
  return done();
}

void fill(bus& on, poison what) {
  for (const auto& one : streams()) {
    stream_config config;
    config.name = one.name;
    config.subjects = one.subjects;
    answer_of<bool>([&](auto done) { on.ensure(config, done); });
  }
  for (auto i = std::int64_t{1}; i <= job_count; ++i)
    answer_of<publish_ack>(
      [&](auto done) { on.publish(make_job(i, what), done); });
}

/// Ends actors with the test, also when it fails: a system waits for them.
struct ended_with_the_test {
  std::vector<caf::actor> all;

  ~ended_with_the_test() {
    for (const auto& one : all)
      caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  }
};

template <class Answer, class Actor, class Question>
Answer ask(caf::scoped_actor& self, const Actor& whom, Question question) {
  caf::expected<Answer> result{caf::make_error(caf::sec::runtime_error)};
  self->request(whom, caf::infinite, std::move(question))
    .receive([&](Answer& x) { result = std::move(x); },
             [&](caf::error& why) { result = std::move(why); });
  REQUIRE(result);
  return std::move(*result);
}

durable_source_config source_config() {
  jobs::v1::SyncAthlete type;
  durable_source_config result;
  result.options.stream = stream_of(type);
  result.options.durable = durable_name("consumer", type);
  result.options.filter_subject = subject_filter(type);
  result.in_flight_max = 16;
  result.attempts_max = 3;
  result.backoff = {1ms, 10ms};
  return result;
}

query::v1::DeadLetterList
list(caf::scoped_actor& self, const dead_letters_actor& letters) {
  query::v1::ListDeadLetters question;
  question.set_limit(100);
  return ask<query::v1::DeadLetterList>(self, letters, question);
}

} // namespace

void check_poison(const std::shared_ptr<bus>& on, poison what) {
  fill(*on, what);
  auto seen = std::make_shared<record>();
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  actor_context context{
    {}, std::make_shared<silent_log>(), system_wall_clock(), "n1"};
  auto with = source_config();
  auto works = system.spawn(handler, seen);
  auto source = system.spawn(durable_source, context, on, works, with);
  auto letters = system.spawn(dead_letters, context, on, dead_letters_config{});
  auto end = ended_with_the_test{{source, caf::actor_cast<caf::actor>(works),
                                  caf::actor_cast<caf::actor>(letters)}};

  CHECK(eventually([&] { return seen->count() == job_count - 1; }));
  CHECK(eventually([&] { return list(self, letters).items_size() == 1; }));
  auto dead = list(self, letters);
  REQUIRE(dead.items_size() == 1);
  CHECK(dead.items(0).reason() == expected_reason(with.options.durable, what));
  CHECK(dead.items(0).attempts() == (what == poison::always_failing ? 3U : 1U));
  CHECK(dead.items(0).athlete_id() == poisoned);
  CHECK(dead.items(0).cause() == "feeder");

  seen->mended = true;
  query::v1::RetryDeadLetters retry;
  retry.mutable_choice()->set_all(true);
  auto retried = ask<query::v1::DeadLettersSettled>(self, letters, retry);
  CHECK(retried.done() == 1);
  CHECK(eventually([&] { return seen->count() == job_count; }));
  CHECK(list(self, letters).items().empty());
  for (const auto& [id, times] : seen->handled)
    CHECK((times == 1 || id.empty()));
}

} // namespace test
