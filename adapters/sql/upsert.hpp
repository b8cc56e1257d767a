#pragma once

#include "adapters/sql/description.hpp"

#include <cstdint>
#include <limits>

/// @file
/// What an upsert does to a row that is there already: the same decision in
/// every dialect.

namespace stravasync::sql {

enum class upsert_step : std::uint8_t {
  overwrite,
  /// Same content: only remember that it was still so at a later time.
  advance_guard,
  leave,
};

/// @returns whether the rows are equal in every column but `ignored`.
template <class Entity>
[[nodiscard]] bool
equal_but(const Entity& a, const Entity& b, std::string_view ignored) {
  auto equal = true;
  for_each_column<Entity>([&](const auto& each) {
    equal = equal && (each.name == ignored || a.*each.member == b.*each.member);
  });
  return equal;
}

/// Last writer wins, by the guard's time rather than by order of arrival: a
/// page that is delivered late or again neither undoes a newer answer nor
/// brings back a row that was found to be gone after the page was fetched.
/// Nobody's row becomes another's.
/// @param touch_before Guards from this on are not advanced.
template <class Entity>
[[nodiscard]] upsert_step
step_for(const Entity& stored, const Entity& incoming,
         std::int64_t touch_before = std::numeric_limits<std::int64_t>::max()) {
  constexpr auto rules = entity<Entity>::rules;
  if constexpr (rules.guard.empty())
    return stored == incoming ? upsert_step::leave : upsert_step::overwrite;
  if constexpr (!rules.owner.empty())
    if (value_of(stored, rules.owner) != value_of(incoming, rules.owner))
      return upsert_step::leave;
  auto guard = value_of(incoming, rules.guard);
  auto known = value_of(stored, rules.guard);
  if (known > guard)
    return upsert_step::leave;
  if constexpr (!rules.tombstone.empty()) {
    // No value compares less than any.
    if (value_of(stored, rules.tombstone) > guard)
      return upsert_step::leave;
  }
  if (!equal_but(stored, incoming, rules.guard))
    return upsert_step::overwrite;
  return known == guard || known >= column_value{touch_before}
           ? upsert_step::leave
           : upsert_step::advance_guard;
}

} // namespace stravasync::sql
