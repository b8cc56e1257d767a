#include "adapters/http/documents.hpp"
#include "adapters/http/json_text.hpp"
#include "messages/text/utf8.hpp"

#include <map>
#include <utility>

/// @file
/// The documents of dead letters.

namespace stravasync::http {

namespace {

using query::v1::DeadLetter;
using query::v1::DeadLettersSettled;

void write(json_object& to, const DeadLetter& letter) {
  auto number_or_null = [&](std::string_view name, auto value) {
    if (value == 0)
      to.null(name);
    else
      to.number(name, value);
  };
  to.number("id", letter.id())
    .text("durable", letter.durable())
    .text("subject", letter.subject())
    .text_or_null("stream", letter.stream());
  number_or_null("sequence", letter.sequence());
  to.text_or_null("type", letter.type())
    .text("reason", letter.reason())
    .number("attempts", letter.attempts())
    .time("dead_since", letter.dead_since_ms())
    .time_or_null("original_stored_at", letter.original_stored_at_ms())
    .text_or_null("original_id", letter.original_id())
    .text_or_null("cause", letter.cause())
    .text_or_null("principal", letter.principal());
  number_or_null("athlete_id", letter.athlete_id());
  to.number("bytes", letter.bytes());
}

void append(std::string& out, const DeadLettersSettled::One& one) {
  json_object{out}
    .number("id", one.id())
    .text_or_null("durable", one.durable())
    .text_or_null("subject", one.subject())
    .text_or_null("reason", one.reason())
    .text_or_null("problem", one.problem());
}

} // namespace

std::string to_json(const DeadLetter& letter) {
  std::string out;
  {
    json_object document{out};
    write(document, letter);
    // Sorted: a protobuf map has no order.
    const auto& unsorted = letter.headers();
    auto headers = std::map<std::string, std::string>{unsorted.begin(),
                                                      unsorted.end()};
    auto& text = document.value_of("headers");
    auto separator = '{';
    for (const auto& [name, value] : headers) {
      text += std::exchange(separator, ',');
      append_json_string(text, name);
      text += ':';
      append_json_string(text, value);
    }
    text += headers.empty() ? "{}" : "}";
    auto& log = document.value_of("attempt_log");
    auto opening = '[';
    for (const auto& one : letter.attempt_log()) {
      log += std::exchange(opening, ',');
      json_object{log}
        .time("at", one.at_ms())
        .text("node", one.node())
        .text("reason", one.reason());
    }
    log += letter.attempt_log_size() == 0 ? "[]" : "]";
    if (letter.payload_json().empty())
      document.null("payload");
    else
      document.value_of("payload") += letter.payload_json();
    document.text_or_null("payload_hex", letter.payload_hex())
      .text_or_null("payload_problem", letter.payload_problem());
    if (letter.unread_bytes() == 0)
      document.null("unread");
    else
      json_object{document.value_of("unread")}
        .text("text", as_utf8(letter.unread()))
        .number("at", letter.unread_at())
        .number("bytes", letter.unread_bytes());
  }
  return out;
}

std::string to_json(const query::v1::DeadLetterList& list) {
  std::string out;
  {
    json_object document{out};
    auto& text = document.value_of("items");
    auto separator = std::string_view{"["};
    for (const auto& letter : list.items()) {
      text += std::exchange(separator, ",");
      json_object item{text};
      write(item, letter);
    }
    text += list.items().empty() ? "[]" : "]";
    document.text_or_null("next_cursor", list.next_cursor());
  }
  return out;
}

std::string to_json(const DeadLettersSettled& what) {
  std::string out;
  {
    json_object document{out};
    document.number("done", what.done())
      .number("failed", what.failed())
      .flag("dry_run", what.dry_run());
    auto& text = document.value_of("items");
    auto separator = std::string_view{"["};
    for (const auto& one : what.items()) {
      text += std::exchange(separator, ",");
      append(text, one);
    }
    text += what.items().empty() ? "[]" : "]";
    document.text_or_null("next_cursor", what.next_cursor());
  }
  return out;
}

} // namespace stravasync::http
