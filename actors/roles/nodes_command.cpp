#include "actors/roles/commands.hpp"
#include "adapters/http/admin_client.hpp"
#include "adapters/http/node_table.hpp"
#include "adapters/http/url.hpp"
#include "messages/error.hpp"
#include "messages/printable.hpp"

#include <cstdio>
#include <string>

namespace stravasync {

int run_nodes(const settings& config, const admin_question& asked) {
  auto where = http::parse_admin_address(
    asked.url.empty() ? config.http.listen.front() : asked.url);
  if (!where)
    return fail_command(where.error());
  http::admin_client client{*where};
  auto nodes = client.get("/api/v1/admin/nodes");
  if (!nodes)
    return fail_command(nodes.error());
  if (asked.json) {
    std::puts(printable(*nodes).c_str());
    return 0;
  }
  auto lines = http::nodes_table(*nodes, [&](const std::string& id) {
    return client.get("/api/v1/admin/actors?node=" + http::percent_encode(id));
  });
  if (!lines)
    return fail_command(lines.error());
  std::fputs(lines->c_str(), stdout);
  return 0;
}

} // namespace stravasync
