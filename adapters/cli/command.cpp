#include "adapters/cli/command.hpp"

#include "adapters/cli/checks.hpp"
#include "adapters/cli/families.hpp"
#include "config/keys.hpp"
#include "config/nearest.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

namespace stravasync::cli {

namespace {

constexpr auto usage_error = 2;
constexpr auto path_bytes_max = std::size_t{4'096};

/// A flag that is short for `--set KEY=...`.
struct shorthand {
  std::string flag;
  std::string key;
  std::string placeholder;
};

const auto shorthands = std::array{
  shorthand{"--role", "node.roles", "ROLES"},
  shorthand{"--data-dir", "node.data_dir", "PATH"},
  shorthand{"--http-listen", "http.listen", "ADDRESSES"},
  shorthand{"--public-url", "http.public_url", "URL"},
  shorthand{"--bus-url", "bus.url", "URL"},
  shorthand{"--store-url", "store.url", "URL"},
  shorthand{"--sim-listen", "sim.listen", "ADDRESSES"},
  shorthand{"--sim-data", "sim.data", "PATH"},
  shorthand{"--log-level", "log.level", "LEVEL"},
  shorthand{"--log-format", "log.format", "FORMAT"},
};

constexpr auto about = R"(Keeps a complete and current copy of Strava histories.

Started with a role and nothing else it needs no other service. Without a
command it runs.
)";

constexpr auto examples = R"(Examples:
  stravasync --role=all,sim            try it: a simulated Strava is part of it
  stravasync --config stravasync.toml  run with the settings of a file
  stravasync --set sync.page_size=50   set any key of the settings file
  stravasync config example            print the settings file, all explained
  stravasync config show               what holds, and where it comes from
  stravasync migrate --dry-run         which schema changes are pending

Every setting is also an environment variable: STRAVASYNC_HTTP_LISTEN is
http.listen. Flags win over variables, variables over the file.)";

/// Everything that the parser fills, in one place that does not move.
struct parsed {
  command result;
  std::vector<std::string> sets;
  std::array<std::string, shorthands.size()> values;
  bool fail_fast = false;
};

void add_settings(CLI::App& app, parsed& into) {
  app
    .add_option("--config", into.result.config_file,
                "Settings file (TOML); else the one in STRAVASYNC_CONFIG")
    ->check(some_text(path_bytes_max))
    ->type_name("FILE")
    ->take_last();
  app
    .add_option("--set", into.sets,
                "Any setting, such as http.in_flight_max=64; repeatable")
    ->type_name("KEY=VALUE")
    ->allow_extra_args(false);
  for (auto i = std::size_t{0}; i < shorthands.size(); ++i) {
    const auto& each = shorthands.at(i);
    app.add_option(each.flag, into.values.at(i), find_key(each.key)->help)
      ->type_name(each.placeholder)
      ->take_last();
  }
  app.add_flag("--fail-fast", into.fail_fast, find_key("node.fail_fast")->help);
}

void add_commands(CLI::App& app, command& into) {
  constexpr auto most = std::uint32_t{100'000};
  app.require_subcommand(0, 1);
  add_command(app, "run", "Run this node (what happens without a command)",
              into, action::run);
  auto* config = add_family(app, "config", "Look at the settings");
  add_command(*config, "check", "Load the settings and say if they are fine",
              into, action::config_check);
  add_command(*config, "show", "Print every setting; secrets are masked", into,
              action::config_show);
  add_command(*config, "example", "Print a settings file, all explained", into,
              action::config_example);
  auto* migrate = add_command(app, "migrate", "Bring the schema up to date",
                              into, action::migrate);
  migrate->add_flag("--dry-run", into.dry_run,
                    "Say which changes are pending; change nothing");
  auto* seed = add_command(app, "seed", "Fill the store with demo athletes",
                           into, action::seed);
  seed->add_option("--athletes", into.athletes, "How many")
    ->capture_default_str()
    ->check(CLI::Range(std::uint32_t{1}, most).description(""))
    ->type_name("N");
  seed->add_option("--activities", into.activities, "How many of each athlete")
    ->capture_default_str()
    ->check(CLI::Range(std::uint32_t{0}, most).description(""))
    ->type_name("N");
  add_node_commands(app, into);
  add_replay_commands(app, into);
  add_dlq_commands(app, into);
  add_schedule_commands(app, into);
  add_budget_commands(app, into);
  add_sync_commands(app, into);
}

/// Names that may stand at the first level, or below the command given.
std::vector<std::string> known_names(const CLI::App& app) {
  auto result = std::vector<std::string>{};
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) // A position has none.
      result.push_back("--" + name);
  for (const auto* command : app.get_subcommands(nullptr))
    result.push_back(command->get_name());
  for (const auto* chosen : app.get_subcommands()) {
    auto below = known_names(*chosen);
    result.insert(result.end(), below.begin(), below.end());
  }
  return result;
}

ending wrong(const std::string& what) {
  return {usage_error, "stravasync: " + what + " (see stravasync --help)\n"};
}

ending explain_unknown(const CLI::App& app) {
  auto first = app.remaining(true).front();
  auto name = first.substr(0, first.find('='));
  auto known = known_names(app);
  if (std::ranges::find(known, name) != known.end())
    return wrong(name + " does not belong there");
  auto kind = name.starts_with('-') ? "unknown flag " : "unknown command ";
  return wrong(kind + name + suggestion(name, known));
}

/// @returns what to say if a family was named and none of its commands.
std::optional<std::string> missing_command(const CLI::App& app) {
  for (const auto* chosen : app.get_subcommands()) {
    auto below = chosen->get_subcommands([](const CLI::App*) { return true; });
    if (below.empty() || !chosen->get_subcommands().empty())
      continue;
    if (chosen->get_name() == "schedules" || chosen->get_name() == "budget")
      continue; // By itself it shows them.
    auto names = std::string{};
    for (auto i = std::size_t{0}; i < below.size(); ++i)
      names += (i == 0                  ? ""
                : i + 1 == below.size() ? " and "
                                        : ", ")
               + below[i]->get_name();
    return chosen->get_name() + " needs one of " + names;
  }
  return std::nullopt;
}

/// @param text The library's, such as "--role: 1 required ROLES missing".
std::string mismatch(const std::string& text) {
  auto too_many = text.find("At Most") != std::string::npos;
  return text.substr(0, text.find(':'))
         + (too_many ? " takes one value only" : " needs a value");
}

/// What a library says may have several lines; an error is one.
std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  while (text.ends_with(' '))
    text.pop_back();
  return text;
}

