#include "adapters/jetstream/subjects.hpp"

#include "adapters/jetstream/json.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace stravasync::jetstream {

namespace {

constexpr auto short_form = std::size_t{9};
constexpr auto long_form = std::size_t{11}; // At least.

std::vector<std::string_view> tokens_of(std::string_view subject) {
  std::vector<std::string_view> result;
  while (true) {
    auto end = subject.find('.');
    result.push_back(subject.substr(0, end));
    if (end == std::string_view::npos)
      return result;
    subject.remove_prefix(end + 1);
  }
}

bool read(std::string_view text, auto& number) {
  auto end = text.data() + text.size();
  auto [at, fault] = std::from_chars(text.data(), end, number);
  return fault == std::errc{} && at == end;
}

} // namespace

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    auto code = static_cast<unsigned char>(c);
    return code > ' ' && code != 0x7f && c != '*' && c != '>' && c != '.'
           && c != '/' && c != '\\';
  });
}

bool publishable(std::string_view subject) {
  return std::ranges::all_of(tokens_of(subject), [](std::string_view token) {
    return !token.empty() && std::ranges::all_of(token, [](char c) {
      auto code = static_cast<unsigned char>(c);
      return code > ' ' && code != 0x7f && c != '*' && c != '>';
    });
  });
}

std::optional<ack_subject> parse_ack_subject(std::string_view subject) {
  if (!subject.starts_with("$JS.ACK."))
    return std::nullopt;
  auto tokens = tokens_of(subject);
  if (tokens.size() != short_form && tokens.size() < long_form)
    return std::nullopt;
  auto at = tokens.begin() + (tokens.size() == short_form ? 2 : 4);
  ack_subject result;
  result.stream = *at++;
  result.consumer = *at++;
  auto consumer_sequence = std::uint64_t{0};
  auto stored_at_ns = std::int64_t{0};
  if (!read(*at++, result.delivered) || !read(*at++, result.sequence)
      || !read(*at++, consumer_sequence) || !read(*at++, stored_at_ns)
      || !read(*at++, result.pending))
    return std::nullopt;
  result.stored_at_ms = stored_at_ns / static_cast<std::int64_t>(ns_per_ms);
  return result;
}

} // namespace stravasync::jetstream
