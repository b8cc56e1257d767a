#include "actors/roles/stores.hpp"

#include "adapters/postgres/postgres_store.hpp"
#include "adapters/sqlite/sqlite_store.hpp"

#include <filesystem>

namespace stravasync {

namespace {

template <class Steps>
caf::expected<std::vector<schema_step>> plain(caf::expected<Steps> from) {
  if (!from)
    return from.error();
  auto result = std::vector<schema_step>{};
  for (auto& each : *from)
    result.push_back({each.version, std::move(each.name)});
  return result;
}

void make_folder_of(const std::string& path) {
  auto folder = std::filesystem::path{path}.parent_path();
  auto failed = std::error_code{};
  // If it fails, opening the file says so.
  if (!folder.empty())
    std::filesystem::create_directories(folder, failed);
}

database in_file(const store_settings& config) {
  auto there = sqlite::options{};
  there.path = config.sqlite_path();
  auto made = there;
  made.create = true;
  auto result = database{};
  result.description = there.path;
  result.embedded = true;
  // Not made anew if it vanishes while running: that would hide the loss.
  result.open = [there] { return sqlite::open_session(there); };
  result.pending = [there] { return plain(sqlite::pending_migrations(there)); };
  result.migrate = [made] {
    make_folder_of(made.path);
    return plain(sqlite::migrate(made));
  };
  result.read_setting = [there](auto name) {
    return sqlite::read_setting(there, name);
  };
  result.write_setting_once = [there](auto name, auto value) {
    return sqlite::write_setting_once(there, name, value);
  };
  return result;
}

database on_server(const store_settings& config, std::string application_name) {
  auto there = postgres::options{};
  there.url = config.url;
  there.password = config.password.reveal();
  there.connect_timeout = config.connect_timeout;
  there.statement_timeout = config.statement_timeout;
  there.application_name = std::move(application_name);
  there.spare = postgres::make_spare_links();
  auto result = database{};
  result.description = postgres::description_of(there);
  result.open = [there] { return postgres::open_session(there); };
  result.pending = [there] {
    return plain(postgres::pending_migrations(there));
  };
  result.migrate = [there] { return plain(postgres::migrate(there)); };
  result.read_setting = [there](auto name) {
    return postgres::read_setting(there, name);
  };
  result.write_setting_once = [there](auto name, auto value) {
    return postgres::write_setting_once(there, name, value);
  };
  return result;
}

} // namespace

database
database_of(const store_settings& config, std::string application_name) {
  if (config.sqlite_path().empty())
    return on_server(config, std::move(application_name));
  return in_file(config);
}

} // namespace stravasync
