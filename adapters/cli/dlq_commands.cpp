#include "adapters/cli/checks.hpp"
#include "adapters/cli/families.hpp"
#include "config/quantity.hpp"
#include "messages/error.hpp"

#include <array>
#include <chrono>
#include <string>

namespace stravasync::cli {

namespace {

constexpr auto filter_flags = std::array{"--durable", "--reason", "--athlete",
                                         "--older-than", "--newer-than"};

void add_age(CLI::App& to, const std::string& flag, const std::string& help,
             std::chrono::seconds& into) {
  auto read = [&into, flag](const std::string& text) {
    auto age = parse_duration(text);
    if (!age || *age < std::chrono::seconds{1})
      throw CLI::ValidationError{flag, "'" + text
                                         + "' is no time such as 90s, 15m, 2h "
                                           "or 7d, from 1s"};
    into = std::chrono::duration_cast<std::chrono::seconds>(*age);
  };
  to.add_option_function<std::string>(flag, read, help)->type_name("TIME");
}

void add_filters(CLI::App& to, dlq_options& into) {
  to.add_option("--durable", into.durable, "Only what this durable gave up on")
    ->check(some_text())
    ->type_name("NAME");
  to.add_option("--reason", into.reason, "Only with this in the reason")
    ->check(some_text())
    ->type_name("TEXT");
  to.add_option("--athlete", into.athlete, "Only of this athlete")
    ->check(an_id())
    ->type_name("ID");
  add_age(to, "--older-than", "Only dead for at least so long",
          into.older_than);
  add_age(to, "--newer-than", "Only dead for at most so long", into.newer_than);
}

void add_output(CLI::App& to, command& into) {
  to.add_flag("--json", into.dlq.json, "One JSON document a line");
  add_url(to, into);
}

/// The commands that change something: some by their ids, or all that pass.
void add_settling(CLI::App& of, const std::string& name,
                  const std::string& help, command& into, action what) {
  auto* added = add_command(of, name, help, into, what);
  auto& options = into.dlq;
  added->add_option("ids", options.ids, "Their ids, as dlq list shows them")
    ->check(an_id())
    ->type_name("ID");
  added->add_flag("--all", options.all, "All that the filters let through");
  added->add_flag("--dry-run", into.dry_run, "Only say which they are");
  add_filters(*added, options);
  add_output(*added, into);
  added->callback([&into, added, what, name] {
    into.what = what;
    if (into.dlq.all != into.dlq.ids.empty())
      throw CLI::ValidationError{"dlq " + name + " needs either ids or --all"};
    for (const auto* filter : filter_flags)
      if (!into.dlq.all && added->count(filter) > 0)
        throw CLI::ValidationError{std::string{filter} + " goes with --all"};
  });
}

} // namespace

void add_dlq_commands(CLI::App& app, command& into) {
  auto* dlq = add_family(app, "dlq", "Dead letters: what could not be handled");
  auto* list = add_command(*dlq, "list", "Print them, oldest first", into,
                           action::dlq_list);
  add_filters(*list, into.dlq);
  add_output(*list, into);
  auto* show = add_command(*dlq, "show", "Print all there is about one", into,
                           action::dlq_show);
  show->add_option("id", into.dlq.ids, "Its id, as dlq list shows it")
    ->check(an_id())
    ->expected(1)
    ->required()
    ->type_name("ID");
  add_output(*show, into);
  add_settling(*dlq, "retry",
               "Send them to where they came from, and remove them here", into,
               action::dlq_retry);
  add_settling(*dlq, "drop", "Remove them", into, action::dlq_drop);
}

} // namespace stravasync::cli
