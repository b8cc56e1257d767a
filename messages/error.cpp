#include "messages/error.hpp"

#include <caf/sec.hpp>
#include <caf/string_algorithms.hpp>

#include <utility>

namespace stravasync {

std::string to_string(ec code) {
  switch (code) {
    case ec::none:
      return "none";
    case ec::invalid_argument:
      return "invalid_argument";
    case ec::not_found:
      return "not_found";
    case ec::already_exists:
      return "already_exists";
    case ec::conflict:
      return "conflict";
    case ec::unavailable:
      return "unavailable";
    case ec::timed_out:
      return "timed_out";
    case ec::exhausted:
      return "exhausted";
    case ec::malformed:
      return "malformed";
    case ec::needs_reauth:
      return "needs_reauth";
    case ec::scope_missing:
      return "scope_missing";
    case ec::forbidden:
      return "forbidden";
    case ec::rate_limited:
      return "rate_limited";
    case ec::rejected:
      return "rejected";
    case ec::upstream_failed:
      return "upstream_failed";
    case ec::full:
      return "full";
    case ec::internal:
      return "internal";
    case ec::denied:
      return "denied";
  }
  return "unknown";
}

namespace {

constexpr auto ours = caf::atom("strasync");
constexpr auto kits = caf::atom("kit");
constexpr auto no_delay = std::int64_t{-1};

} // namespace

caf::error invalid(std::string detail) {
  return make_failure(ec::invalid_argument, std::move(detail));
}

caf::error make_failure(ec code, std::string detail) {
  return caf::make_error(code, std::move(detail), no_delay);
}

caf::error make_failure(ec code, std::string detail,
                        std::chrono::milliseconds retry_after) {
  return caf::make_error(code, std::move(detail),
                         static_cast<std::int64_t>(retry_after.count()));
}

ec code_of(const caf::error& error) {
  if (!error)
    return ec::none;
  if (error.category() == ours)
    return static_cast<ec>(error.code());
  // The actor kit's answers when nobody is there to answer: unavailable,
  // broken promise, crashed. CAF's own for an actor that ended.
  constexpr auto kit_lost_max = 3;
  if (error.category() == kits && error.code() <= kit_lost_max)
    return ec::unavailable;
  if (error.category() == caf::atom("exit")
      || error == caf::sec::request_receiver_down
      || error == caf::sec::runtime_error)
    return ec::unavailable;
  return ec::internal;
}

std::string detail_of(const caf::error& error) {
  // No error has no context either, not even an empty one.
  if (!error)
    return {};
  const auto& context = error.context();
  if (!context.empty() && context.match_element<std::string>(0))
    return context.get_as<std::string>(0);
  return caf::to_string(error);
}

std::optional<std::chrono::milliseconds>
retry_after_of(const caf::error& error) {
  if (!error)
    return std::nullopt;
  const auto& context = error.context();
  if (context.size() < 2 || !context.match_element<std::int64_t>(1))
    return std::nullopt;
  auto ms = context.get_as<std::int64_t>(1);
  if (ms < 0)
    return std::nullopt;
  return std::chrono::milliseconds{ms};
}

caf::error with_context(const caf::error& error, std::string_view context) {
  auto detail = std::string{context} + ": " + detail_of(error);
  if (auto delay = retry_after_of(error))
    return make_failure(code_of(error), std::move(detail), *delay);
  return make_failure(code_of(error), std::move(detail));
}

} // namespace stravasync
