#include "actors/roles/replay_actors.hpp"

#include "actors/api/ingest_writer.hpp"
#include "actors/api/run_keeper.hpp"
#include "actors/api/store_session.hpp"
#include "actors/consumer/sync.hpp"
#include "actors/ports/answer_of.hpp"
#include "actors/roles/ingest_rules.hpp"
#include "adapters/embedded_bus/embedded_bus.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "adapters/strava/strava_client.hpp"
#include "messages/error.hpp"

#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <cstdlib>
#include <filesystem>
#include <utility>

namespace stravasync {

namespace {

namespace fs = std::filesystem;

caf::actor_system_config& configure_replay(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", std::size_t{1});
  return config;
}

caf::error make_streams(stream_catalog& on) {
  for (const auto& one : streams()) {
    stream_config config;
    config.name = one.name;
    config.subjects = one.subjects;
    auto made
      = answer_of<bool>([&](auto done) { on.ensure(config, std::move(done)); });
    if (!made)
      return made.error();
  }
  return {};
}

} // namespace

replay_actors::scratch::scratch() {
  auto failed = std::error_code{};
  auto name = (fs::temp_directory_path(failed) / "stravasync-XXXXXX").string();
  if (!failed && ::mkdtemp(name.data()) != nullptr)
    path = name;
}

replay_actors::scratch::~scratch() {
  auto ignored = std::error_code{};
  if (!path.empty())
    fs::remove_all(path, ignored);
}

replay_actors::replay_actors(const settings& config,
                             std::shared_ptr<log> journal)
  : settings_{config},
    decoder_{strava::make_decoder()},
    system_{configure_replay(config_)} {
  context_.journal = std::move(journal);
  context_.now = [now = now_] { return now->load(); };
  context_.node = "replay";
}

caf::expected<std::unique_ptr<replay_actors>>
replay_actors::open(const settings& config, std::shared_ptr<log> journal) {
  auto result = std::unique_ptr<replay_actors>{
    new replay_actors{config, std::move(journal)}};
  if (auto why = result->open_scratch())
    return with_context(why, "the scratch folder");
  return result;
}

caf::error replay_actors::open_scratch() {
  if (folder_.path.empty())
    return make_failure(ec::unavailable, "it cannot be made in TMPDIR");
  auto opened = embedded_bus::open({.path = folder_.path + "/bus.db"},
                                   *context_.journal);
  if (!opened)
    return opened.error();
  bus_ = std::move(*opened);
  if (auto why = make_streams(*bus_))
    return why;
  auto where = sqlite::options{.path = folder_.path + "/store.db",
                               .create = true};
  auto applied = sqlite::migrate(where);
  if (!applied)
    return applied.error();
  open_store_ = [where] { return sqlite::open_session(where); };
  session_ = keep(
    system_.spawn<caf::detached>(store_session_loop, context_, open_store_));
  relay_ = keep(system_.spawn(no_relay));
  return {};
}

replay_actors::~replay_actors() {
  for (const auto& one : kept_)
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  session_ = nullptr;
  relay_ = nullptr;
  system_.clock().cancel_all();
}

delivery_handler_actor replay_actors::spawn(handler_kind kind) {
  auto store = store_access{session_, session_};
  switch (kind) {
    case handler_kind::ingest_writer:
      return keep(system_.spawn(ingest_writer, context_, store, decoder_,
                                relay_, ingest_rules(settings_)));
    case handler_kind::run_keeper:
      return keep(system_.spawn(run_keeper, context_, store, relay_));
    case handler_kind::sync:
      return keep(system_.spawn(
        sync, context_, bus_, keep(system_.spawn(recorded_tokens)),
        keep(system_.spawn(recorded_strava,
                           std::shared_ptr<const answer_at_hand>{strava_})),
        sync_config{.page_size = settings_.sync.page_size,
                    .limits = {settings_.sync.stalled_pages_max,
                               settings_.sync.activities_max}}));
  }
  return {};
}

caf::expected<local_actors>
replay_actors::lend(std::shared_ptr<stream_catalog> recorded) {
  auto known = athlete_book::read(recorded, *decoder_);
  if (!known)
    return known.error();
  auto session = open_store_();
  if (!session)
    return session.error();
  return local_actors{
    system_,  [this](handler_kind kind) { return spawn(kind); },
    now_,     std::move(*session),
    strava_,  std::move(recorded),
    decoder_, std::move(*known)};
}

} // namespace stravasync
