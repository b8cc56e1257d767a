#include "actors/dead_letter.hpp"

#include "messages/describe.hpp"
#include "messages/redriven.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/hex.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>
#include <optional>

namespace stravasync {

namespace {

/// "<subject>@<stream>:<sequence>"; the latter two may be missing.
struct origin_parts {
  std::string_view subject;
  std::string_view stream;
  std::uint64_t sequence = 0;
};

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  auto result = Number{};
  const auto* last = text.data() + text.size();
  auto [end, failed] = std::from_chars(text.data(), last, result);
  if (failed != std::errc{} || end != last)
    return std::nullopt;
  return result;
}

origin_parts split_origin(std::string_view origin) {
  origin_parts result;
  auto at = origin.rfind('@');
  result.subject = origin.substr(0, at);
  if (at == std::string_view::npos)
    return result;
  auto place = origin.substr(at + 1);
  auto colon = place.rfind(':');
  result.stream = place.substr(0, colon);
  if (colon != std::string_view::npos)
    result.sequence
      = parse_number<std::uint64_t>(place.substr(colon + 1)).value_or(0);
  return result;
}

std::string_view durable_of(std::string_view subject) {
  constexpr auto prefix = std::string_view{"dlq."};
  return subject.starts_with(prefix) ? subject.substr(prefix.size()) : subject;
}

/// "jobs.sync_athlete.7": area, message, athlete.
std::int64_t athlete_of(std::string_view subject) {
  for (auto i = 0; i < 2; ++i) {
    auto dot = subject.find('.');
    if (dot == std::string_view::npos)
      return 0;
    subject.remove_prefix(dot + 1);
  }
  auto id = parse_number<std::int64_t>(subject.substr(0, subject.find('.')));
  return std::max<std::int64_t>(0, id.value_or(0));
}

bool holds_in_any_case(std::string_view text, std::string_view part) {
  return lower_case(text).find(lower_case(part)) != std::string::npos;
}

/// Fills in what is kept of an answer that could not be read, if it is.
void describe_unread(const envelope& message, query::v1::DeadLetter& result) {
  auto place = message.header_or_empty(header::unread_at);
  auto slash = place.find('/');
  if (slash == std::string_view::npos)
    return;
  auto number = [](std::string_view text) {
    return parse_number<std::uint64_t>(text).value_or(0);
  };
  result.set_unread(from_hex(message.header_or_empty(header::unread)));
  result.set_unread_at(number(place.substr(0, slash)));
  result.set_unread_bytes(number(place.substr(slash + 1)));
}

void put(envelope& to, std::string_view name, std::string value) {
  to.headers.insert_or_assign(std::string{name}, std::move(value));
}

constexpr auto headers_max = std::size_t{64};
constexpr auto header_bytes_max = std::size_t{4} << 10;
/// Of a message's own together: NATS takes 64 KiB with those of the letter.
constexpr auto headers_bytes_max = std::size_t{16} << 10;
constexpr auto cut_bytes_max = std::size_t{64} << 10;

/// Ours are put on afterwards.
void bound_headers(header_map& all) {
  std::erase_if(
    all, [](const auto& one) { return one.first.size() > header_bytes_max; });
  while (all.size() > headers_max)
    all.erase(std::prev(all.end()));
  for (auto& [name, value] : all)
    if (value.size() > header_bytes_max)
      value.resize(header_bytes_max);
  auto bytes = std::size_t{0};
  std::erase_if(all, [&](const auto& one) {
    auto size = one.first.size() + one.second.size();
    auto fits = bytes + size <= headers_bytes_max;
    bytes += fits ? size : 0;
    return !fits;
  });
}

/// One line, so that the log of attempts has one for each.
std::string on_one_line(std::string text) {
  std::ranges::replace_if(
    text, [](unsigned char c) { return std::iscntrl(c) != 0; }, ' ');
  return text;
}

/// For node and reason of the line before.
constexpr auto as_before = std::string_view{"= ="};

std::string written(const std::vector<attempt>& log) {
  std::string result;
  std::string before;
  for (const auto& one : log) {
    auto words = (one.node.empty() ? "-" : one.node) + " "
                 + on_one_line(one.reason);
    result += (result.empty() ? "" : "\n") + std::to_string(one.at_ms) + " ";
    result += words == before ? as_before : words;
    before = std::move(words);
  }
  return result;
}

/// The reverse; what is no such line is left out.
void read_log(std::string_view text, query::v1::DeadLetter& to) {
  auto before = std::string_view{"- "};
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto first = line.find(' ');
    auto at = parse_number<std::int64_t>(line.substr(0, first));
    if (first == std::string_view::npos || !at)
      continue;
    auto words = line.substr(first + 1);
    if (words == as_before)
      words = before;
    auto second = words.find(' ');
    if (second == std::string_view::npos)
      continue;
    auto& one = *to.add_attempt_log();
    one.set_at_ms(*at);
    one.set_node(as_utf8(words.substr(0, second)));
    one.set_reason(as_utf8(words.substr(second + 1)));
    before = words;
  }
}

