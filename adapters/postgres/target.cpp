#include "adapters/postgres/target.hpp"

#include "messages/error.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

namespace stravasync::postgres {

namespace {

struct free_options {
  void operator()(PQconninfoOption* list) const {
    PQconninfoFree(list);
  }
};

using keywords = std::map<std::string, std::string>;

/// @returns what the URL says, without defaults.
caf::expected<keywords> parse(const std::string& url) {
  auto refused = [](std::string why) {
    return make_failure(ec::invalid_argument, std::move(why));
  };
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://"))
    return refused("a PostgreSQL URL starts with postgresql://");
  char* text = nullptr;
  auto list = std::unique_ptr<PQconninfoOption, free_options>{
    PQconninfoParse(url.c_str(), &text)};
  auto owned = std::unique_ptr<char, void (*)(void*)>{text, PQfreemem};
  if (!list) {
    // It quotes the URL, perhaps with the password: of no use in a message.
    auto why = std::string_view{text == nullptr ? "" : text};
    constexpr auto unknown = std::string_view{"invalid URI query parameter"};
    if (why.starts_with(unknown))
      return refused("the PostgreSQL URL has an unknown parameter");
    return refused("the PostgreSQL URL cannot be read: its form is "
                   "postgresql://user@host:port/database?key=value, with other "
                   "characters as %XX");
  }
  auto result = keywords{};
  for (auto* each = list.get(); each->keyword != nullptr; ++each)
    if (each->val != nullptr)
      result.emplace(each->keyword, each->val);
  return result;
}

std::string quoted(const std::string& value) {
  auto result = std::string{"'"};
  for (auto c : value) {
    if (c == '\'' || c == '\\')
      result += '\\';
    result += c;
  }
  return result + "'";
}

std::string or_empty(const keywords& given, const char* key) {
  auto found = given.find(key);
  return found == given.end() ? std::string{} : found->second;
}

/// @returns whether libpq is to ask for encryption by Kerberos only where
/// somebody has set that up. By default it looks for a ticket at each
/// connection, which takes longer than all the rest.
bool leaves_kerberos_out(const keywords& given) {
  for (auto* name : {"PGGSSENCMODE", "PGSERVICE"})
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread changes it.
    if (std::getenv(name) != nullptr)
      return false;
  return !given.contains("gssencmode") && !given.contains("service");
}

std::string describe(const keywords& given) {
  auto result = std::string{"postgresql://"};
  auto user = or_empty(given, "user");
  auto host = or_empty(given, "host");
  auto port = or_empty(given, "port");
  if (!user.empty())
    result += user + "@";
  if (!host.starts_with("/")) {
    result += host;
    if (!port.empty())
      result += ":" + port;
  }
  result += "/" + or_empty(given, "dbname");
  if (host.starts_with("/"))
    result += "?host=" + host;
  return result;
}

/// libpq knows seconds, and takes one for two.
std::string in_seconds(std::chrono::milliseconds time) {
  auto whole = std::chrono::ceil<std::chrono::seconds>(time).count();
  return std::to_string(std::max(whole, decltype(whole){2}));
}

using setting = std::pair<std::string, std::string>;

/// What statements rely on, whatever the server's defaults are.
std::vector<setting> settings_of(const target& at) {
  using std::chrono::milliseconds;
  auto limit = at.statement_timeout;
  // A process that hangs in a transaction must not block the others.
  auto idle = std::max(limit * 2, milliseconds{60'000});
  return {{"client_min_messages", "error"},
          {"statement_timeout", std::to_string(limit.count())},
          {"idle_in_transaction_session_timeout", std::to_string(idle.count())},
          {"bytea_output", "hex"},
          {"extra_float_digits", "1"},
          // Every statement has an index, also while its table is small.
          {"enable_seqscan", "off"},
          {"jit", "off"}};
}

/// Runs at each start of a connection: one round trip. Behind a pooler it only
/// looks: the connection will be others', too.
std::string set_up(const target& at, int peer) {
  auto direct = "pg_backend_pid() = " + std::to_string(peer);
  auto set = std::string{};
  for (const auto& [name, value] : settings_of(at))
    set += "set_config('" + name + "', '" + value + "', false), ";
  return "SELECT current_setting('server_version_num'),"
         " current_setting('server_encoding'), "
         + direct + ", CASE WHEN " + direct + " THEN concat("
         + set
         // Whatever the server's default: a commit is on disk.
         + "(SELECT set_config('synchronous_commit', 'on', false)"
           " WHERE current_setting('synchronous_commit') = 'off')) END";
}

caf::error check_server(const pqxx::result& said, const target& at) {
  if (said[0][0].as<int>() < 120'000)
    return make_failure(ec::invalid_argument,
                        "the database " + at.description
                          + " runs on a PostgreSQL older than version 12");
  if (std::string_view{said[0][1].c_str()} != "UTF8")
    return make_failure(ec::invalid_argument,
                        "the database " + at.description + " has encoding "
                          + said[0][1].c_str() + ", it has to be UTF8");
  return caf::none;
}

} // namespace

caf::expected<target> target_of(const options& opts) {
  auto given = parse(opts.url);
  if (!given)
    return given.error();
  auto all = *given;
  if (!opts.password.empty())
    all["password"] = opts.password;
  // These do not replace what the URL says.
  all.emplace("connect_timeout", in_seconds(opts.connect_timeout));
  all.emplace("application_name", opts.application_name);
  all.emplace("client_encoding", "UTF8");
  if (leaves_kerberos_out(*given))
    all.emplace("gssencmode", "disable");
  // A host that is gone without a word is noticed after half a minute.
  all.emplace("keepalives_idle", "10");
  all.emplace("keepalives_interval", "5");
  all.emplace("keepalives_count", "4");
  all.emplace("tcp_user_timeout", "30000");
  auto result = target{};
  for (const auto& [key, value] : all)
    result.conninfo += key + "=" + quoted(value) + " ";
  result.description = describe(*given);
  result.statement_timeout = opts.statement_timeout;
  return result;
}

std::string description_of(const options& opts) {
  auto given = parse(opts.url);
  return given ? describe(*given) : "a PostgreSQL URL that cannot be read";
}

std::string begin_statements(const server_link& link, const target& at,
                             std::string_view mode) {
  auto result = "BEGIN " + std::string{mode};
  if (!link.is_pooled())
    return result;
  for (const auto& [name, value] : settings_of(at))
    result += "; SET LOCAL " + name + " = '" + value + "'";
  return result;
}

namespace {

/// A pooler may end the connection with the first transaction (PgBouncer in
/// mode statement), and libpqxx then knows no reason.
caf::error try_transaction(server_link& link, const target& at) {
  try {
    link.run(begin_statements(link, at, "READ ONLY"));
    link.run("ROLLBACK");
    return caf::none;
  } catch (const server_failure& thrown) {
    if (!thrown.lost)
      return connect_failure(thrown, at);
    return make_failure(ec::invalid_argument,
                        "the pooler before the database " + at.description
                          + " ends the connection when a transaction begins: "
                            "set its pool_mode to transaction or session");
  }
}

} // namespace

caf::expected<std::unique_ptr<server_link>> connect_to(const target& at) {
  try {
    auto made = std::make_unique<server_link>(at.conninfo);
    auto said = made->run(set_up(at, made->peer_number()));
    if (auto failure = check_server(said, at))
      return failure;
    if (!said[0][2].as<bool>()) {
      made->expect_pooler();
      if (auto failure = try_transaction(*made, at))
        return failure;
    }
    return made;
  } catch (const server_failure& thrown) {
    return connect_failure(thrown, at);
  }
}

void spare_links::leave(std::unique_ptr<server_link> link) {
  auto lock = std::lock_guard{mutex_};
  links_.push_back(std::move(link));
}

std::unique_ptr<server_link> spare_links::take() {
  auto lock = std::lock_guard{mutex_};
  while (!links_.empty()) {
    auto link = std::move(links_.back());
    links_.pop_back();
    if (link->is_open())
      return link;
  }
  return nullptr;
}

std::shared_ptr<spare_links> make_spare_links() {
  return std::make_shared<spare_links>();
}

caf::expected<std::unique_ptr<server_link>>
link_to(const target& at, const options& opts) {
  if (opts.spare)
    if (auto link = opts.spare->take())
      return link;
  return connect_to(at);
}

void leave(std::unique_ptr<server_link> link, const options& opts) {
  if (opts.spare && link->is_open())
    opts.spare->leave(std::move(link));
}

} // namespace stravasync::postgres
