#pragma once

#include "adapters/postgres/batch_statements.hpp"
#include "adapters/postgres/dialect.hpp"
#include "adapters/postgres/rows.hpp"
#include "adapters/postgres/session_state.hpp"
#include "adapters/sql/entities.hpp"
#include "adapters/sql/statements.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <unordered_map>

namespace stravasync::postgres {

/// Any entity's repository on PostgreSQL. Private to the adapter.
template <class Entity>
class table_repository final : public repository<Entity> {
public:
  explicit table_repository(session_state& session)
    : session_{session},
      insert_{insert_rows(shape)},
      update_{update_rows(shape)},
      upsert_{upsert_rows(shape)},
      select_{sql::select_by_key(dialect, shape)},
      select_many_{sql::select_matching(dialect, shape, raw_json::included)},
      select_brief_{sql::select_matching(dialect, shape, raw_json::left_out)},
      erase_{sql::erase_by_key(dialect, shape)} {
    // nop
  }

  caf::expected<std::int64_t> create(const Entity& row) override {
    using result = caf::expected<std::int64_t>;
    return session_.change([&]() -> result {
      auto keys = insert_.run(session_, encode_one(row));
      if (keys.empty())
        return make_failure(ec::already_exists, described() + " exists");
      auto id = std::int64_t{0};
      if constexpr (shape.rules.generated_key)
        read_field(keys[0], 0, id);
      return id;
    });
  }

  caf::error update(const Entity& row) override {
    return session_.change([&]() -> caf::error {
      if (!update_.run(session_, encode_one(row)).empty())
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
    using result = caf::expected<std::vector<Entity>>;
    return session_.query([&]() -> result {
      if (keys.empty())
        return std::vector<Entity>{};
      auto& select = raw == raw_json::included ? select_many_ : select_brief_;
      return read_rows<Entity>(select.run(session_, {encode(keys)}));
    });
  }

  caf::expected<list_page<Entity>> list(const list_query& query) override {
    if (auto failure = sql::check_page(shape, query))
      return failure;
    using result = caf::expected<list_page<Entity>>;
    return session_.query([&]() -> result {
      auto values = std::vector<std::string>{};
      for (const auto& each : query.where)
        if (each.is != condition::relation::is_null)
          values.push_back(encode(each.value, kind_of(each.column)));
      auto order = sql::names_in(shape.rules.order);
      for (auto i = std::size_t{0}; i < query.after.size(); ++i)
        values.push_back(encode(query.after[i], kind_of(order[i])));
      // One more than asked for tells whether there is more.
      values.push_back(encode(std::int64_t{query.limit} + 1));
      auto page = list_page<Entity>{};
      page.items
        = read_rows<Entity>(page_statement(query).run(session_, values));
      if (page.items.size() > query.limit) {
        page.items.pop_back();
        page.next = sql::order_key_of(page.items.back());
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
      for (const auto& batch : batches_of(rows))
        upsert(rows, batch, touch_before_ms, done);
      return done;
    });
  }

  caf::expected<bool> erase(const std::vector<column_value>& key) override {
    using result = caf::expected<bool>;
    return session_.change([&]() -> result {
      return erase_.run(session_, encode_key(key)).affected_rows() > 0;
    });
  }

private:
  using positions = std::vector<std::size_t>;

  static constexpr auto shape = sql::shape_of<Entity>;
  /// Rows in one statement: bounds the memory that one takes on the server.
  static constexpr auto batch_max = std::size_t{2'000};

  static std::string described() {
    return "the " + std::string{shape.rules.name} + " row";
  }

  static sql::value_kind kind_of(std::string_view column) {
    return shape.find(column)->kind;
  }

  static std::vector<std::string> encode_one(const Entity& row) {
    constexpr auto first = std::size_t{0};
    return encode_rows(std::span{&row, 1}, std::span{&first, 1});
  }

  static std::vector<std::string>
  encode_key(const std::vector<column_value>& key) {
    auto names = sql::names_in(shape.rules.key);
    assert(key.size() == names.size());
    auto values = std::vector<std::string>{};
    for (auto i = std::size_t{0}; i < key.size(); ++i)
      values.push_back(encode(key[i], kind_of(names[i])));
    return values;
  }

  std::optional<Entity> find(const std::vector<column_value>& key) {
    auto rows = select_.run(session_, encode_key(key));
    if (rows.empty())
      return std::nullopt;
    return read_row<Entity>(rows[0]);
  }

  /// Splits rows so that no key is twice in a batch: rows with one key have to
  /// see each other's effect, in order.
  static std::vector<positions> batches_of(std::span<const Entity> rows) {
    auto seen = std::map<std::vector<column_value>, std::size_t>{};
    auto rounds = std::vector<std::vector<positions>>{};
    for (auto i = std::size_t{0}; i < rows.size(); ++i) {
      auto key = sql::key_of(rows[i]);
      auto is_new = shape.rules.generated_key && key[0] == unset_key;
      auto round = is_new ? std::size_t{0} : seen[std::move(key)]++;
      if (round == rounds.size())
        rounds.emplace_back();
      auto& batches = rounds[round];
      if (batches.empty() || batches.back().size() == batch_max)
        batches.emplace_back();
      batches.back().push_back(i);
    }
    auto all = std::vector<positions>{};
    for (auto& batches : rounds)
      std::move(batches.begin(), batches.end(), std::back_inserter(all));
    return all;
  }

  void upsert(std::span<const Entity> rows, const positions& batch,
              unix_ms touch_before_ms, std::vector<upsert_result>& done) {
    auto values = encode_rows<Entity>(rows, batch);
    if (!shape.rules.guard.empty())
      values.push_back(encode(touch_before_ms));
    auto steps = upsert_.run(session_, values);
    assert(static_cast<std::size_t>(steps.size()) == batch.size());
    auto position = batch.begin();
    for (const auto& each : steps) {
      auto step = each[0].c_str()[0];
      if (step == upsert_created)
        done[*position] = upsert_result::created;
      else if (step == upsert_overwritten)
        done[*position] = upsert_result::updated;
      ++position;
    }
  }

  /// One prepared statement per shape of list; callers have a handful.
  lazy_statement& page_statement(const list_query& query) {
    auto text = sql::select_page(dialect, shape, query);
    auto i = pages_.find(text);
    if (i == pages_.end())
      i = pages_.emplace(text, lazy_statement{text}).first;
    return i->second;
  }

  static inline const auto unset_key = column_value{std::int64_t{0}};

  session_state& session_;
  lazy_statement insert_;
  lazy_statement update_;
  lazy_statement upsert_;
  lazy_statement select_;
  lazy_statement select_many_;
  lazy_statement select_brief_;
  lazy_statement erase_;
  std::unordered_map<std::string, lazy_statement> pages_;
};

} // namespace stravasync::postgres
