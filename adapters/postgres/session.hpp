#pragma once

#include "adapters/postgres/queries.hpp"
#include "adapters/postgres/repository.hpp"
#include "adapters/sql/session_transaction.hpp"

#include <functional>
#include <random>
#include <string>

/// @file
/// A session: transactions, and what is done when one fails. Private to the
/// adapter.

namespace stravasync::postgres {

using session_transaction
  = sql::session_transaction<table_repository, named_queries>;

class session final : public store_session {
public:
  using work_function = std::function<caf::error(transaction&)>;

  session(target at, std::unique_ptr<server_link> link);

  using store_session::write;

  caf::error write(std::span<const std::int64_t> about,
                   const work_function& work) override;
  caf::error read(const work_function& work) override;

private:
  /// What a try at a transaction came to.
  enum class verdict : std::uint8_t {
    done,     // Committed, or failed for good.
    conflict, // Rolled back by the server: the same again may work.
    lost,     // The connection is gone, and the transaction with it.
    unknown,  // The connection is gone, the commit was under way.
  };

  caf::error run(transaction_kind what, const work_function& work);
  void pause(int number);
  void begin(transaction_kind what);
  caf::error
  try_once(transaction_kind what, const work_function& work, verdict& came_to);
  caf::error commit(verdict& came_to);
  caf::error fail(const server_failure& why, verdict& came_to);
  void roll_back();
  caf::error reconnect();

  session_state state_;
  session_transaction transaction_;
  std::string locks_; // Of what the write is about.
  /// Whether the next try at a transaction is to have no other writer beside
  /// it.
  bool alone_ = false;
  bool may_be_alone_ = false;
  std::minstd_rand random_{std::random_device{}()};
};

} // namespace stravasync::postgres
