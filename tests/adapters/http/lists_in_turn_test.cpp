#include "adapters/http/api_routes.hpp"
#include "tests/adapters/http/scripted_service.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <memory>

/// @file
/// Of what is large while it is made, a few are made at a time, whoever asks.

namespace stravasync::http {

namespace {

constexpr auto requests = 12;

/// Counts the answers.
class counting_responder final : public responder {
public:
  explicit counting_responder(int& answers) : answers_{answers} {
  }

  void send(response) override {
    ++answers_;
  }

  std::shared_ptr<event_stream> open_stream() override {
    return nullptr;
  }

  void abort(std::string) override {
  }

private:
  int& answers_;
};

struct fixture {
  scripted_service service;
  router routes;
  site here{{.public_url = "http://127.0.0.1"}};
  int answers = 0;
  int asked = 0;
  int made_now = 0;
  int made_most = 0;

  fixture() {
    mount_athletes(routes, service, here);
    mount_activities(routes, service);
  }

  void ask(const std::string& path) {
    if (++asked > requests)
      return;
    request what;
    what.method = "GET";
    what.path = what.target = path;
    routes.serve(std::move(what),
                 std::make_shared<counting_responder>(answers));
  }

  /// @returns how many answers are made at once while more and more ask.
  template <class Question, class Answer>
  int made_at_once(script<Question, Answer>& of, const std::string& path) {
    of.answer = [this, path](const Question&) -> caf::expected<Answer> {
      made_most = std::max(made_most, ++made_now);
      ask(path);
      --made_now;
      return Answer{};
    };
    ask(path);
    CHECK(answers == requests);
    return made_most;
  }
};

constexpr auto at_once = static_cast<int>(lists_at_once);

} // namespace

TEST_CASE_METHOD(fixture, "lists of athletes are made a few at a time") {
  CHECK(made_at_once(service.list_athletes, "/api/v1/athletes") == at_once);
}

TEST_CASE_METHOD(fixture, "lists of activities are made a few at a time") {
  CHECK(made_at_once(service.list_activities, "/api/v1/athletes/7/activities")
        == at_once);
}

TEST_CASE_METHOD(fixture, "statistics are made a few at a time") {
  CHECK(made_at_once(service.get_stats, "/api/v1/athletes/7/stats") == at_once);
}

} // namespace stravasync::http
