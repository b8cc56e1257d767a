#include "adapters/postgres/target.hpp"

/// @file
/// The setting table: a few facts about the database as a whole, looked at when
/// the process starts.

namespace stravasync::postgres {

namespace {

/// Runs `work(link)` in a transaction on a connection of its own.
template <class Work>
auto connected(const options& opts, Work work)
  -> std::invoke_result_t<Work, server_link&> {
  auto at = target_of(opts);
  if (!at)
    return at.error();
  auto link = link_to(*at, opts);
  if (!link)
    return link.error();
  try {
    (*link)->run(
      begin_statements(**link, *at, "ISOLATION LEVEL READ COMMITTED"));
    auto result = work(**link);
    (*link)->run("COMMIT");
    leave(std::move(*link), opts);
    return result;
  } catch (const server_failure& thrown) {
    return failure_of(thrown, *at);
  }
}

std::optional<std::string> find(server_link& link, const std::string& name) {
  constexpr auto text = "SELECT value FROM setting WHERE name = $1";
  auto rows = link.run_once(text, {name});
  if (rows.empty())
    return std::nullopt;
  return rows[0][0].c_str();
}

void put(server_link& link, const std::string& on_conflict,
         std::string_view name, std::string_view value) {
  link.run_once("INSERT INTO setting (name, value) VALUES ($1, $2)"
                " ON CONFLICT "
                  + on_conflict,
                {std::string{name}, std::string{value}});
}

} // namespace

caf::expected<std::optional<std::string>>
read_setting(const options& opts, std::string_view name) {
  using result = caf::expected<std::optional<std::string>>;
  return connected(opts, [&](server_link& link) -> result {
    return find(link, std::string{name});
  });
}

caf::expected<std::string>
write_setting_once(const options& opts, std::string_view name,
                   std::string_view value) {
  using result = caf::expected<std::string>;
  return connected(opts, [&](server_link& link) -> result {
    // Writing waits for all who write just now.
    if (auto known = find(link, std::string{name}))
      return *known;
    put(link, "DO NOTHING", name, value);
    return find(link, std::string{name}).value_or(std::string{value});
  });
}

caf::error write_setting(const options& opts, std::string_view name,
                         std::string_view value) {
  return connected(opts, [&](server_link& link) -> caf::error {
    put(link, "(name) DO UPDATE SET value = excluded.value", name, value);
    return caf::none;
  });
}

} // namespace stravasync::postgres
