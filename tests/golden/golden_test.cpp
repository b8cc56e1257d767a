// The API as its clients see it, kept as files: see README.md beside this file.

#include "tests/golden/golden_file.hpp"
#include "tests/golden/http_case.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <set>
#include <string>

namespace stravasync::golden {

namespace {

http_cases all_cases() {
  http_cases all;
  for (auto* list : {&documents, &refusals, &failures}) {
    auto more = list();
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
  }
  return all;
}

std::string folder_of(const std::string& name) {
  return name.substr(0, name.find('/'));
}

} // namespace

TEST_CASE("every request is answered as its golden file says, and every "
          "status that the document names is asked for") {
  auto files = std::set<std::string>{};
  auto questions = std::map<std::string, std::string>{};
  auto statuses = std::map<std::string, std::set<int>>{};
  for (const auto& each : all_cases()) {
    INFO(each.name);
    auto file = "http/" + each.name + ".txt";
    CHECK(files.insert(file).second); // Names are taken once.
    auto got = run(each);
    check_file(file, got.text);
    statuses[folder_of(each.name)].insert(got.status);
    if (!got.questions.empty())
      questions["questions/" + folder_of(each.name) + ".txt"]
        += each.name + "\n" + got.questions;
  }
  check_folder("http", files);
  auto names = std::set<std::string>{};
  for (const auto& [name, text] : questions) {
    check_file(name, text);
    names.insert(name);
  }
  check_folder("questions", names);
  // These two have files of another kind.
  statuses["watchEvents"].insert(200);
  statuses["getOpenapi"].insert(200);
  for (const auto& each : operations())
    for (auto status : each.statuses) {
      INFO(each.id);
      INFO(status);
      CHECK(statuses[each.id].contains(status));
    }
}

TEST_CASE("the description of the API is its golden file") {
  http::api_fixture node;
  check_file("openapi.json", node.client.get("/openapi.json").body);
}

TEST_CASE("a difference is shown by its line and what is around it") {
  CHECK(difference("a\nb\nc\n", "a\nB\nc\n") == "line 2:\n  a\n- b\n+ B\n");
  CHECK(difference("a\n", "a\nb")
        == "line 2:\n  a\n- (the end)\n"
           "+ b (without a line feed)\n");
  auto left = std::string(200, 'x') + "1" + std::string(200, 'y');
  auto right = std::string(200, 'x') + "2" + std::string(200, 'y');
  auto shown = difference(left, right);
  CHECK(shown.find("..." + std::string(70, 'x') + "1" + std::string(69, 'y')
                   + "...")
        != std::string::npos);
  CHECK(difference("\x1b[2J", "").find("\\x1b[2J") != std::string::npos);
}

} // namespace stravasync::golden
