#pragma once

#include "actors/ports/store.hpp"

/// @file
/// What hands everything on to another: a base for one that does one thing in
/// its own way.

namespace stravasync {

template <class Entity>
class forwarding_repository : public repository<Entity> {
public:
  explicit forwarding_repository(repository<Entity>& inner) : inner_{inner} {
    // nop
  }

  caf::expected<std::int64_t> create(const Entity& row) override {
    return inner_.create(row);
  }

  caf::error update(const Entity& row) override {
    return inner_.update(row);
  }

  caf::expected<std::optional<Entity>>
  get(const std::vector<column_value>& key) override {
    return inner_.get(key);
  }

  caf::expected<std::vector<Entity>>
  get_many(std::span<const std::int64_t> keys, raw_json raw) override {
    return inner_.get_many(keys, raw);
  }

  caf::expected<list_page<Entity>> list(const list_query& query) override {
    return inner_.list(query);
  }

  using repository<Entity>::upsert_many;

  caf::expected<std::vector<upsert_result>>
  upsert_many(std::span<const Entity> rows, unix_ms touch_before_ms) override {
    return inner_.upsert_many(rows, touch_before_ms);
  }

  caf::expected<bool> erase(const std::vector<column_value>& key) override {
    return inner_.erase(key);
  }

private:
  repository<Entity>& inner_;
};

class forwarding_transaction : public transaction {
public:
  explicit forwarding_transaction(transaction& inner) : inner_{inner} {
    // nop
  }

  repository<athlete>& athletes() override {
    return inner_.athletes();
  }

  repository<credential>& credentials() override {
    return inner_.credentials();
  }

  repository<activity>& activities() override {
    return inner_.activities();
  }

  repository<absence>& absences() override {
    return inner_.absences();
  }

  repository<sync_run>& sync_runs() override {
    return inner_.sync_runs();
  }

  repository<sync_page>& sync_pages() override {
    return inner_.sync_pages();
  }

  repository<unread_activity>& unread_activities() override {
    return inner_.unread_activities();
  }

  repository<outbox_message>& outbox() override {
    return inner_.outbox();
  }

  store_queries& queries() override {
    return inner_.queries();
  }

private:
  transaction& inner_;
};

} // namespace stravasync
