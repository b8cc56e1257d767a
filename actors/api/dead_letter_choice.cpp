#include "actors/api/dead_letter_choice.hpp"

#include "messages/error.hpp"

#include <charconv>

namespace stravasync {

std::string to_string(const letter_cursor& cursor) {
  auto last = cursor.last == 0 ? std::string{}
                               : "-" + std::to_string(cursor.last);
  return std::to_string(cursor.next) + last;
}

caf::expected<letter_cursor> parse_letter_cursor(const std::string& text) {
  letter_cursor result;
  const auto* end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, result.next);
  if (read.ec == std::errc{} && read.ptr != end && *read.ptr == '-')
    read = std::from_chars(read.ptr + 1, end, result.last);
  // Only what `to_string` makes.
  if (!text.empty() && (result.next == 0 || to_string(result) != text))
    return make_failure(ec::invalid_argument,
                        "cursor must be one that an answer gave");
  return result;
}

caf::error check_filter(const query::v1::DeadLetterFilter& filter) {
  const auto& durable = filter.durable();
  if (durable.find_first_of(".*> \t\r\n") != std::string::npos)
    return make_failure(ec::invalid_argument,
                        "durable must be a durable's name, such as "
                        "consumer__stravasync_jobs_v1_SyncAthlete");
  if (filter.athlete_id() < 0)
    return make_failure(ec::invalid_argument, "athlete_id must be above 0");
  if (filter.older_than_ms() < 0 || filter.newer_than_ms() < 0)
    return make_failure(ec::invalid_argument,
                        "older_than and newer_than must not be below 0");
  return {};
}

caf::error
check_choice(const query::v1::DeadLetterChoice& choice, std::uint32_t ids_max) {
  auto ids = static_cast<std::uint32_t>(choice.ids_size());
  if (choice.all() == (ids > 0))
    return make_failure(ec::invalid_argument,
                        "ids must name dead letters, or all must be true; "
                        "not both");
  if (ids > ids_max)
    return make_failure(ec::invalid_argument,
                        "ids must be at most " + std::to_string(ids_max));
  if (ids > 0 && (choice.has_filter() || !choice.cursor().empty()))
    return make_failure(ec::invalid_argument,
                        "a filter and a cursor go with all, not with ids");
  return check_filter(choice.filter());
}

} // namespace stravasync
