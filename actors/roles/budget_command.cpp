#include "actors/roles/commands.hpp"
#include "adapters/http/admin_client.hpp"
#include "adapters/http/budget_table.hpp"
#include "messages/error.hpp"
#include "messages/printable.hpp"

#include <cstdio>
#include <string>

namespace stravasync {

int run_budget(const settings& config, const admin_question& asked,
               bool resets) {
  auto where = http::parse_admin_address(
    asked.url.empty() ? config.http.listen.front() : asked.url);
  if (!where)
    return fail_command(where.error());
  auto client = http::admin_client{*where};
  auto answer = resets ? client.post("/api/v1/admin/budget/reset", "{}")
                       : client.get("/api/v1/admin/budget");
  if (!answer)
    return fail_command(answer.error());
  if (asked.json) {
    std::puts(printable(*answer).c_str());
    return 0;
  }
  auto lines = http::budget_table(*answer);
  if (!lines)
    return fail_command(lines.error());
  std::fputs(lines->c_str(), stdout);
  return 0;
}

} // namespace stravasync
