#include "adapters/embedded_bus/storage.hpp"

#include "adapters/embedded_bus/inspection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace stravasync::embedded_bus {

namespace {

// So that one turn does not hold up the others' calls.
constexpr auto ids_per_turn = std::size_t{500};

} // namespace

tables::tables(std::unique_ptr<database> opened, std::uint64_t revision_min)
  : db(std::move(opened)),
    messages(db->connection()),
    values(db->connection(), revision_min),
    add_stream(db->connection(),
               "INSERT INTO stream(name, subjects, refuse_when_full, "
               "max_age_ms, max_bytes, dedupe_window_ms, first_sequence, "
               "last_sequence, size_bytes, removed) "
               "VALUES(?,?,?,?,?,?,?,?,?,?)"),
    change_stream(db->connection(),
                  "UPDATE stream SET refuse_when_full=?, max_age_ms=?, "
                  "max_bytes=?, dedupe_window_ms=? WHERE id=?"),
    write_stream(db->connection(),
                 "UPDATE stream SET first_sequence=?, last_sequence=?, "
                 "size_bytes=?, removed=? WHERE id=?"),
    add_durable(db->connection(),
                "INSERT INTO durable(stream, name, filter_subject, "
                "delivered_to, pending, ack_wait_ms, max_ack_pending, "
                "max_deliver) VALUES(?,?,?,?,?,?,?,?)"),
    write_durable(db->connection(),
                  "UPDATE durable SET delivered_to=?, pending=? WHERE id=?"),
    change_durable(db->connection(),
                   "UPDATE durable SET ack_wait_ms=?, max_ack_pending=?, "
                   "max_deliver=? WHERE id=?"),
    put_unsettled(db->connection(),
                  "INSERT OR REPLACE INTO unsettled VALUES(?,?,?,?)"),
    erase_unsettled(db->connection(),
                    "DELETE FROM unsettled WHERE durable=? AND sequence=?") {
}

void storage::attach(std::unique_ptr<database> db, moment now, holders who) {
  now_ = now;
  tables_ = std::make_unique<tables>(std::move(db), last_revision_);
  load_streams();
  for (auto& [name, s] : streams_) {
    if (who == holders::gone)
      s.found_to = s.last_sequence;
    begin_dedupe(s);
  }
  load_durables();
  load_unsettled(who);
  hold_expiry();
  recreate();
  committed();
  tables_->db->trust();
  watchers_unsure_ = !watchers_.empty();
}

void storage::detach(bool damaged) {
  if (tables_ != nullptr && damaged)
    tables_->db->abandon();
  tables_.reset();
}

void storage::reload(holders who) {
  // The rows are true; what the failed transaction added has none.
  load_streams();
  std::erase_if(streams_, [](const auto& s) { return s.second.id == 0; });
  for (auto& [name, s] : streams_)
    s.dedupe.rollback();
  load_durables();
  for (auto& [name, s] : streams_) {
    std::erase_if(s.durables, [](const auto& d) { return d.second->id == 0; });
    for (auto& reader : s.readers) {
      reader->delivered_to = reader->committed_delivered_to;
      reader->pending = reader->committed_pending;
    }
  }
  load_unsettled(who);
}

void storage::flush() {
  for (auto& [name, s] : streams_) {
    if (s.changed)
      execution{tables_->write_stream, s.first_sequence, s.last_sequence,
                s.size_bytes,          s.removed,        s.id}
        .run();
    s.changed = false;
    for (auto& [durable_name, d] : s.durables) {
      if (d->changed)
        execution{tables_->write_durable, d->delivered_to, d->pending, d->id}
          .run();
      d->changed = false;
    }
  }
}

void storage::committed() {
  last_revision_ = tables_->values.last_revision();
  watchers_unsure_ = false;
  offset_ms_ = now_.wall_ms - now_.steady.count();
  for (auto& [name, s] : streams_) {
    s.dedupe.commit();
    for (auto& reader : s.readers) {
      reader->committed_delivered_to = reader->delivered_to;
      reader->committed_pending = reader->pending;
    }
  }
}

void storage::load_streams() {
  for (auto& [name, s] : streams_)
    s.id = 0;
  auto rows = SQLite::Statement{
    tables_->db->connection(),
    "SELECT id, first_sequence, last_sequence, size_bytes, refuse_when_full, "
    "max_age_ms, max_bytes, dedupe_window_ms, name, subjects, removed "
    "FROM stream"};
  execution at{rows};
  while (at.next()) {
    auto name = std::string{at.bytes(8)};
    auto& s = streams_[name];
    s.id = at.integer(0);
    s.first_sequence = at.number(1);
    s.last_sequence = at.number(2);
    s.size_bytes = at.number(3);
    s.config = {.name = name,
                .subjects = std::string{at.bytes(9)},
                .refuse_when_full = at.integer(4) != 0,
                .max_age = milliseconds{at.integer(5)},
                .max_bytes = at.number(6),
                .dedupe_window = milliseconds{at.integer(7)}};
    s.removed = at.number(10);
    s.changed = false;
    check(s);
    auto& messages = tables_->messages;
    auto oldest = messages.oldest(s.id, s.first_sequence, s.last_sequence);
    check(s, oldest ? oldest->sequence : 0,
          messages.goes_on(s.id, s.last_sequence));
    s.first_stored_at_ms = oldest ? oldest->stored_at_ms : 0;
    auto newest = messages.newest(s.id, s.first_sequence, s.last_sequence);
    s.last_stored_at_ms = newest ? newest->stored_at_ms : 0;
  }
}

