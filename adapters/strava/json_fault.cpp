#include "adapters/strava/json_text.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/hex.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <utility>

namespace stravasync::strava {

namespace {

constexpr auto depth_max = 1'024;
constexpr auto half_of_a_pair
  = std::string_view{"must not hold half of a surrogate pair"};

/// Reads a text from its front and stops at its first fault.
class checker {
public:
  explicit checker(std::string_view text) : text_{text} {
  }

  std::optional<json_fault> run() {
    skip_blanks();
    if (value() && (skip_blanks(), at_ < text_.size()))
      fail("must be nothing behind the value");
    if (!rule_.empty() && value_.empty())
      value_ = text_.substr(std::min(at_, text_.size()));
    if (rule_.empty())
      return std::nullopt;
    return json_fault{at_, path_, value_, rule_};
  }

private:
  [[nodiscard]] char front() const {
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  void skip_blanks() {
    at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size());
  }

  bool fail(std::string_view rule) {
    rule_ = rule;
    return false;
  }

  bool take(char c, std::string_view rule) {
    skip_blanks();
    if (front() != c)
      return fail(rule);
    ++at_;
    return true;
  }

  bool value() {
    if (front() == '{')
      return nested('}', [this] { return member(); });
    if (front() == '[')
      return nested(']', [this] { return element(); });
    auto begin = at_;
    if (front() == '"' ? string() : scalar())
      return true;
    value_ = text_.substr(begin, length_at(begin));
    return false;
  }

  /// Takes what stands between brackets, separated by commas.
  template <class Take>
  bool nested(char close, Take take_one) {
    if (++depth_ > depth_max)
      return fail("must not be nested deeper than 1,024");
    ++at_;
    skip_blanks();
    indices_.push_back(0);
    auto first = true;
    while (front() != close) {
      if (!first && !take(',', "must be a comma or the end of its brackets"))
        return false;
      skip_blanks();
      if (!take_one())
        return false;
      skip_blanks();
      first = false;
    }
    indices_.pop_back();
    ++at_;
    --depth_;
    return true;
  }

  /// @returns how long the string or word at `begin` is, sound or not.
  [[nodiscard]] std::size_t length_at(std::size_t begin) const {
    if (text_.substr(begin, 1) != "\"")
      return text_.find_first_of(",]} \t\r\n", begin) - begin;
    for (auto at = begin + 1; at < text_.size(); ++at) {
      if (text_[at] == '"')
        return at + 1 - begin;
      if (text_[at] == '\\')
        ++at;
    }
    return text_.size() - begin;
  }

  bool member() {
    auto begin = at_;
    if (front() != '"')
      return fail("must be the name of a field");
    if (!string()) {
      value_ = text_.substr(begin, length_at(begin));
      return false;
    }
    auto name = text_.substr(begin + 1, at_ - begin - 2);
    auto before = path_.size();
    path_ += path_.empty() ? "" : ".";
    path_ += name.substr(0, name_max);
    if (!take(':', "must be a colon behind the name of a field"))
      return false;
    skip_blanks();
    if (!value())
      return false;
    path_.resize(before);
    return true;
  }

  bool element() {
    auto before = path_.size();
    path_ += "[" + std::to_string(indices_.back()++) + "]";
    if (!value())
      return false;
    path_.resize(before);
    return true;
  }

  bool string() {
    ++at_;
    while (at_ < text_.size()) {
      auto c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (!escape())
          return false;
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20U)
        return fail("must not hold a control character as such");
      auto length = utf8_length(text_.substr(at_));
      if (length == 0)
        return fail("must be UTF-8");
      at_ += length;
    }
    return fail("must end with a quote");
  }

  bool escape() {
    constexpr auto simple = std::string_view{"\"\\/bfnrt"};
    auto c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c != 'u') {
      if (c == '\0' || simple.find(c) == std::string_view::npos)
        return fail("must not hold an escape that JSON does not know");
      at_ += 2;
      return true;
    }
    auto unit = unit_at(at_);
    if (unit < 0)
      return fail("must have four hex digits behind \\u");
    auto is_high = unit >= 0xD800 && unit <= 0xDBFF;
    auto is_low = unit >= 0xDC00 && unit <= 0xDFFF;
    auto next = is_high ? unit_at(at_ + unit_size) : -1;
    if (is_low || (is_high && (next < 0xDC00 || next > 0xDFFF)))
      return fail(half_of_a_pair);
    at_ += is_high ? 2 * unit_size : unit_size;
    return true;
  }

  /// @returns the UTF-16 unit written as `\uXXXX` at `at`, or -1.
  [[nodiscard]] int unit_at(std::size_t at) const {
    if (text_.substr(at).size() < unit_size || text_[at] != '\\'
        || text_[at + 1] != 'u')
      return -1;
    auto result = 0;
    for (auto i = std::size_t{2}; i < unit_size; ++i) {
      auto digit = hex_value(text_[at + i]);
      if (digit < 0)
        return -1;
      result = result * 16 + digit;
    }
    return result;
  }

  bool scalar() {
    for (auto word : {"true", "false", "null"})
      if (text_.substr(at_).starts_with(word)) {
        at_ += std::string_view{word}.size();
        return true;
      }
    return number() || fail("must be a JSON value");
  }

  bool number() {
    if (front() == '-')
      ++at_;
    if (front() == '0')
      ++at_;
    else if (!digits())
      return false;
    if (front() == '.' && (++at_, !digits()))
      return false;
    if (front() != 'e' && front() != 'E')
      return true;
    ++at_;
    if (front() == '+' || front() == '-')
      ++at_;
    return digits();
  }

  bool digits() {
    auto begin = at_;
    while (is_digit(front()))
      ++at_;
    return at_ > begin;
  }

  static constexpr auto unit_size = std::size_t{6};
  static constexpr auto name_max = std::size_t{60};

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string path_;
  std::vector<std::size_t> indices_;
  std::string_view value_;
  std::string_view rule_;
};

} // namespace

std::optional<json_fault> find_fault(std::string_view text) {
  return checker{text}.run();
}

std::string with_unicode(std::string_view text) {
  constexpr auto halves_max = 1'000; // Each costs a walk.
  auto result = as_utf8(text);
  for (auto i = 0; i < halves_max; ++i) {
    auto fault = find_fault(result);
    if (!fault || fault->rule != half_of_a_pair)
      break;
    result.replace(fault->offset, std::string_view{"\\uXXXX"}.size(),
                   "\\ufffd");
  }
  return result;
}

} // namespace stravasync::strava
