#include "actors/roles/commands.hpp"
#include "adapters/http/admin_client.hpp"
#include "adapters/http/schedule_table.hpp"
#include "adapters/http/url.hpp"
#include "messages/error.hpp"

#include <cstdio>
#include <string>

namespace stravasync {

namespace {

int fail(const caf::error& why) {
  std::fprintf(stderr, "stravasync: %s\n", detail_of(why).c_str());
  return code_of(why) == ec::invalid_argument ? 2 : 1;
}

using table = caf::expected<std::string> (*)(std::string_view json);

int show(const settings& config, const admin_question& asked,
         const std::string& target, table as_table) {
  auto where = http::parse_admin_address(
    asked.url.empty() ? config.http.listen.front() : asked.url);
  if (!where)
    return fail(where.error());
  auto answer = http::admin_client{*where}.get(target);
  if (!answer)
    return fail(answer.error());
  if (asked.json) {
    std::puts(answer->c_str());
    return 0;
  }
  auto lines = as_table(*answer);
  if (!lines)
    return fail(lines.error());
  std::fputs(lines->c_str(), stdout);
  return 0;
}

} // namespace

int run_schedules(const settings& config, const admin_question& asked) {
  return show(config, asked, "/api/v1/admin/schedules", http::schedules_table);
}

int run_schedule_runs(const settings& config, const admin_question& asked,
                      const std::string& schedule) {
  return show(config, asked,
              "/api/v1/admin/schedules/" + http::percent_encode(schedule)
                + "/runs",
              http::runs_table);
}

} // namespace stravasync
