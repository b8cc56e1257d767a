#pragma once

#include "actors/api/outbox_relay.hpp"
#include "actors/api/store_access.hpp"
#include "actors/api/store_session.hpp"
#include "adapters/secrets/token_cipher.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "messages/error.hpp"
#include "tests/actors/api/scripted_oauth.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/scratch_folder.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// Passes requests on to `inner`, or answers `why` while `down`: what actors
/// see of a guardian whose database comes and goes.
inline stravasync::store_session_actor::behavior_type
store_gate(stravasync::store_session_actor::pointer self,
           const stravasync::store_session_actor& inner,
           const std::shared_ptr<bool>& down,
           const std::shared_ptr<stravasync::ec>& why) {
  using namespace stravasync;
  auto refusal = [why] { return make_failure(*why, "no database"); };
  return {
    [=](store_write& work) -> caf::result<void> {
      if (*down)
        return refusal();
      return self->delegate(inner, std::move(work));
    },
    [=](store_read& work) -> caf::result<void> {
      if (*down)
        return refusal();
      return self->delegate(inner, std::move(work));
    },
    [=](const read_activity& which) -> caf::result<activity_row> {
      if (*down)
        return refusal();
      return self->delegate(inner, which);
    },
  };
}

/// Reads whatever it is told, and never ends.
inline stravasync::store_readers_actor::behavior_type
endless_readers(stravasync::store_readers_actor::pointer self) {
  return {
    [self](stravasync::store_read&) -> caf::result<void> {
      return self->make_response_promise<void>();
    },
  };
}

/// A cipher whose key is 32 times `byte`.
inline std::shared_ptr<const stravasync::token_cipher>
cipher_of(std::uint8_t byte) {
  std::array<std::uint8_t, stravasync::secrets::token_key::size> bytes{};
  bytes.fill(byte);
  return stravasync::secrets::make_cipher(
    stravasync::secrets::token_key{bytes});
}

/// Outlives the actors that have it open.
struct store_folder {
  stravasync::scratch_folder folder;
  stravasync::sqlite::options where{.path = folder.file("store.db"),
                                    .create = true};
};

/// A store on SQLite with its session actor and its outbox relay, the way the
/// actors of the api group find it, and a session of the test's own.
struct api_fixture : store_folder, actor_fixture {
  static constexpr auto who = std::int64_t{7};
  static constexpr auto all_scopes = "read,activity:read_all,profile:read_all";

  std::unique_ptr<stravasync::store_session> direct
    = std::move(*stravasync::sqlite::open_session(where));
  std::shared_ptr<const stravasync::token_cipher> cipher = cipher_of(1);
  std::shared_ptr<scripted_oauth> oauth = std::make_shared<scripted_oauth>();
  /// Whether the store is down, for writes and for reads.
  std::shared_ptr<bool> no_writes = std::make_shared<bool>(false);
  std::shared_ptr<bool> no_reads = std::make_shared<bool>(false);
  std::shared_ptr<stravasync::ec> down_as
    = std::make_shared<stravasync::ec>(stravasync::ec::unavailable);
  stravasync::store_session_actor session
    = keep(system().spawn(stravasync::store_session_loop, context(),
                          stravasync::store_opener{[at = where] {
                            return stravasync::sqlite::open_session(at);
                          }}));
  stravasync::store_access store{
    keep(system().spawn(store_gate, session, no_writes, down_as)),
    keep(system().spawn(store_gate, session, no_reads, down_as))};

  /// The same store, where long reads never end.
  stravasync::store_access with_endless_readers() {
    auto result = store;
    result.long_readers = keep(system().spawn(endless_readers));
    return result;
  }

  stravasync::outbox_relay_actor relay
    = keep(system().spawn(stravasync::outbox_relay, context(), store,
                          std::shared_ptr<stravasync::publisher>{bus},
                          stravasync::outbox_relay_config{}));

  /// Changes the store behind the actors' backs, as another node would.
  template <class Work>
  void change(Work work) {
    auto why = direct->write(
      [&](stravasync::transaction& tx) -> caf::error { return work(tx); });
    INFO(stravasync::detail_of(why));
    REQUIRE_FALSE(why);
  }

  /// @returns what `read(transaction&) -> caf::expected<T>` finds.
  template <class Read>
  auto look(Read read) {
    auto found
      = decltype(read(std::declval<stravasync::transaction&>())){caf::error{}};
    auto why = direct->read([&](stravasync::transaction& tx) -> caf::error {
      found = read(tx);
      return found ? caf::error{} : found.error();
    });
    INFO(stravasync::detail_of(why));
    REQUIRE_FALSE(why);
    return std::move(*found);
  }

  void
  add_athlete(std::int64_t id = who, const std::string& scope = all_scopes) {
    change([&](stravasync::transaction& tx) -> caf::error {
      auto made = tx.athletes().create(
        {.id = id, .name = "Ada", .scope = scope, .connected_at_ms = t0});
      return made ? caf::error{} : made.error();
    });
  }

  std::optional<stravasync::sync_run> run_row(const std::string& id) {
    return look(
      [&](stravasync::transaction& tx) { return tx.sync_runs().get({id}); });
  }

  std::optional<stravasync::activity> activity_row(std::int64_t id) {
    return look(
      [&](stravasync::transaction& tx) { return tx.activities().get({id}); });
  }

  std::int64_t activities_stored() {
    return look([&](stravasync::transaction& tx) {
      return tx.queries().count_activities(who);
    });
  }

  /// What the bus got of type `Message`, in order.
  template <class Message>
  std::vector<Message> published() const {
    std::vector<Message> result;
    for (const auto& one : bus->stored(stravasync::subject_filter(Message{})))
      REQUIRE(stravasync::decode(one, result.emplace_back()));
    return result;
  }
};

} // namespace test
