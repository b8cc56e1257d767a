#pragma once

#include "adapters/sql/entities.hpp"
#include "adapters/sql/statements.hpp"
#include "adapters/sql/upsert.hpp"
#include "adapters/sqlite/created_rows.hpp"
#include "adapters/sqlite/dialect.hpp"
#include "adapters/sqlite/rows.hpp"
#include "adapters/sqlite/session_state.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace stravasync::sqlite {

/// Any entity's repository on SQLite. Private to the adapter.
template <class Entity>
class table_repository final : public repository<Entity> {
public:
  explicit table_repository(session_state& session)
    : session_{session},
      insert_{sql::insert_row(dialect, shape)},
      update_{sql::update_row(dialect, shape)},
      overwrite_{sql::overwrite_row(dialect, shape)},
      select_{sql::select_by_key(dialect, shape)},
      select_brief_{sql::select_matching(dialect, shape, raw_json::left_out)},
      erase_{sql::erase_by_key(dialect, shape)} {
    if constexpr (has_guard)
      advance_.emplace(sql::advance_guard(dialect, shape));
  }

  caf::expected<std::int64_t> create(const Entity& row) override {
    using result = caf::expected<std::int64_t>;
    return session_.change([&]() -> result {
      created_.begin();
      auto id = insert(row);
      if (!id)
        return make_failure(ec::already_exists, described() + " exists");
      created_.finish(session_);
      return *id;
    });
  }

  caf::error update(const Entity& row) override {
    return session_.change([&]() -> caf::error {
      if (write_over(row, update_))
        return caf::none;
      if (!shape.rules.version.empty() && find(sql::key_of(row)))
        return make_failure(ec::conflict,
                            described() + " was changed meanwhile");
      return make_failure(ec::not_found, described() + " does not exist");
    });
  }

  caf::expected<std::optional<Entity>>
  get(const std::vector<column_value>& key) override {
    using result = caf::expected<std::optional<Entity>>;
    return session_.query([&]() -> result { return find(key); });
  }

  caf::expected<std::vector<Entity>>
  get_many(std::span<const std::int64_t> keys, raw_json raw) override {
    // One prepared lookup after the other: within one process this is faster
    // than one statement with a list, and in key order it stays on few pages.
    auto sorted = std::vector<std::int64_t>(keys.begin(), keys.end());
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    using result = caf::expected<std::vector<Entity>>;
    return session_.query([&]() -> result {
      auto rows = std::vector<Entity>{};
      rows.reserve(sorted.size());
      auto& select
        = (raw == raw_json::included ? select_ : select_brief_).in(session_);
      for (auto key : sorted) {
        auto done = scoped_reset{select};
        select.bind(1, key);
        if (select.executeStep())
          rows.push_back(read_row<Entity>(select));
      }
      return rows;
    });
  }

  caf::expected<list_page<Entity>> list(const list_query& query) override {
    if (auto failure = sql::check_page(shape, query))
      return failure;
    using result = caf::expected<list_page<Entity>>;
    return session_.query([&]() -> result {
      auto& select = page_statement(query);
      auto done = scoped_reset{select};
      auto index = 0;
      for (const auto& each : query.where)
        if (each.is != condition::relation::is_null)
          bind_value(select, ++index, each.value);
      for (const auto& each : query.after)
        bind_value(select, ++index, each);
      // One more than asked for tells whether there is more.
      select.bind(++index, std::int64_t{query.limit} + 1);
      auto page = list_page<Entity>{};
      while (select.executeStep()) {
        if (page.items.size() == query.limit) {
          page.next = sql::order_key_of(page.items.back());
          break;
        }
        page.items.push_back(read_row<Entity>(select));
      }
      return page;
    });
  }

  caf::expected<std::vector<upsert_result>>
  upsert_many(std::span<const Entity> rows, unix_ms touch_before_ms) override {
    using result = caf::expected<std::vector<upsert_result>>;
    return session_.change([&]() -> result {
      auto done = std::vector<upsert_result>(rows.size(),
                                             upsert_result::unchanged);
      created_.begin();
      for (auto position : in_key_order(rows))
        done[position] = upsert(rows[position], touch_before_ms);
      created_.finish(session_);
      return done;
    });
  }

