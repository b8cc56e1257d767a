#include "actors/roles/commands.hpp"
#include "adapters/http/sync_client.hpp"

#include <cinttypes>
#include <cstdio>

namespace stravasync {

int run_sync_confirm(const settings& config, const cli::command& what) {
  auto where = http::parse_admin_address(
    what.url.empty() ? config.http.listen.front() : what.url);
  if (!where)
    return fail_command(where.error());
  http::admin_client node{*where};
  auto missing = http::find_missing(node, what.athlete);
  if (!missing)
    return fail_command(missing.error());
  if (missing->count == 0) {
    std::puts("nothing is missing");
    return 0;
  }
  if (!what.dry_run)
    if (auto why = http::confirm_missing(node, what.athlete, missing->count))
      return fail_command(why);
  std::printf("%s: %" PRId64 " activities, missing from Strava's list since "
              "%s\n",
              what.dry_run ? "would be deleted" : "deleted", missing->count,
              missing->since.c_str());
  return 0;
}

} // namespace stravasync
