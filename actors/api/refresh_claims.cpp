#include "actors/api/refresh_claims.hpp"

#include "actors/kit/continuation.hpp"
#include "messages/error.hpp"

#include <optional>
#include <utility>

namespace stravasync {

namespace {

caf::error taken() {
  return make_failure(ec::conflict, "another node refreshes these tokens");
}

} // namespace

refresh_claims::refresh_claims(caf::scheduled_actor* self,
                               std::shared_ptr<key_value> kv, std::string node)
  : self_{self},
    kv_{std::move(kv)},
    node_{std::move(node)} {
}

void refresh_claims::take(std::int64_t athlete_id,
                          std::function<void(caf::error)> then) {
  using entry = std::optional<key_value_entry>;
  kv_->get(refresh_bucket, std::to_string(athlete_id),
           kit::in_actor(self_, [this, athlete_id, then = std::move(then)](
                                  const caf::expected<entry>& got) {
             looked(athlete_id, got, then);
           }));
}

void refresh_claims::looked(
  std::int64_t athlete_id,
  const caf::expected<std::optional<key_value_entry>>& got,
  const std::function<void(caf::error)>& then) {
  if (!got)
    return then(got.error());
  auto& mine = claims_[athlete_id];
  auto revision = *got ? (*got)->revision : 0;
  auto text = *got ? (*got)->value : std::string{};
  if (!text.empty() && text == mine.text) {
    // We wrote it, though the answer was lost.
    mine.revision = revision;
    mine.held = true;
    return then({});
  }
  mine.looks = mine.rival == revision ? mine.looks + 1 : 1;
  mine.rival = revision;
  if (!text.empty() && mine.looks <= silent_looks_max)
    return then(taken());
  // Unlike any other: only one write can follow this revision.
  mine.text = node_ + "/" + std::to_string(revision);
  kv_->put(refresh_bucket, std::to_string(athlete_id), mine.text, revision,
           kit::in_actor(self_, [this, athlete_id, then](
                                  const caf::expected<std::uint64_t>& written) {
             if (!written)
               return then(code_of(written.error()) == ec::conflict
                             ? taken()
                             : written.error());
             auto& held = claims_[athlete_id];
             held.revision = *written;
             held.held = true;
             then({});
           }));
}

bool refresh_claims::holds(std::int64_t athlete_id) const {
  auto found = claims_.find(athlete_id);
  return found != claims_.end() && found->second.held && !found->second.over;
}

void refresh_claims::renew(std::int64_t athlete_id) {
  auto found = claims_.find(athlete_id);
  if (found == claims_.end() || !found->second.held
      || std::exchange(found->second.renewing, true))
    return;
  auto& mine = found->second;
  kv_->put(refresh_bucket, std::to_string(athlete_id), mine.text, mine.revision,
           kit::in_actor(self_, [this, athlete_id](
                                  const caf::expected<std::uint64_t>& written) {
             auto& renewed = claims_[athlete_id];
             renewed.renewing = false;
             if (written)
               renewed.revision = *written;
             if (renewed.over)
               release(athlete_id);
           }));
}

void refresh_claims::release(std::int64_t athlete_id) {
  auto found = claims_.find(athlete_id);
  if (found == claims_.end() || !found->second.held)
    return;
  auto& mine = found->second;
  if (mine.over = mine.renewing; mine.over)
    return;
  // If it fails the claim falls silent, which ends it too.
  kv_->put(refresh_bucket, std::to_string(athlete_id), {}, mine.revision,
           [](const caf::expected<std::uint64_t>&) {});
  claims_.erase(found);
}

} // namespace stravasync
