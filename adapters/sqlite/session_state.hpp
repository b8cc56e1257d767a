#pragma once

#include "adapters/sqlite/connection.hpp"
#include "messages/error.hpp"

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

/// @file
/// What repositories and queries share within a session: the connection, and
/// the state of the transaction under way. Private to the adapter.

namespace stravasync::sqlite {

/// One session's connection and its transaction, if one is under way.
class session_state {
public:
  session_state(SQLite::Database& database, std::string path)
    : database_{database},
      path_{std::move(path)} {
    // nop
  }

  void begin(scoped_transaction::kind what) {
    writable_ = what == scoped_transaction::kind::write;
    broken_ = caf::none;
  }

  /// @returns the error that keeps the transaction from being committed.
  [[nodiscard]] const caf::error& broken() const {
    return broken_;
  }

  [[nodiscard]] SQLite::Database& database() {
    return database_;
  }

  /// Runs `work`. What SQLite throws breaks the transaction, so that a caller
  /// who overlooks the error does not commit half of its work.
  template <class Work>
  [[nodiscard]] std::invoke_result_t<Work> query(Work&& work) {
    try {
      return work();
    } catch (const SQLite::Exception& thrown) {
      broken_ = failure_of(thrown, path_);
      return broken_;
    }
  }

  /// The same for work that writes.
  template <class Work>
  [[nodiscard]] std::invoke_result_t<Work> change(Work&& work) {
    if (!writable_)
      return make_failure(ec::invalid_argument,
                          "this transaction is for reading only");
    return query(std::forward<Work>(work));
  }

private:
  SQLite::Database& database_;
  std::string path_;
  bool writable_ = false;
  caf::error broken_;
};

/// A statement that is prepared when it is first used.
class lazy_statement {
public:
  explicit lazy_statement(std::string text) : text_{std::move(text)} {
    // nop
  }

  [[nodiscard]] SQLite::Statement& in(session_state& session) {
    if (!prepared_)
      prepared_.emplace(session.database(), text_);
    return *prepared_;
  }

private:
  std::string text_;
  std::optional<SQLite::Statement> prepared_;
};

} // namespace stravasync::sqlite
