#pragma once

// libpqxx 6.4 does not know that C++20 lacks some of what it uses.
#include <pqxx/pqxx>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// @file
/// One connection of libpqxx, with what differs between its versions 6.4 and
/// 7.10 kept in `server_link.cpp`. Private to the adapter.

namespace stravasync::postgres {

/// What the server or the library said was wrong. Thrown within the adapter.
struct server_failure {
  /// Five characters of SQLSTATE; empty: the library's own.
  std::string sqlstate;
  std::string text;
  /// The connection is of no use any more.
  bool lost = false;
};

/// A connection. Transactions are statements (`BEGIN`), because a transaction
/// object cannot be begun again. All functions throw `server_failure`.
class server_link {
public:
  /// Connects. @param conninfo As libpq takes it.
  explicit server_link(const std::string& conninfo);
  server_link(const server_link&) = delete;
  server_link& operator=(const server_link&) = delete;
  ~server_link();

  /// Runs one or more statements without parameters.
  pqxx::result run(const std::string& statements);

  /// The number that the other end of the connection gave itself: a server's is
  /// its `pg_backend_pid()`, a pooler makes one up.
  [[nodiscard]] int peer_number() const;

  /// From now on each transaction may meet another connection of the server:
  /// nothing is kept there from one to the next.
  void expect_pooler();

  [[nodiscard]] bool is_pooled() const {
    return pooled_;
  }

  /// Behind a pooler the statement is sent whenever it is run.
  void prepare(const std::string& name, const std::string& statement);

  /// @param values In PostgreSQL's binary format, one per parameter.
  pqxx::result
  run_prepared(const std::string& name, const std::vector<std::string>& values);

  /// The same with the statement's text, which is not kept.
  pqxx::result run_once(const std::string& statement,
                        const std::vector<std::string>& values);

  [[nodiscard]] bool is_open() const;

private:
  template <class Work>
  auto guarded(Work&& work);

  bool pooled_ = false;
  std::map<std::string, std::string> texts_; // Behind a pooler, by name.
  std::unique_ptr<pqxx::connection> connection_;
  // Runs statements one by one, each as it is.
  std::unique_ptr<pqxx::nontransaction> statements_;
};

} // namespace stravasync::postgres
