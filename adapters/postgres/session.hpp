#pragma once

#include "adapters/postgres/queries.hpp"
#include "adapters/postgres/repository.hpp"

#include <functional>
#include <random>

/// @file
/// A session: transactions, and what is done when one fails. Private to the
/// adapter.

namespace stravasync::postgres {

/// The repositories of a session; its statements live as long as its
/// connection.
class session_transaction final : public transaction {
public:
  explicit session_transaction(session_state& state)
    : athletes_{state},
      credentials_{state},
      activities_{state},
      sync_runs_{state},
      sync_pages_{state},
      outbox_{state},
      queries_{state} {
    // nop
  }

  repository<athlete>& athletes() override {
    return athletes_;
  }

  repository<credential>& credentials() override {
    return credentials_;
  }

  repository<activity>& activities() override {
    return activities_;
  }

  repository<sync_run>& sync_runs() override {
    return sync_runs_;
  }

  repository<sync_page>& sync_pages() override {
    return sync_pages_;
  }

  repository<outbox_message>& outbox() override {
    return outbox_;
  }

  store_queries& queries() override {
    return queries_;
  }

private:
  table_repository<athlete> athletes_;
  table_repository<credential> credentials_;
  table_repository<activity> activities_;
  table_repository<sync_run> sync_runs_;
  table_repository<sync_page> sync_pages_;
  table_repository<outbox_message> outbox_;
  named_queries queries_;
};

class session final : public store_session {
public:
  using work_function = std::function<caf::error(transaction&)>;

  session(target at, std::unique_ptr<server_link> link);

  caf::error write(const work_function& work) override;
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
  caf::error
  try_once(transaction_kind what, const work_function& work, verdict& came_to);
  caf::error commit(verdict& came_to);
  caf::error fail(const server_failure& why, verdict& came_to);
  void roll_back();
  caf::error reconnect();

  session_state state_;
  session_transaction transaction_;
  std::minstd_rand random_{std::random_device{}()};
};

} // namespace stravasync::postgres
