#include "config/cron.hpp"

#include "messages/error.hpp"
#include "messages/text/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace stravasync {

namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr auto month_names
  = std::array<std::string_view, 12>{"jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr auto weekday_names = std::array<std::string_view, 7>{
  "sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct field_rule {
  std::string_view name;
  unsigned least;
  unsigned most;
  std::span<const std::string_view> names; // Of `least` and following.
};

const auto rules = std::array{
  field_rule{"minute", 0, 59, {}},
  field_rule{"hour", 0, 23, {}},
  field_rule{"day of month", 1, 31, {}},
  field_rule{"month", 1, 12, month_names},
  field_rule{"weekday", 0, 7, weekday_names},
};

/// Days after which the calendar repeats.
constexpr auto cycle = days{146'097};
constexpr auto sunday_at_the_end = 7u;

caf::error wrong(const field_rule& rule, const std::string& what) {
  return make_failure(ec::invalid_argument,
                      std::string{rule.name} + ": " + what);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> result;
  for (auto at = text.find(separator); at != std::string_view::npos;
       at = text.find(separator)) {
    result.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  result.push_back(text);
  return result;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> result;
  for (auto tabs : split(line, '\t'))
    for (auto word : split(tabs, ' '))
      if (!word.empty())
        result.push_back(word);
  return result;
}

std::optional<unsigned> number_in(std::string_view text) {
  auto result = 0u;
  const auto* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, result);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return result;
}

/// A number of the field, or one of its names.
caf::expected<unsigned>
value_in(const field_rule& rule, std::string_view text) {
  auto named = std::ranges::find(rule.names, lower_case(text));
  if (named != rule.names.end())
    return rule.least + static_cast<unsigned>(named - rule.names.begin());
  auto number = number_in(text);
  if (!number)
    return wrong(rule, "\"" + std::string{text} + "\" is no "
                         + (rule.names.empty() ? "number" : "number or name"));
  if (*number < rule.least || *number > rule.most)
    return wrong(rule, std::string{text} + " is outside "
                         + std::to_string(rule.least) + " to "
                         + std::to_string(rule.most));
  return *number;
}

struct range {
  unsigned from = 0;
  unsigned to = 0;
  bool many = true; // Written as a range: may have a step.
};

caf::expected<range> range_in(const field_rule& rule, std::string_view text) {
  if (text == "*")
    return range{rule.least, rule.most};
  auto ends = split(text, '-');
  if (ends.size() > 2)
    return wrong(rule, "\"" + std::string{text} + "\" is no range");
  auto from = value_in(rule, ends.front());
  if (!from)
    return from.error();
  if (ends.size() == 1)
    return range{*from, *from, false};
  auto to = value_in(rule, ends.back());
  if (!to)
    return to.error();
  // "fri-sun" ends with the Sunday after.
  if (*to == 0 && *from > 0 && rule.most == sunday_at_the_end)
    to = sunday_at_the_end;
  if (*from > *to)
    return wrong(rule, "the range \"" + std::string{text}
                         + "\" ends before it begins");
  return range{*from, *to};
}

caf::expected<unsigned> step_in(const field_rule& rule, std::string_view text) {
  auto result = number_in(text);
  if (!result || *result == 0 || *result > rule.most)
    return wrong(rule, "a step of \"" + std::string{text}
                         + "\" is outside 1 to " + std::to_string(rule.most));
  return *result;
}

/// Sets in `out` what one item of the field's list selects.
template <class Numbers>
caf::error
add_item(const field_rule& rule, std::string_view item, Numbers& out) {
  auto parts = split(item, '/');
  if (item.empty() || parts.size() > 2)
    return wrong(rule, "\"" + std::string{item} + "\" is no number or range");
  auto over = range_in(rule, parts.front());
  if (!over)
    return over.error();
  auto step = caf::expected<unsigned>{1u};
  if (parts.size() == 2) {
    if (!over->many)
      return wrong(rule, "the step in \"" + std::string{item}
                           + "\" needs a range or * before it");
    step = step_in(rule, parts.back());
    if (!step)
      return step.error();
  }
  for (auto i = over->from; i <= over->to; i += *step)
    out.set(rule.most == sunday_at_the_end ? i % sunday_at_the_end : i);
  return {};
}

} // namespace

caf::expected<cron> cron::parse(std::string_view line) {
  auto words = words_of(line);
  if (words.size() != fields)
    return make_failure(ec::invalid_argument,
                        "needs five fields (minute, hour, day of month, month, "
                        "weekday), has "
                          + std::to_string(words.size()));
  cron result;
  for (auto i = std::size_t{0}; i < fields; ++i)
    for (auto item : split(words[i], ','))
      if (auto why = add_item(rules.at(i), item, result.in_.at(i)))
        return why;
  result.both_days_ = words[day].starts_with('*')
                      || words[weekday].starts_with('*');
  auto first = sys_days{};
  for (auto d = first; d < first + cycle; d += days{1})
    if (result.matches(d))
      return result;
  return wrong(rules[day],
               std::string{words[day]} + " never comes in the months named");
}

bool cron::matches(sys_days which) const {
  auto date = std::chrono::year_month_day{which};
  if (!in_[month].test(static_cast<unsigned>(date.month())))
    return false;
  auto by_date = in_[day].test(static_cast<unsigned>(date.day()));
  auto by_week = in_[weekday].test(std::chrono::weekday{which}.c_encoding());
  return both_days_ ? by_date && by_week : by_date || by_week;
}

cron::time_point cron::next_after(time_point t) const {
  using namespace std::chrono;
  auto from = floor<minutes>(t) + minutes{1};
  for (auto d = floor<days>(from);; d += days{1}) {
    if (!matches(d))
      continue;
    for (auto at = std::max<sys_time<minutes>>(from, d); at < d + days{1};
         at += minutes{1}) {
      auto of_day = (at - d).count();
      if (in_[hour].test(static_cast<std::size_t>(of_day / 60))
          && in_[minute].test(static_cast<std::size_t>(of_day % 60)))
        return at;
    }
  }
}

cron::time_point cron::latest_by(time_point t) const {
  using namespace std::chrono;
  auto from = floor<minutes>(t);
  for (auto d = floor<days>(from);; d -= days{1}) {
    if (!matches(d))
      continue;
    auto last = sys_time<minutes>{d} + days{1} - minutes{1};
    for (auto at = std::min(from, last); at >= d; at -= minutes{1}) {
      auto of_day = (at - d).count();
      if (in_[hour].test(static_cast<std::size_t>(of_day / 60))
          && in_[minute].test(static_cast<std::size_t>(of_day % 60)))
        return at;
    }
  }
}

} // namespace stravasync
