#pragma once

#include "messages/units.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

/// @file
/// Rules that many messages have in common.

namespace stravasync {

/// Remembers the first rule that is broken.
class rules {
public:
  static constexpr auto page_number_max = std::uint32_t{1'000'000};
  static constexpr auto run_id_bytes_max = std::size_t{128};
  static constexpr auto text_bytes_max = std::size_t{4} << 10;

  explicit rules(std::string of = {}) : of_(std::move(of)) {
  }

  rules& must(bool kept, std::string_view field, std::string_view rule) {
    if (!kept && fault_.empty())
      fault_ = of_ + std::string{field} + " must be " + std::string{rule};
    return *this;
  }

  rules& id(std::string_view field, std::int64_t value) {
    return must(value > 0, field, "above 0");
  }

  /// A token of a subject.
  rules& run_id(std::string_view value) {
    auto fits = [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
             || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return must(!value.empty() && value.size() <= run_id_bytes_max
                  && std::ranges::all_of(value, fits),
                "run_id", "1 to 128 of A-Z a-z 0-9 _ -");
  }

  rules& page_number(std::uint32_t value) {
    return must(value > 0 && value <= page_number_max, "page_number",
                "1 to 1000000");
  }

  rules& seconds(std::string_view field, std::int64_t value) {
    return must(value >= first_s && value <= last_s, field,
                "a time of the years 1 to 9999");
  }

  rules& time(std::string_view field, std::int64_t value) {
    return must(value >= first_s * ms_per_s && value <= last_s * ms_per_s,
                field, "a time of the years 1 to 9999");
  }

  rules& text(std::string_view field, std::string_view value,
              std::size_t most = text_bytes_max) {
    return must(value.size() <= most, field,
                "at most " + std::to_string(most) + " bytes");
  }

  rules& known(std::string_view field, bool is_known) {
    return must(is_known, field, "a choice that this version knows");
  }

  rules& keeps(std::string fault) {
    if (fault_.empty())
      fault_ = std::move(fault);
    return *this;
  }

  [[nodiscard]] std::string fault() const {
    return fault_;
  }

private:
  // The years 1 to 9999.
  static constexpr auto first_s = std::int64_t{-62'135'596'800};
  static constexpr auto last_s = std::int64_t{253'402'300'799};

  std::string of_;
  std::string fault_;
};

} // namespace stravasync
