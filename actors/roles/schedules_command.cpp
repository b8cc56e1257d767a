#include "actors/roles/commands.hpp"
#include "adapters/http/admin_client.hpp"
#include "adapters/http/schedule_table.hpp"
#include "adapters/http/url.hpp"
#include "messages/error.hpp"
#include "messages/printable.hpp"

#include <cstdio>
#include <string>

namespace stravasync {

namespace {

using table = caf::expected<std::string> (*)(std::string_view json);

int show(const settings& config, const admin_question& asked,
         const std::string& target, table as_table) {
  auto where = http::parse_admin_address(
    asked.url.empty() ? config.http.listen.front() : asked.url);
  if (!where)
    return fail_command(where.error());
  auto answer = http::admin_client{*where}.get(target);
  if (!answer)
    return fail_command(answer.error());
  if (asked.json) {
    std::puts(printable(*answer).c_str());
    return 0;
  }
  auto lines = as_table(*answer);
  if (!lines)
    return fail_command(lines.error());
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
