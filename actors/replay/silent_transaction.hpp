#pragma once

#include "actors/ports/forwarding.hpp"

namespace stravasync {

/// An outbox that takes everything and keeps nothing.
class no_outbox final : public repository<outbox_message> {
public:
  caf::expected<std::int64_t> create(const outbox_message&) override {
    return std::int64_t{1};
  }

  caf::error update(const outbox_message&) override {
    return {};
  }

  caf::expected<std::optional<outbox_message>>
  get(const std::vector<column_value>&) override {
    return std::optional<outbox_message>{};
  }

  caf::expected<std::vector<outbox_message>>
  get_many(std::span<const std::int64_t>, raw_json) override {
    return std::vector<outbox_message>{};
  }

  caf::expected<list_page<outbox_message>> list(const list_query&) override {
    return list_page<outbox_message>{};
  }

  caf::expected<std::vector<upsert_result>>
  upsert_many(std::span<const outbox_message> rows, unix_ms) override {
    return std::vector<upsert_result>(rows.size(), upsert_result::unchanged);
  }

  caf::expected<bool> erase(const std::vector<column_value>&) override {
    return false;
  }
};

/// A transaction without a voice: what is put into its outbox reaches nobody,
/// neither now nor when a node uses the database.
class silent_transaction final : public forwarding_transaction {
public:
  using forwarding_transaction::forwarding_transaction;

  repository<outbox_message>& outbox() override {
    return outbox_;
  }

private:
  no_outbox outbox_;
};

} // namespace stravasync
