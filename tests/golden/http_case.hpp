#pragma once

#include "tests/adapters/http/api_fixture.hpp"
#include "tests/golden/filled.hpp"

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// @file
/// Requests to the API whose answers are kept as files.

namespace stravasync::golden {

using http::scripted_service;

/// A node whose answers a test decides.
struct scene {
  scripted_service& service;
  std::vector<readiness>& parts;
};

struct http_case {
  std::string name; // Of the file: "listAthletes/full".
  std::string method = "GET";
  std::string target;
  test::header_list headers;
  std::string body;
  std::function<void(scene)> given; // Empty: the node's answers are empty.
  http::site_options at{.public_url = "http://127.0.0.1"};
  http::server_options limits;
};

using http_cases = std::vector<http_case>;

/// What came of a case.
struct outcome {
  std::string text; // Of the file: the request and its answer.
  int status = 0;
  /// What the service was asked, as "GetAthlete{id: 7}", a line each.
  std::string questions;
};

/// Asks a node of its own, which listens on a free port.
[[nodiscard]] outcome run(const http_case& what);

/// @returns the answer as a file has it: its status, the headers that matter,
/// and the body as it was sent. Left out are Date, Content-Length, what every
/// answer has, and the words of libraries.
[[nodiscard]] std::string to_text(const test::http_reply& reply);

/// @returns a question as "GetAthlete{id: 7}" and a line feed.
[[nodiscard]] std::string to_line(const google::protobuf::Message& question);

/// Each of the questions that a service is asked, with its answer.
template <class Act>
void for_each_script(scripted_service& of, Act act) {
  act(of.list_athletes);
  act(of.get_athlete);
  act(of.disconnect);
  act(of.begin_connect);
  act(of.finish_connect);
  act(of.start_sync);
  act(of.confirm);
  act(of.get_sync);
  act(of.list_activities);
  act(of.get_activity);
  act(of.get_stats);
  act(of.get_budget);
  act(of.reset_budget);
  act(of.get_actors);
  act(of.get_streams);
  act(of.get_nodes);
  act(of.list_letters);
  act(of.get_letter);
  act(of.retry);
  act(of.drop);
  act(of.list_schedules);
  act(of.list_runs);
}

/// Gives every question a filled answer.
void fill_answers(scripted_service& service, shape how);

/// Lets every question fail.
void fail_answers(scripted_service& service, const caf::error& why);

/// An operation of the API.
struct operation {
  std::string id; // Of the document: "listAthletes".
  std::string method;
  std::string pattern;
  std::string target; // That the pattern fits.
  std::string body;   // That it takes; empty: none.
  std::set<int> statuses;
  std::vector<std::string> parameters; // Of the query.

  /// Whether the service answers, and not the edge by itself.
  bool asks_service = true;

  /// @returns a good request to it.
  [[nodiscard]] http_case
  request(const std::string& variant, const std::string& query = {}) const;

  [[nodiscard]] bool documents(int status) const {
    return statuses.contains(status);
  }
};

/// Every operation that the API's own document describes.
[[nodiscard]] const std::vector<operation>& operations();

[[nodiscard]] const operation& operation_of(const std::string& id);

/// Every document of the API: its good answers.
[[nodiscard]] http_cases documents();

/// What is wrong with a request, before and in the route that it is for.
[[nodiscard]] http_cases refusals();

/// What does not work although the request is fine.
[[nodiscard]] http_cases failures();

} // namespace stravasync::golden