std::variant<command, ending> collect_flags(parsed from, const CLI::App& app) {
  for (const auto& text : from.sets) {
    auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return wrong("--set " + text + ": expected KEY=VALUE");
    from.result.flags.push_back(
      {text.substr(0, equals), text.substr(equals + 1), "--set " + text});
  }
  for (auto i = std::size_t{0}; i < shorthands.size(); ++i) {
    const auto& [flag, key, placeholder] = shorthands.at(i);
    const auto& value = from.values.at(i);
    if (app.count(flag) > 0)
      from.result.flags.push_back({key, value, flag + "=" + value});
  }
  if (from.fail_fast)
    from.result.flags.push_back({"node.fail_fast", "true", "--fail-fast"});
  return std::move(from.result);
}

} // namespace

CLI::App* add_command(CLI::App& of, const std::string& name,
                      const std::string& help, command& into, action what) {
  auto* added = of.add_subcommand(name, help);
  added->fallthrough();
  added->callback([&into, what] { into.what = what; });
  return added;
}

CLI::App*
add_family(CLI::App& of, const std::string& name, const std::string& help) {
  auto* added = of.add_subcommand(name, help);
  added->fallthrough();
  added->require_subcommand(0, 1);
  return added;
}

void add_url(CLI::App& to, command& into) {
  to.add_option("--url", into.url,
                "The node to ask; else where the settings say it listens")
    ->type_name("URL")
    ->take_last();
}

std::variant<command, ending> parse(std::span<const std::string> arguments) {
  auto from = parsed{};
  auto app = CLI::App{about, "stravasync"};
  app.set_version_flag("--version", version_text(), "Print the version");
  app.get_formatter()->column_width(27);
  app.get_help_ptr()->description("Print this text");
  add_settings(app, from);
  add_commands(app, from.result);
  // Not before the commands, which would inherit it.
  app.footer(examples);
  try {
    // The parser takes them from the back.
    auto reversed = std::vector<std::string>{arguments.rbegin(),
                                             arguments.rend()};
    app.parse(reversed);
  } catch (const CLI::Success& asked) {
    auto text = std::ostringstream{};
    app.exit(asked, text, text);
    return ending{0, text.str()};
  } catch (const CLI::ExtrasError&) {
    return explain_unknown(app);
  } catch (const CLI::ArgumentMismatch& error) {
    return wrong(mismatch(error.what()));
  } catch (const CLI::RequiredError& error) {
    // What is missing may only be misspelt.
    return app.remaining(true).empty() ? wrong(one_line(error.what()))
                                       : explain_unknown(app);
  } catch (const CLI::ParseError& error) {
    return wrong(one_line(error.what()));
  }
  if (auto missing = missing_command(app))
    return wrong(*missing);
  return collect_flags(std::move(from), app);
}

std::string version_text() {
  return std::string{"stravasync "} + STRAVASYNC_VERSION;
}

std::string_view version_number() {
  return STRAVASYNC_VERSION;
}

} // namespace stravasync::cli