  caf::expected<bool> erase(const std::vector<column_value>& key) override {
    using result = caf::expected<bool>;
    return session_.change([&]() -> result {
      auto& erase = erase_.in(session_);
      auto done = scoped_reset{erase};
      bind_key(erase, key);
      return erase.exec() > 0;
    });
  }

private:
  static constexpr auto shape = sql::shape_of<Entity>;
  static constexpr auto has_guard = !shape.rules.guard.empty();
  static constexpr auto generated
    = shape.rules.generated_key ? shape.rules.key[0] : std::string_view{};

  static std::string described() {
    return "the " + std::string{shape.rules.name} + " row";
  }

  static void
  bind_key(SQLite::Statement& to, const std::vector<column_value>& key) {
    assert(key.size() == sql::names_in(shape.rules.key).size());
    auto index = 0;
    for (const auto& each : key)
      bind_value(to, ++index, each);
  }

  /// @returns the positions of `rows`, smallest key first, equal keys in order.
  /// SQLite fills its pages only if the keys of what it inserts rise: a list
  /// that comes newest first would leave each of them half empty.
  static std::vector<std::size_t> in_key_order(std::span<const Entity> rows) {
    auto keys = std::vector<std::vector<column_value>>{};
    keys.reserve(rows.size());
    for (const auto& row : rows)
      keys.push_back(sql::key_of(row));
    auto positions = std::vector<std::size_t>(rows.size());
    std::iota(positions.begin(), positions.end(), std::size_t{0});
    std::ranges::stable_sort(
      positions,
      {}, [&](std::size_t position) -> auto& { return keys[position]; });
    return positions;
  }

  /// @returns the generated id or 0; nothing if the key is taken.
  std::optional<std::int64_t> insert(const Entity& row) {
    auto& insert = insert_.in(session_);
    auto done = scoped_reset{insert};
    bind_row(insert, row, generated);
    if constexpr (!generated.empty()) {
      if (!insert.executeStep())
        return std::nullopt;
      auto id = insert.getColumn(0).getInt64();
      // The row counts as written once the statement ran to its end.
      static_cast<void>(insert.executeStep());
      return id;
    } else {
      if (insert.exec() == 0)
        return std::nullopt;
      created_.add(row);
      return std::int64_t{0};
    }
  }

  bool write_over(const Entity& row, lazy_statement& with) {
    auto& update = with.in(session_);
    auto done = scoped_reset{update};
    bind_row(update, row);
    return update.exec() > 0;
  }

  std::optional<Entity> find(const std::vector<column_value>& key) {
    auto& select = select_.in(session_);
    auto done = scoped_reset{select};
    bind_key(select, key);
    if (!select.executeStep())
      return std::nullopt;
    return read_row<Entity>(select);
  }

  upsert_result upsert(const Entity& row, unix_ms touch_before_ms) {
    auto key = sql::key_of(row);
    auto stored = std::optional<Entity>{};
    if constexpr (generated.empty()) {
      if (insert(row))
        return upsert_result::created;
      stored = find(key);
      assert(stored);
    } else if (stored = find(key); !stored) {
      insert(row);
      return upsert_result::created;
    }
    switch (sql::step_for(*stored, row, touch_before_ms)) {
      case sql::upsert_step::overwrite:
        created_.finish(session_);
        write_over(row, overwrite_);
        return upsert_result::updated;
      case sql::upsert_step::advance_guard:
        advance(row, key);
        return upsert_result::unchanged;
      case sql::upsert_step::leave:
        return upsert_result::unchanged;
    }
    return upsert_result::unchanged;
  }

  void advance(const Entity& row, const std::vector<column_value>& key) {
    auto& advance = advance_->in(session_);
    auto done = scoped_reset{advance};
    bind_key(advance, key);
    auto guard = sql::value_of(row, shape.rules.guard);
    bind_value(advance, static_cast<int>(key.size()) + 1, guard);
    advance.exec();
  }

  /// One prepared statement per shape of list; callers have a handful.
  SQLite::Statement& page_statement(const list_query& query) {
    auto text = sql::select_page(dialect, shape, query);
    auto i = pages_.find(text);
    if (i == pages_.end())
      i = pages_.emplace(text, lazy_statement{text}).first;
    return i->second.in(session_);
  }

  session_state& session_;
  lazy_statement insert_;
  lazy_statement update_;
  lazy_statement overwrite_;
  lazy_statement select_;
  lazy_statement select_brief_;
  lazy_statement erase_;
  std::optional<lazy_statement> advance_;
  created_rows<Entity> created_;
  std::unordered_map<std::string, lazy_statement> pages_;
};

} // namespace stravasync::sqlite
