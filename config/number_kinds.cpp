#include "config/kinds.hpp"
#include "config/nearest.hpp"
#include "config/quantity.hpp"
#include "config/toml_text.hpp"
#include "messages/error.hpp"

#include <array>
#include <limits>

namespace stravasync::kinds {

namespace {

caf::error out_of_range() {
  return invalid("out of range");
}

/// A choice among `names`, in the order of the enumeration from 0.
template <class E, std::size_t N>
kind<E> one_of(std::array<std::string, N> names) {
  auto allowed = std::string{};
  for (const auto& name : names)
    allowed += (allowed.empty() ? "" : ", ") + name;
  return {
    .form = toml_form::text,
    .allowed = allowed,
    .parse = [names](std::string_view text) -> caf::expected<E> {
      for (auto i = std::size_t{0}; i < N; ++i)
        if (names.at(i) == text)
          return static_cast<E>(i);
      return invalid("unknown value" + suggestion(text, names));
    },
    .show =
      [names](const E& value) {
        return toml_quoted(names.at(static_cast<std::size_t>(value)));
      },
  };
}

/// Shared by the kinds that are whole numbers of different widths.
template <class T>
kind<T> whole_between(T least, T most) {
  return {
    .form = toml_form::whole,
    .allowed = std::to_string(least) + " to " + std::to_string(most),
    .parse = [least, most](std::string_view text) -> caf::expected<T> {
      auto value = parse_whole(text);
      if (!value)
        return text.starts_with('-') ? out_of_range() : value.error();
      if (*value < least || *value > most)
        return out_of_range();
      return static_cast<T>(*value);
    },
    .show = [](const T& value) { return std::to_string(value); },
  };
}

} // namespace

kind<milliseconds>
duration(milliseconds least, milliseconds most, std::string zero) {
  auto range = format_duration(least) + " to " + format_duration(most);
  auto zero_allowed = !zero.empty();
  return {
    .form = toml_form::quantity,
    .allowed = zero_allowed ? "0 (" + zero + "), or " + range : range,
    .parse = [=](std::string_view text) -> caf::expected<milliseconds> {
      auto value = parse_duration(text);
      if (!value)
        return value.error();
      if (zero_allowed && value->count() == 0)
        return value;
      if (*value < least || *value > most)
        return out_of_range();
      return value;
    },
    .show =
      [](const milliseconds& value) {
        return toml_quoted(format_duration(value));
      },
  };
}

kind<std::uint64_t> bytes(std::uint64_t least, std::uint64_t most) {
  return {
    .form = toml_form::quantity,
    .allowed = format_bytes(least) + " to " + format_bytes(most),
    .parse = [least,
              most](std::string_view text) -> caf::expected<std::uint64_t> {
      auto value = parse_bytes(text);
      if (!value)
        return value.error();
      if (*value < least || *value > most)
        return out_of_range();
      return value;
    },
    .show =
      [](const std::uint64_t& value) {
        return toml_quoted(format_bytes(value));
      },
  };
}

kind<std::uint32_t> whole(std::uint32_t least, std::uint32_t most) {
  return whole_between<std::uint32_t>(least, most);
}

kind<std::uint64_t> whole_64() {
  // TOML's integers are signed.
  constexpr auto most
    = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return whole_between<std::uint64_t>(0, most);
}

kind<double> real(double least, double most) {
  return {
    .form = toml_form::real,
    .allowed = format_real(least) + " to " + format_real(most),
    .parse = [least, most](std::string_view text) -> caf::expected<double> {
      auto value = parse_real(text);
      if (!value)
        return value.error();
      if (*value < least || *value > most)
        return out_of_range();
      return value;
    },
    .show = [](const double& value) { return format_real(value); },
  };
}

kind<bool> yes_or_no() {
  return {
    .form = toml_form::yes_no,
    .allowed = "true or false",
    .parse = [](std::string_view text) -> caf::expected<bool> {
      if (text != "true" && text != "false")
        return invalid("neither true nor false");
      return text == "true";
    },
    .show = [](const bool& value) { return value ? "true" : "false"; },
  };
}

kind<rate_limits> limits() {
  return {
    .form = toml_form::whole_list,
    .allowed = "short_all,day_all,short_read,day_read, each 1 to 10000000",
    .parse = [](std::string_view text) -> caf::expected<rate_limits> {
      auto numbers = split_list(text);
      auto result = rate_limits{};
      auto fields = std::array{&result.short_all, &result.day_all,
                               &result.short_read, &result.day_read};
      if (numbers.size() != fields.size())
        return invalid("expected four numbers");
      auto number = whole(1, 10'000'000);
      for (auto i = std::size_t{0}; i < fields.size(); ++i) {
        auto value = number.parse(numbers[i]);
        if (!value)
          return value.error();
        *fields.at(i) = *value;
      }
      return result;
    },
    .show =
      [](const rate_limits& value) {
        return "[" + std::to_string(value.short_all) + ", "
               + std::to_string(value.day_all) + ", "
               + std::to_string(value.short_read) + ", "
               + std::to_string(value.day_read) + "]";
      },
  };
}

kind<log_threshold> threshold() {
  return one_of<log_threshold>(
    std::array<std::string, 4>{"debug", "info", "warning", "error"});
}

kind<log_format> format() {
  return one_of<log_format>(std::array<std::string, 3>{"auto", "json", "text"});
}

} // namespace stravasync::kinds