void storage::begin_dedupe(stream& s) {
  s.dedupe.clear();
  s.dedupe_from = 1;
  s.dedupe_to = 0;
  if (s.id == 0)
    return;
  auto since = now_.wall_ms - s.config.dedupe_window.count();
  s.dedupe_from = tables_->messages.first_since(s.id, s.first_sequence,
                                                s.last_sequence, since);
  s.dedupe_to = s.last_sequence;
}

/// Nothing was added meanwhile: what is read is no part of a transaction, and
/// older than all that follows. What cannot be read is stepped over: the rest
/// of the stream works without it.
bool storage::load_dedupe(stream& s, std::size_t limit) {
  auto step = std::uint64_t{1};
  while (!s.knows_ids() && limit > 0) {
    auto from = s.dedupe_from;
    try {
      scan_ids(s, limit);
    } catch (const SQLite::Exception& thrown) {
      if (thrown.getErrorCode() != SQLITE_CORRUPT)
        throw;
      skips_ids_ = true;
      step = s.dedupe_from == from ? step * 2 : 1;
      s.dedupe_from += step;
    }
  }
  s.dedupe.commit();
  return !s.knows_ids();
}

void storage::scan_ids(stream& s, std::size_t& limit) {
  auto end = s.dedupe_to + 1;
  tables_->messages.scan_ids(
    s.id, s.dedupe_from, s.dedupe_to,
    [&](std::uint64_t sequence, std::string_view id, unix_ms at) {
      if (limit == 0) {
        end = sequence;
        return false;
      }
      if (!id.empty())
        s.dedupe.add(id, sequence, at);
      s.dedupe_from = sequence + 1;
      --limit;
      return true;
    });
  s.dedupe_from = end;
}

bool storage::take_skipped_ids() {
  return std::exchange(skips_ids_, false);
}

bool storage::load_dedupe() {
  auto more = false;
  for (auto& [name, s] : streams_)
    if (!s.knows_ids())
      more = load_dedupe(s, ids_per_turn) || more;
  return more;
}

void storage::load_durables() {
  for (auto& [name, s] : streams_)
    for (auto& [durable_name, d] : s.durables)
      d->id = 0;
  auto rows = SQLite::Statement{
    tables_->db->connection(),
    "SELECT d.id, d.delivered_to, d.pending, d.filter_subject, d.name, s.name, "
    "d.ack_wait_ms, d.max_ack_pending, d.max_deliver "
    "FROM durable d JOIN stream s ON s.id = d.stream"};
  execution at{rows};
  while (at.next()) {
    auto name = std::string{at.bytes(4)};
    auto& d = streams_[std::string{at.bytes(5)}].durables[name];
    if (d == nullptr)
      d = std::make_shared<durable>();
    d->id = at.integer(0);
    d->name = name;
    d->filter = at.bytes(3);
    d->delivered_to = at.number(1);
    d->pending = at.number(2);
    d->ack_wait = milliseconds{at.integer(6)};
    d->max_ack_pending = static_cast<std::uint32_t>(at.integer(7));
    d->max_deliver = static_cast<std::uint32_t>(at.integer(8));
    d->changed = false;
    check(*d, streams_.find(at.bytes(5))->second);
  }
}

void storage::load_unsettled(holders who) {
  auto rows = SQLite::Statement{
    tables_->db->connection(),
    "SELECT sequence, deliveries, due_at_ms FROM unsettled WHERE durable=?"};
  for (auto& [name, s] : streams_)
    for (auto& [durable_name, d] : s.durables) {
      d->unsettled.clear();
      execution at{rows, d->id};
      while (at.next()) {
        check_unsettled(*d, at.integer(0), at.integer(1), at.integer(2));
        // A delay asked for holds; who held the rest is gone, or at work.
        auto due = now_.steady;
        if (auto due_at = at.integer(2); due_at != 0)
          due += rest_of_delay(due_at);
        else if (who == holders::alive)
          due += d->ack_wait;
        d->unsettled.put(at.number(0),
                         {static_cast<std::uint32_t>(at.integer(1)), due});
      }
    }
}

void storage::recreate() {
  tables_->db->begin();
  for (auto& [name, s] : streams_) {
    if (s.id == 0) {
      // The messages are lost, the numbering goes on.
      s.first_sequence = s.last_sequence + 1;
      s.size_bytes = 0;
      s.removed = 0;
      insert_stream(s);
    }
    std::erase_if(s.durables, [](const auto& d) {
      return d.second->id == 0 && d.second->members.empty();
    });
    s.each_durable([&, &stream = s](durable& d) {
      if (d.id != 0)
        return;
      d.delivered_to = stream.last_sequence;
      d.pending = 0;
      if (!d.name.empty())
        insert_durable(stream, d);
    });
  }
  tables_->db->commit();
}

void storage::insert_stream(stream& s) {
  const auto& c = s.config;
  execution{tables_->add_stream,
            c.name,
            c.subjects,
            c.refuse_when_full,
            std::int64_t{c.max_age.count()},
            c.max_bytes,
            std::int64_t{c.dedupe_window.count()},
            s.first_sequence,
            s.last_sequence,
            s.size_bytes,
            s.removed}
    .run();
  s.id = tables_->db->connection().getLastInsertRowid();
}

void storage::insert_durable(const stream& s, durable& d) {
  execution{tables_->add_durable,
            s.id,
            d.name,
            d.filter,
            d.delivered_to,
            d.pending,
            std::int64_t{d.ack_wait.count()},
            d.max_ack_pending,
            d.max_deliver}
    .run();
  d.id = tables_->db->connection().getLastInsertRowid();
}

} // namespace stravasync::embedded_bus
