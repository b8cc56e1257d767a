// The command line as a person sees it, kept as files: see README.md beside
// this file.

#include "messages/error.hpp"
#include "tests/golden/golden_file.hpp"
#include "tests/golden/http_case.hpp"
#include "tests/golden/program.hpp"

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace stravasync::golden {

namespace {

using namespace query::v1;
using words = std::vector<std::string>;

/// A command that asks a node.
struct cli_case {
  std::string name; // Of the file: "nodes/full".
  words arguments;
  std::function<void(scene)> given; // Empty: the node's answers are empty.
};

using cli_cases = std::vector<cli_case>;

std::function<void(scene)> all_filled(shape how) {
  return [how](scene at) { fill_answers(at.service, how); };
}

std::function<void(scene)> all_failing(const caf::error& why) {
  return [why](scene at) { fail_answers(at.service, why); };
}

words with(words one, const words& more) {
  one.insert(one.end(), more.begin(), more.end());
  return one;
}

/// What a command prints of answers of every shape, and of none.
void add_shapes(cli_cases& to, const std::string& name, const words& command,
                bool has_json = true) {
  to.push_back({name + "/empty", command, {}});
  to.push_back({name + "/full", command, all_filled(shape::full)});
  to.push_back({name + "/negative", command, all_filled(shape::negative)});
  to.push_back({name + "/largest", command, all_filled(shape::largest)});
  if (has_json) {
    auto as_json = with(command, {"--json"});
    to.push_back({name + "/json_empty", as_json, {}});
    to.push_back({name + "/json_full", as_json, all_filled(shape::full)});
    to.push_back({name + "/json_largest", as_json, all_filled(shape::largest)});
  }
  to.push_back({name + "/fails_503", command,
                all_failing(make_failure(ec::unavailable, "the store is\ndown",
                                         std::chrono::seconds{2}))});
  to.push_back({name + "/fails_400", command,
                all_failing(make_failure(ec::invalid_argument,
                                         "cursor: \x1b[2J is none"))});
  to.push_back({name + "/fails_500", command,
                all_failing(make_failure(ec::internal, "a secret"))});
}

NodeList::Node&
add_node(NodeList& to, const std::string& id, const std::string& state) {
  auto& node = *to.add_nodes();
  node.set_id(id);
  node.set_state(state);
  node.add_roles("api");
  node.add_roles("worker");
  node.set_version("0.1.0");
  node.set_started_at_ms(some_time_ms);
  return node;
}

ActorTree actors_of(const std::string& id) {
  ActorTree tree;
  tree.set_node(id);
  for (const auto* path : {"/api", "/api/store", "/api/tokens"}) {
    auto& actor = *tree.add_nodes();
    actor.set_path(path);
    actor.set_state("up");
    actor.set_restarts(2);
  }
  if (id != "fine") {
    tree.mutable_nodes(1)->set_state("down");
    tree.mutable_nodes(1)->set_last_error("no disk");
    tree.mutable_nodes(2)->set_state("probing");
  }
  if (id == "poor")
    for (const auto* name : {"buckets", "disk", "streams"}) {
      auto& part = *tree.add_parts();
      part.set_name(name);
      if (part.name() != "disk")
        part.set_problem("it is missing");
    }
  return tree;
}

void add_nodes(cli_cases& to) {
  add_shapes(to, "nodes", {"nodes"});
  auto each_of_its_own = [](scene at) {
    NodeList list;
    add_node(list, "fine", "up");
    add_node(list, "gone é", "lost");
    add_node(list, "ill", "up").clear_started_at_ms();
    add_node(list, "poor & \"odd\"", "up").clear_roles();
    add_node(list, "poor", "up");
    add_node(list, "mute", "up");
    at.service.get_nodes.give(list);
    at.service.get_actors.answer
      = [](const GetActors& asked) -> caf::expected<ActorTree> {
      if (asked.node() == "mute")
        return make_failure(ec::timed_out, "node mute does not answer");
      return actors_of(asked.node());
    };
  };
  to.push_back({"nodes/each_of_its_own", {"nodes"}, each_of_its_own});
}

void add_health(cli_cases& to) {
  auto add = [&](const std::string& name, const words& more,
                 std::vector<readiness> parts) {
    to.push_back({"health/" + name, with({"health"}, more),
                  [parts = std::move(parts)](scene at) { at.parts = parts; }});
  };
  const auto down = std::vector<readiness>{
    {"store", "no \"connection\" é"}, {"bus", ""}, {"disk", "full\n\x1b[2J"}};
  add("ready", {}, {{"store", ""}});
  add("ready_without", {},
      {{"store", ""},
       {.part = "schedules", .problem = "should have run", .needed = false}});
  add("not_ready", {}, down);
  add("alive", {"--alive"}, down);
}

/// Two pages, the second of them by the cursor of the first.
template <class Answer, class Question, class CursorOf>
auto two_pages(CursorOf cursor_of) {
  return [cursor_of](const Question& asked) -> caf::expected<Answer> {
    auto answer = filled<Answer>();
    if (cursor_of(asked).empty())
      answer.set_next_cursor("9");
    else
      answer.clear_next_cursor();
    return answer;
  };
}

void page_letters(scene at) {
  at.service.list_letters.answer = two_pages<DeadLetterList, ListDeadLetters>(
    [](const auto& asked) { return asked.cursor(); });
  auto of_choice = [](const auto& asked) { return asked.choice().cursor(); };
  at.service.retry.answer
    = two_pages<DeadLettersSettled, RetryDeadLetters>(of_choice);
  at.service.drop.answer
    = two_pages<DeadLettersSettled, DropDeadLetters>(of_choice);
}

/// Each is done, as many as are asked for.
void settle_all(scene at) {
  auto settle = [](const auto& asked) -> caf::expected<DeadLettersSettled> {
    DeadLettersSettled answer;
    answer.set_dry_run(asked.choice().dry_run());
    for (auto id : asked.choice().ids()) {
      auto& one = *answer.add_items();
      one.set_id(id);
      one.set_subject("jobs.sync_athlete.7");
      one.set_durable("consumer__job");
    }
    return answer;
  };
  at.service.retry.answer = settle;
  at.service.drop.answer = settle;
}

/// Without an end to go on from: a full answer would be asked for for ever.
std::function<void(scene)> one_page_of_letters(shape how) {
  return [how](scene at) {
    auto list = filled<DeadLetterList>(how);
    list.clear_next_cursor();
    at.service.list_letters.give(list);
  };
}

void add_letter_lists(cli_cases& to) {
  const auto list = words{"dlq", "list"};
  const auto as_json = words{"dlq", "list", "--json"};
  for (const auto& [name, command] :
       {std::pair{std::string{"dlq_list/"}, list},
        std::pair{std::string{"dlq_list/json_"}, as_json}}) {
    to.push_back({name + "empty", command, {}});
    to.push_back({name + "full", command, one_page_of_letters(shape::full)});
    to.push_back(
      {name + "negative", command, one_page_of_letters(shape::negative)});
    to.push_back(
      {name + "largest", command, one_page_of_letters(shape::largest)});
    to.push_back({name + "two_pages", command, page_letters});
  }
  to.push_back(
    {"dlq_list/filters",
     with(list, {"--durable", "d é", "--reason", "no & \"never\"", "--athlete",
                 "7", "--older-than", "15m", "--newer-than", "2h"}),
     {}});
  to.push_back({"dlq_list/fails_503", list,
                all_failing(make_failure(ec::unavailable, "the bus is down"))});
}

void add_letters(cli_cases& to) {
  add_shapes(to, "dlq_show", {"dlq", "show", "12"});
  to.push_back({"dlq_show/fails_404",
                {"dlq", "show", "12"},
                all_failing(make_failure(ec::not_found, "there is no 12"))});
  words many;
  for (auto id = 1; id <= 101; ++id)
    many.push_back(std::to_string(id));
  for (const auto* verb : {"retry", "drop"}) {
    const auto name = "dlq_" + std::string{verb} + "/";
    const auto command = words{"dlq", verb};
    to.push_back({name + "ids", with(command, {"3", "4"}), settle_all});
    to.push_back(
      {name + "ids_dry_run", with(command, {"3", "--dry-run"}), settle_all});
    to.push_back({name + "ids_many", with(command, many), settle_all});
    to.push_back(
      {name + "ids_json", with(command, {"3", "--json"}), settle_all});
    to.push_back(
      {name + "all_failed_ones", with(command, {"--all"}), page_letters});
    to.push_back(
      {name + "all_json", with(command, {"--all", "--json"}), page_letters});
    to.push_back({name + "all_of_none", with(command, {"--all"}), {}});
    to.push_back({name + "all_filters",
                  with(command, {"--all", "--durable", "d é", "--reason",
                                 "no \"x\"", "--athlete", "7", "--older-than",
                                 "90s", "--newer-than", "7d", "--dry-run"}),
                  {}});
    to.push_back({name + "fails_507", with(command, {"3"}),
                  all_failing(make_failure(ec::full, "JOBS is full"))});
  }
}

void add_schedules(cli_cases& to) {
  add_shapes(to, "schedules", {"schedules"});
  add_shapes(to, "schedules_runs", {"schedules", "runs", "relist"});
  to.push_back(
    {"schedules_runs/wrong_name", {"schedules", "runs", "Re/é"}, {}});
  to.push_back({"schedules_runs/unknown_name",
                {"schedules", "runs", "hourly"},
                all_failing(make_failure(ec::not_found, "no such schedule"))});
  auto change = [&](const std::string& name, auto act) {
    auto list = filled<ScheduleList>();
    act(list);
    to.push_back({"schedules/" + name, {"schedules"}, [list](scene at) {
                    at.service.list_schedules.give(list);
                  }});
  };
  change("without_leader", [](ScheduleList& list) { list.clear_leader(); });
  change("before_the_first_run", [](ScheduleList& list) {
    for (auto& one : *list.mutable_schedules()) {
      one.clear_last_run();
      one.clear_problem();
    }
  });
  auto runs = ScheduleRunList{};
  const auto run = filled<state::v1::ScheduleRun>();
  for (auto ms : {-1, 0, 49, 1'250, 59'949, 60'000, 3'661'000}) {
    auto& one = *runs.add_runs();
    one = run;
    one.set_state(static_cast<state::v1::RunState>(runs.runs_size() % 6));
    one.set_finished_at_ms(ms < 0 ? 0 : one.started_at_ms() + ms);
  }
  to.push_back({"schedules_runs/durations_and_states",
                {"schedules", "runs", "relist"},
                [runs](scene at) { at.service.list_runs.give(runs); }});
}

void add_budget(cli_cases& to) {
  add_shapes(to, "budget", {"budget"});
  to.push_back({"budget/not_confirmed", {"budget"}, [](scene at) {
                  auto budget = filled<Budget>();
                  budget.set_confirmed(false);
                  at.service.get_budget.give(budget);
                }});
  to.push_back({"budget_reset/full",
                {"budget", "reset", "--yes"},
                all_filled(shape::full)});
  to.push_back({"budget_reset/json",
                {"budget", "reset", "--yes", "--json"},
                all_filled(shape::full)});
  to.push_back({"budget_reset/not_sure", {"budget", "reset"}, {}});
}

void add_syncs(cli_cases& to) {
  const auto confirm = words{"sync", "confirm", "7"};
  add_shapes(to, "sync_confirm", confirm, false);
  add_shapes(to, "sync_confirm_dry_run", with(confirm, {"--dry-run"}), false);
  to.push_back({"sync_confirm/another_number_now", confirm, [](scene at) {
                  fill_answers(at.service, shape::full);
                  at.service.confirm.fail(make_failure(
                    ec::conflict, "missing: it is another number now"));
                }});
}

cli_cases commands() {
  cli_cases all;
  add_nodes(all);
  add_health(all);
  add_letter_lists(all);
  add_letters(all);
  add_schedules(all);
  add_budget(all);
  add_syncs(all);
  return all;
}

/// @returns what the file of a case holds.
std::string run(const cli_case& what) {
  http::api_fixture node;
  if (what.given)
    what.given({node.service, node.parts});
  scratch_folder folder;
  auto at = node.server.address();
  auto result
    = run_program(with(what.arguments, {"--url", at}), folder, at).text;
  std::string asked;
  for_each_script(node.service, [&](const auto& script) {
    for (const auto& question : script.asked)
      asked += to_line(question);
  });
  return asked.empty() ? result : result + "\n--- asked\n" + asked;
}

} // namespace

TEST_CASE("commands print what a node answers as their golden files say") {
  auto files = std::set<std::string>{};
  for (const auto& each : commands()) {
    INFO(each.name);
    auto file = "cli/" + each.name + ".txt";
    CHECK(files.insert(file).second);
    check_file(file, run(each));
  }
  check_folder("cli", files);
}

} // namespace stravasync::golden