/// @returns why nothing may be sent there again, or nothing.
std::string no_place(const origin_parts& origin) {
  auto usable = origin.subject.find_first_of(" *>\t\r\n")
                == std::string_view::npos;
  for (const auto& stream : streams())
    if (usable && stream.name != "DLQ"
        && subject_matches(stream.subjects, origin.subject)
        && (origin.stream.empty() || origin.stream == stream.name))
      return {};
  return "the letter says that it came from subject '"
         + std::string{origin.subject} + "' of stream '"
         + std::string{origin.stream}
         + "': only messages of jobs.>, ingest.> and events.> are sent again, "
           "to the stream that they were in";
}

void remove(envelope& from, std::string_view name) {
  if (auto found = from.headers.find(name); found != from.headers.end())
    from.headers.erase(found);
}

} // namespace

envelope make_dead_letter(envelope message, const burial& why) {
  auto place = why.stream + ":" + std::to_string(why.sequence);
  bound_headers(message.headers);
  // One that was sent again and died again was first what it was first.
  if (message.header_or_empty(header::redriven_from).empty()) {
    put(message, header::original_id,
        std::string{message.header_or_empty(header::message_id)});
    put(message, header::original_stored, std::to_string(why.stored_at_ms));
  }
  put(message, header::message_id, why.durable + ":" + place);
  put(message, header::origin, message.subject + "@" + place);
  put(message, header::reason, why.reason.substr(0, header_bytes_max));
  put(message, header::attempts, std::to_string(why.attempts));
  if (!why.log.empty())
    put(message, header::attempt_log, written(why.log));
  message.subject = dead_letter_subject(why.durable);
  return message;
}

envelope cut_short(envelope letter) {
  put(letter, header::cut_from, std::to_string(letter.payload.size()));
  letter.payload.resize(std::min(letter.payload.size(), cut_bytes_max));
  return letter;
}

query::v1::DeadLetter
describe_dead_letter(const stored_message& letter, bool whole) {
  const auto& message = letter.message;
  auto text = [&](std::string_view name) {
    return as_utf8(message.header_or_empty(name));
  };
  auto number = [&](std::string_view name) {
    return parse_number<std::int64_t>(message.header_or_empty(name))
      .value_or(0);
  };
  auto from = split_origin(message.header_or_empty(header::origin));
  query::v1::DeadLetter result;
  result.set_id(letter.sequence);
  result.set_durable(as_utf8(durable_of(message.subject)));
  result.set_subject(as_utf8(from.subject));
  result.set_stream(as_utf8(from.stream));
  result.set_sequence(from.sequence);
  result.set_type(text(header::type));
  result.set_reason(text(header::reason));
  result.set_attempts(static_cast<std::uint32_t>(number(header::attempts)));
  result.set_dead_since_ms(letter.stored_at_ms);
  result.set_original_stored_at_ms(number(header::original_stored));
  result.set_original_id(text(header::original_id));
  result.set_cause(text(header::cause));
  result.set_principal(text(header::principal));
  result.set_athlete_id(athlete_of(from.subject));
  result.set_bytes(message.payload.size());
  if (!whole)
    return result;
  // Nobody reads megabytes of hex; `bytes` says how many there are.
  auto payload = describe_payload(message, cut_bytes_max);
  result.set_payload_json(std::move(payload.json));
  result.set_payload_hex(std::move(payload.hex));
  result.set_payload_problem(std::move(payload.problem));
  read_log(message.header_or_empty(header::attempt_log), result);
  describe_unread(message, result);
  for (const auto& [name, value] : message.headers)
    if (name != header::unread && name != header::unread_at)
      (*result.mutable_headers())[as_utf8(name)] = as_utf8(value);
  return result;
}

bool matches(const query::v1::DeadLetterFilter& filter,
             const query::v1::DeadLetter& letter, unix_ms now) {
  auto age_ms = now - letter.dead_since_ms();
  return (filter.durable().empty() || filter.durable() == letter.durable())
         && (filter.athlete_id() == 0
             || filter.athlete_id() == letter.athlete_id())
         && (filter.older_than_ms() == 0 || age_ms >= filter.older_than_ms())
         && (filter.newer_than_ms() == 0 || age_ms <= filter.newer_than_ms())
         && holds_in_any_case(letter.reason(), filter.reason_contains());
}

caf::expected<envelope> revive(const stored_message& letter) {
  auto message = letter.message;
  auto origin = std::string{message.header_or_empty(header::origin)};
  auto from = split_origin(origin);
  auto subject = std::string{from.subject};
  if (subject.empty())
    return make_failure(ec::malformed,
                        "the letter does not say where it came from");
  if (auto why = no_place(from); !why.empty())
    return make_failure(ec::malformed, why);
  if (auto size = message.header_or_empty(header::cut_from); !size.empty())
    return make_failure(ec::conflict, "only the beginning of its "
                                        + std::string{size}
                                        + " bytes was kept");
  auto id = std::to_string(letter.sequence);
  put(message, header::durable, std::string{durable_of(message.subject)});
  put(message, header::redriven_from, id);
  // Sent twice within the dedupe window it is stored once.
  put(message, header::message_id, "redrive:" + id + ":" + origin);
  for (auto name : {header::origin, header::reason, header::attempts,
                    header::attempt_log, header::unread, header::unread_at})
    remove(message, name);
  message.subject = std::move(subject);
  return message;
}

bool is_for_another(const envelope& message, std::string_view durable) {
  auto meant = message.header_or_empty(header::durable);
  return !meant.empty() && meant != durable;
}

} // namespace stravasync
