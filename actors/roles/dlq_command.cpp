#include "actors/roles/commands.hpp"
#include "adapters/http/admin_client.hpp"
#include "adapters/http/dead_letters_client.hpp"
#include "messages/error.hpp"
#include "messages/printable.hpp"

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <string>
#include <utility>

namespace stravasync {

namespace {

using cli::action;
using http::letter_line;
using http::letter_lines;

constexpr auto answer_timeout = std::chrono::milliseconds{30'000};
constexpr auto page_size = std::uint32_t{200};
constexpr auto ids_at_once = std::size_t{100};

query::v1::DeadLetterFilter filter_of(const cli::dlq_options& options) {
  query::v1::DeadLetterFilter result;
  result.set_durable(options.durable);
  result.set_reason_contains(options.reason);
  result.set_athlete_id(options.athlete);
  result.set_older_than_ms(
    std::chrono::milliseconds{options.older_than}.count());
  result.set_newer_than_ms(
    std::chrono::milliseconds{options.newer_than}.count());
  return result;
}

int list(const http::admin_client& node, const cli::dlq_options& options) {
  query::v1::ListDeadLetters question;
  question.set_limit(page_size);
  *question.mutable_filter() = filter_of(options);
  auto any = false;
  do {
    auto page = http::list_letters(node, question);
    if (!page)
      return fail_command(page.error());
    for (const auto& one : page->items) {
      if (options.json) {
        std::puts(one.json.c_str());
        continue;
      }
      if (!std::exchange(any, true))
        std::printf("%8s  %-20s  %8s  %-28s  %-40s  %s\n", "ID", "DEAD SINCE",
                    "ATTEMPTS", "SUBJECT", "DURABLE", "REASON");
      std::printf("%8" PRIu64 "  %-20s  %8" PRIu64 "  %-28s  %-40s  %s\n",
                  one.id, one.dead_since.c_str(), one.attempts,
                  one.subject.c_str(), one.durable.c_str(), one.reason.c_str());
    }
    question.set_cursor(page->next_cursor);
  } while (!question.cursor().empty());
  if (!any && !options.json)
    std::puts("there are no such dead letters");
  return 0;
}

int show(const http::admin_client& node, std::uint64_t id, bool json) {
  auto letter = http::show_letter(node, id);
  if (!letter)
    return fail_command(letter.error());
  if (json) {
    std::puts(printable(*letter).c_str());
    return 0;
  }
  auto fields = http::fields_of(*letter);
  if (!fields)
    return fail_command(fields.error());
  for (const auto& [name, value] : *fields)
    if (!value.empty())
      std::printf("%-18s  %s\n", name.c_str(), value.c_str());
  return 0;
}

/// What became of letters so far.
struct tally {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
};

const char* word_for(bool retry, bool dry_run) {
  if (retry)
    return dry_run ? "would be sent again" : "sent again";
  return dry_run ? "would be dropped" : "dropped";
}

void tell(const letter_lines& answer, const char* word, bool json,
          tally& total) {
  for (const auto& one : answer.items) {
    ++(one.problem.empty() ? total.done : total.failed);
    if (json)
      std::puts(one.json.c_str());
    else if (one.problem.empty())
      std::printf("%s: %" PRIu64 "  %s  %s\n", word, one.id,
                  one.subject.c_str(), one.durable.c_str());
    else
      std::fprintf(stderr, "stravasync: %" PRIu64 ": %s\n", one.id,
                   one.problem.c_str());
  }
}

int settle(const http::admin_client& node, const cli::command& what) {
  const auto& options = what.dlq;
  auto retry = what.what == action::dlq_retry;
  const auto* verb = retry ? "retry" : "drop";
  const auto* word = word_for(retry, what.dry_run);
  tally total;
  query::v1::DeadLetterChoice choice;
  choice.set_dry_run(what.dry_run);
  auto ask = [&]() -> caf::error {
    auto answer = http::settle_letters(node, verb, choice);
    if (!answer)
      return answer.error();
    tell(*answer, word, options.json, total);
    choice.set_cursor(answer->next_cursor);
    return {};
  };
  if (options.all) {
    choice.set_all(true);
    *choice.mutable_filter() = filter_of(options);
    do {
      if (auto why = ask())
        return fail_command(why);
    } while (!choice.cursor().empty());
  }
  for (auto i = std::size_t{0}; i < options.ids.size(); i += ids_at_once) {
    choice.clear_ids();
    auto end = std::min(options.ids.size(), i + ids_at_once);
    for (auto at = i; at < end; ++at)
      choice.add_ids(options.ids[at]);
    if (auto why = ask())
      return fail_command(why);
  }
  if (!options.json)
    std::printf("%" PRIu64 " %s, %" PRIu64 " failed\n", total.done, word,
                total.failed);
  return total.failed == 0 ? 0 : 1;
}

} // namespace

int run_dlq(const settings& config, const cli::command& what) {
  auto where = http::parse_admin_address(
    what.url.empty() ? config.http.listen.front() : what.url);
  if (!where) {
    std::fprintf(stderr, "stravasync: --url: %s\n",
                 detail_of(where.error()).c_str());
    return 2;
  }
  http::admin_client node{*where, answer_timeout};
  if (what.what == action::dlq_list)
    return list(node, what.dlq);
  if (what.what == action::dlq_show)
    return show(node, what.dlq.ids.front(), what.dlq.json);
  return settle(node, what);
}

} // namespace stravasync
