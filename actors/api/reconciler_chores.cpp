#include "actors/api/reconciler.hpp"
#include "actors/api/second_looks.hpp"

#include <utility>

namespace stravasync {

void reconciler_state::begin_second_looks() {
  using athletes = std::vector<std::int64_t>;
  since_second_looks_ = milliseconds{0};
  auto before = context_.now() - config_.second_look.count();
  read_store_long<athletes>(
    self_, store_,
    [before](transaction& tx, athletes& out) -> caf::error {
      auto found = athletes_to_look_at_again(tx, before);
      if (!found)
        return found.error();
      out = std::move(*found);
      return {};
    },
    [this, before](const caf::expected<athletes>& found) {
      // A store that is away says so by itself; there is time.
      if (found)
        for (auto id : *found)
          begin_second_look(id, before);
    });
}

void reconciler_state::begin_second_look(std::int64_t athlete_id,
                                         unix_ms before_ms) {
  write_store_of<bool>(
    self_, store_, athlete_id,
    [athlete_id, before_ms, now = context_.now()](transaction& tx,
                                                  bool& out) -> caf::error {
      auto begun = stravasync::begin_second_look(tx, athlete_id, before_ms,
                                                 now);
      if (!begun)
        return begun.error();
      out = *begun;
      return {};
    },
    [this](const caf::expected<bool>& begun) {
      if (begun && *begun)
        self_->send(relay_, outbox_filled{});
    });
}

void reconciler_state::erase_old_runs() {
  since_erasing_ = milliseconds{0};
  write_store<std::int64_t>(
    self_, store_,
    [before = context_.now() - config_.runs_max_age.count(),
     limit = config_.erased_at_once](transaction& tx,
                                     std::int64_t& out) -> caf::error {
      auto erased = tx.queries().erase_runs(before, limit);
      if (!erased)
        return erased.error();
      out = *erased;
      return {};
    },
    [this](const caf::expected<std::int64_t>& erased) {
      // There may be more: others' writes come between.
      if (erased && *erased >= config_.erased_at_once)
        erase_old_runs();
    });
}

} // namespace stravasync
