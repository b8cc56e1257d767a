#pragma once

// libpqxx 6.4 does not know that C++20 lacks some of what it uses.
#include <pqxx/pqxx>

#include <cstdint>
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

  void prepare(const std::string& name, const std::string& statement);

  /// @param values In PostgreSQL's binary format, one per parameter.
  pqxx::result
  run_prepared(const std::string& name, const std::vector<std::string>& values);

  [[nodiscard]] bool is_open() const;

private:
  template <class Work>
  auto guarded(Work&& work);

  std::unique_ptr<pqxx::connection> connection_;
  // Runs statements one by one, each as it is.
  std::unique_ptr<pqxx::nontransaction> statements_;
};

} // namespace stravasync::postgres
