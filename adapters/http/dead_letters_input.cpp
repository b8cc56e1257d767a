#include "adapters/http/dead_letters_input.hpp"

#include "messages/units.hpp"

#include <simdjson.h>

#include <limits>
#include <string>

namespace stravasync::http {

namespace {

using query::v1::DeadLetterChoice;
using query::v1::DeadLetterFilter;

constexpr auto text_bytes_max = std::size_t{256};
constexpr auto ids_max = std::size_t{100};
constexpr auto seconds_max = std::numeric_limits<std::uint32_t>::max();

/// Takes one member after the other; keeps the first problem.
class choice_reader {
public:
  explicit choice_reader(DeadLetterChoice& to) : to_{to} {
  }

  void take(std::string_view name, simdjson::dom::element value) {
    if (name == "ids")
      ids(value);
    else if (name == "all")
      to_.set_all(flag(name, value));
    else if (name == "dry_run")
      to_.set_dry_run(flag(name, value));
    else if (name == "cursor")
      to_.set_cursor(text(name, value));
    else if (name == "durable")
      filter().set_durable(some_text(name, value));
    else if (name == "reason")
      filter().set_reason_contains(some_text(name, value));
    else if (name == "athlete_id")
      filter().set_athlete_id(
        number(name, value, std::numeric_limits<std::int64_t>::max()));
    else if (name == "older_than_s")
      filter().set_older_than_ms(number(name, value, seconds_max) * ms_per_s);
    else if (name == "newer_than_s")
      filter().set_newer_than_ms(number(name, value, seconds_max) * ms_per_s);
    else
      refuse("body", "an object of ids, all, durable, reason, athlete_id, "
                     "older_than_s, newer_than_s, cursor and dry_run");
  }

  void refuse(std::string field, std::string rule) {
    if (!trouble)
      trouble = bad_input(std::move(field), std::move(rule));
  }

  std::optional<problem> trouble;

private:
  DeadLetterFilter& filter() {
    return *to_.mutable_filter();
  }

  bool flag(std::string_view name, simdjson::dom::element value) {
    auto result = false;
    if (value.get_bool().get(result) != simdjson::SUCCESS)
      refuse(std::string{name}, "true or false");
    return result;
  }

  std::string text(std::string_view name, simdjson::dom::element value) {
    std::string_view result;
    if (value.get_string().get(result) != simdjson::SUCCESS
        || result.size() > text_bytes_max)
      refuse(std::string{name},
             "text of at most " + std::to_string(text_bytes_max) + " bytes");
    return std::string{result};
  }

  /// Empty would let everything through, which nobody says in this way.
  std::string some_text(std::string_view name, simdjson::dom::element value) {
    auto result = text(name, value);
    if (result.empty())
      refuse(std::string{name},
             "text of 1 to " + std::to_string(text_bytes_max) + " bytes");
    return result;
  }

  std::int64_t number(std::string_view name, simdjson::dom::element value,
                      std::int64_t most) {
    auto result = std::int64_t{0};
    if (value.get_int64().get(result) != simdjson::SUCCESS || result < 1
        || result > most)
      refuse(std::string{name},
             "a whole number from 1 to " + std::to_string(most));
    return result;
  }

  void ids(simdjson::dom::element value) {
    const auto rule = "a list of 1 to " + std::to_string(ids_max)
                      + " dead letters' ids, each 1 or more";
    simdjson::dom::array list;
    if (value.get_array().get(list) != simdjson::SUCCESS || list.size() == 0
        || list.size() > ids_max)
      return refuse("ids", rule);
    for (auto one : list) {
      auto id = std::int64_t{0};
      if (one.get_int64().get(id) != simdjson::SUCCESS || id < 1)
        return refuse("ids", rule);
      to_.add_ids(static_cast<std::uint64_t>(id));
    }
  }

  DeadLetterChoice& to_;
};

} // namespace

DeadLetterFilter read_letter_filter(input& in) {
  DeadLetterFilter result;
  auto age_ms = [&](std::string_view name) {
    return in.number(name, 1, seconds_max, 0) * ms_per_s;
  };
  result.set_durable(in.text("durable", text_bytes_max));
  result.set_reason_contains(in.text("reason", text_bytes_max));
  result.set_athlete_id(in.id_parameter("athlete_id"));
  result.set_older_than_ms(age_ms("older_than_s"));
  result.set_newer_than_ms(age_ms("newer_than_s"));
  return result;
}

std::optional<problem>
read_letter_choice(const request& from, DeadLetterChoice& choice) {
  if (auto trouble = media_type_problem(from))
    return trouble;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(from.body).get(object) != simdjson::SUCCESS)
    return bad_input("body", "a JSON object");
  choice_reader reader{choice};
  for (auto [name, value] : object)
    reader.take(name, value);
  if (choice.all() == (choice.ids_size() > 0))
    reader.refuse("ids", "given, or all be true; not both");
  if (!choice.all() && (choice.has_filter() || !choice.cursor().empty()))
    reader.refuse("all", "true for a filter or a cursor");
  return std::move(reader.trouble);
}

} // namespace stravasync::http
