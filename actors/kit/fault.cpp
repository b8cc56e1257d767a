#include "actors/kit/fault.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/to_string.hpp>

#include <algorithm>
#include <utility>

namespace kit {

namespace {

constexpr auto category = caf::atom("kit");
constexpr auto exit_category = caf::atom("exit");
constexpr auto caf_category = caf::atom("system");
constexpr auto unknown_delay = std::int64_t{-1};

bool is_ours(const caf::error& error) {
  return error && error.category() == category;
}

} // namespace

std::string to_string(fault code) {
  switch (code) {
    case fault::unavailable:
      return "unavailable";
    case fault::broken_promise:
      return "broken_promise";
    case fault::crashed:
      return "crashed";
    case fault::gave_up:
      return "gave_up";
    case fault::did_not_stop:
      return "did_not_stop";
  }
  return "unknown";
}

caf::error make_fault(fault code, std::string detail,
                      std::optional<std::chrono::milliseconds> retry_after) {
  auto delay = unknown_delay;
  if (retry_after)
    delay = std::max<std::int64_t>(retry_after->count(), 0);
  return caf::make_error(code, std::move(detail), delay);
}

caf::error
unavailable(std::string what, std::chrono::milliseconds retry_after) {
  return make_fault(fault::unavailable, std::move(what), retry_after);
}

std::optional<std::chrono::milliseconds>
retry_after_of(const caf::error& error) {
  if (!is_ours(error))
    return std::nullopt;
  const auto& context = error.context();
  if (context.size() < 2 || !context.match_element<std::int64_t>(1))
    return std::nullopt;
  auto delay = context.get_as<std::int64_t>(1);
  if (delay < 0)
    return std::nullopt;
  return std::chrono::milliseconds{delay};
}

std::string describe(const caf::error& error) {
  if (!error)
    return "ended normally";
  const auto& context = error.context();
  if (!context.empty() && context.match_element<std::string>(0))
    return context.get_as<std::string>(0);
  if (error.category() == exit_category)
    return caf::to_string(static_cast<caf::exit_reason>(error.code()));
  if (error.category() == caf_category)
    return caf::to_string(static_cast<caf::sec>(error.code()));
  return caf::to_string(error);
}

bool is_lost(const caf::error& error) {
  if (!error)
    return false;
  if (is_ours(error))
    return true;
  return error.category() == exit_category
         || error == caf::sec::request_receiver_down
         || error == caf::sec::runtime_error;
}

} // namespace kit
