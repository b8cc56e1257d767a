#pragma once

#include "actors/ports/store.hpp"

namespace stravasync::sql {

/// The tables of a session and its named queries. Their statements live as
/// long as the session.
/// @tparam Repository Of one entity; made from the session's state.
/// @tparam Queries Made from the session's state, too.
template <template <class> class Repository, class Queries>
class session_transaction final : public transaction {
public:
  template <class State>
  explicit session_transaction(State& state)
    : athletes_{state},
      credentials_{state},
      activities_{state},
      absences_{state},
      sync_runs_{state},
      sync_pages_{state},
      unread_activities_{state},
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

  repository<absence>& absences() override {
    return absences_;
  }

  repository<sync_run>& sync_runs() override {
    return sync_runs_;
  }

  repository<sync_page>& sync_pages() override {
    return sync_pages_;
  }

  repository<unread_activity>& unread_activities() override {
    return unread_activities_;
  }

  repository<outbox_message>& outbox() override {
    return outbox_;
  }

  store_queries& queries() override {
    return queries_;
  }

private:
  Repository<athlete> athletes_;
  Repository<credential> credentials_;
  Repository<activity> activities_;
  Repository<absence> absences_;
  Repository<sync_run> sync_runs_;
  Repository<sync_page> sync_pages_;
  Repository<unread_activity> unread_activities_;
  Repository<outbox_message> outbox_;
  Queries queries_;
};

} // namespace stravasync::sql
