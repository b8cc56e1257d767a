#pragma once

#include "adapters/postgres/target.hpp"
#include "messages/error.hpp"

#include <string>
#include <type_traits>
#include <utility>

/// @file
/// What repositories and queries share within a session: the connection, and
/// the state of the transaction under way. Private to the adapter.

namespace stravasync::postgres {

enum class transaction_kind : std::uint8_t { read, write };

/// A session's connection and its transaction, if one is under way.
class session_state {
public:
  session_state(target at, std::unique_ptr<server_link> link)
    : at_{std::move(at)},
      link_{std::move(link)} {
    // nop
  }

  [[nodiscard]] const target& at() const {
    return at_;
  }

  [[nodiscard]] server_link& link() {
    return *link_;
  }

  /// Takes a new connection; statements have to be prepared again.
  void replace(std::unique_ptr<server_link> link) {
    link_ = std::move(link);
    ++generation_;
  }

  /// Grows with each connection.
  [[nodiscard]] std::uint64_t generation() const {
    return generation_;
  }

  /// @returns a name for a prepared statement that no other has.
  [[nodiscard]] std::string next_name() {
    return "s" + std::to_string(++names_);
  }

  void begin(transaction_kind what) {
    writable_ = what == transaction_kind::write;
    broken_ = caf::none;
    cause_ = {};
  }

  /// @returns the error that keeps the transaction from being committed.
  [[nodiscard]] const caf::error& broken() const {
    return broken_;
  }

  /// What broke it, if `broken()`.
  [[nodiscard]] const server_failure& cause() const {
    return cause_;
  }

  void break_off(server_failure cause) {
    broken_ = failure_of(cause, at_);
    cause_ = std::move(cause);
  }

  /// Runs `work`. What the server refuses breaks the transaction: it takes no
  /// further statement, and all later calls fail with the first error.
  template <class Work>
  [[nodiscard]] std::invoke_result_t<Work> query(Work&& work) {
    if (broken_)
      return broken_;
    try {
      return work();
    } catch (server_failure& thrown) {
      break_off(std::move(thrown));
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
  target at_;
  std::unique_ptr<server_link> link_;
  std::uint64_t generation_ = 1;
  std::uint64_t names_ = 0;
  bool writable_ = false;
  caf::error broken_;
  server_failure cause_;
};

/// A statement that is prepared when it is first used on a connection.
class lazy_statement {
public:
  explicit lazy_statement(std::string text) : text_{std::move(text)} {
    // nop
  }

  /// Throws `server_failure`.
  pqxx::result
  run(session_state& session, const std::vector<std::string>& values) {
    if (generation_ != session.generation()) {
      auto name = session.next_name();
      session.link().prepare(name, text_);
      name_ = std::move(name);
      generation_ = session.generation();
    }
    return session.link().run_prepared(name_, values);
  }

private:
  std::string text_;
  std::string name_;
  std::uint64_t generation_ = 0;
};

} // namespace stravasync::postgres
