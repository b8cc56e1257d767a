#include "actors/api/activities.hpp"

#include "actors/api/records.hpp"
#include "actors/api/sport_types.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <utility>

namespace stravasync {

namespace {

using relation = condition::relation;

constexpr auto cursor_columns = std::size_t{2}; // start_at_ms, id

list_query
query_of(const query::v1::ListActivities& x, std::vector<column_value> after) {
  list_query result;
  result.where = {
    {"athlete_id", relation::equal, x.athlete_id()},
    {"deleted_at_ms", relation::is_null, {}},
  };
  if (!x.sport_type().empty())
    result.where.push_back({"sport_type", relation::equal, x.sport_type()});
  if (x.from_ms() != 0)
    result.where.push_back({"start_at_ms", relation::at_least, x.from_ms()});
  if (x.to_ms() != 0)
    result.where.push_back({"start_at_ms", relation::less_than, x.to_ms()});
  result.after = std::move(after);
  result.limit = x.limit();
  result.raw = x.include_raw() ? raw_json::included : raw_json::left_out;
  return result;
}

/// A filter that matches nothing may be a typing error: a sport that neither
/// Strava documents nor this athlete has.
caf::error check_sport(transaction& tx, const query::v1::ListActivities& x) {
  if (x.sport_type().empty() || is_documented_sport(x.sport_type()))
    return {};
  auto totals = tx.queries().totals(x.athlete_id(), false);
  if (!totals)
    return totals.error();
  std::string known;
  for (const auto& one : *totals) {
    if (one.sport_type == x.sport_type())
      return {};
    known += (known.empty() ? "" : ", ") + one.sport_type;
  }
  return make_failure(ec::invalid_argument,
                      "sport_type: \"" + x.sport_type()
                        + "\" is no sport type of Strava's, and this athlete "
                          "has none of it (has: "
                        + (known.empty() ? "nothing yet" : known) + ")");
}

query::v1::Stats::Total to_message(const sport_total& total) {
  query::v1::Stats::Total result;
  result.set_sport_type(total.sport_type);
  result.set_month(total.month);
  result.set_count(total.count);
  result.set_distance_m(total.distance_m);
  result.set_moving_time_s(total.moving_time_s);
  result.set_elevation_gain_m(total.elevation_gain_m);
  return result;
}

} // namespace

activities_state::activities_state(
  activities_actor::stateful_pointer<activities_state> self)
  : self_{self} {
}

activities_actor::behavior_type
activities_state::make_behavior(actor_context context, store_access store,
                                std::shared_ptr<const token_cipher> cipher) {
  context_ = std::move(context);
  store_ = std::move(store);
  cipher_ = std::move(cipher);
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](const query::v1::ListActivities& x)
      -> caf::result<query::v1::ActivityList> {
      auto to = kit::make_promise<query::v1::ActivityList>(self_);
      list(x, to);
      return to;
    },
    [this](
      const query::v1::GetActivity& x) -> caf::result<query::v1::Activity> {
      auto to = kit::make_promise<query::v1::Activity>(self_);
      get(x, to);
      return to;
    },
    [this](const query::v1::GetStats& x) -> caf::result<query::v1::Stats> {
      auto to = kit::make_promise<query::v1::Stats>(self_);
      stats(x.athlete_id(), to);
      return to;
    });
}

void activities_state::list(const query::v1::ListActivities& x,
                            const kit::promise<query::v1::ActivityList>& to) {
  auto after = decode_cursor(x.cursor(), cursor_columns, *cipher_);
  if (!after)
    return to.deliver(after.error());
  using page = list_page<activity>;
  read_store_long<page>(
    self_, store_,
    [x, query = query_of(x, *after)](transaction& tx, page& out) -> caf::error {
      if (auto who = find_athlete(tx, x.athlete_id()); !who)
        return who.error();
      auto got = tx.activities().list(query);
      if (!got)
        return got.error();
      out = std::move(*got);
      return out.items.empty() ? check_sport(tx, x) : caf::error{};
    },
    [this, to](const caf::expected<page>& got) {
      if (!got)
        return to.deliver(got.error());
      query::v1::ActivityList result;
      for (const auto& row : got->items)
        *result.add_items() = stravasync::to_message(row);
      result.set_next_cursor(encode_cursor(got->next, *cipher_));
      to.deliver(std::move(result));
    });
}

void activities_state::get(const query::v1::GetActivity& x,
                           const kit::promise<query::v1::Activity>& to) {
  if (x.include_raw())
    return get_whole(x.id(), to);
  self_->request(store_.reader, caf::infinite, read_activity{x.id()})
    .then(
      [to](const activity_row& row) {
        to.deliver(stravasync::to_message(*row));
      },
      [to](caf::error& why) { to.deliver(std::move(why)); });
}

void activities_state::get_whole(std::int64_t id,
                                 const kit::promise<query::v1::Activity>& to) {
  read_store<activity>(
    self_, store_,
    [id](transaction& tx, activity& out) -> caf::error {
      auto got = tx.activities().get({id});
      if (!got)
        return got.error();
      if (!*got || (*got)->deleted_at_ms)
        return no_activity(id);
      out = std::move(**got);
      return {};
    },
    [to](const caf::expected<activity>& got) {
      if (!got)
        return to.deliver(got.error());
      to.deliver(stravasync::to_message(*got));
    });
}

void activities_state::stats(std::int64_t athlete_id,
                             const kit::promise<query::v1::Stats>& to) {
  read_store_long<query::v1::Stats>(
    self_, store_,
    [athlete_id](transaction& tx, query::v1::Stats& out) -> caf::error {
      if (auto who = find_athlete(tx, athlete_id); !who)
        return who.error();
      auto totals = tx.queries().totals(athlete_id, false);
      if (!totals)
        return totals.error();
      auto months = tx.queries().totals(athlete_id, true);
      if (!months)
        return months.error();
      for (const auto& one : *totals)
        *out.add_totals() = to_message(one);
      for (const auto& one : *months)
        *out.add_months() = to_message(one);
      return {};
    },
    [to](caf::expected<query::v1::Stats> got) { to.deliver(std::move(got)); });
}

activities_actor::behavior_type
activities(activities_actor::stateful_pointer<activities_state> self,
           actor_context context, store_access store,
           std::shared_ptr<const token_cipher> cipher) {
  return self->state.make_behavior(std::move(context), std::move(store),
                                   std::move(cipher));
}

} // namespace stravasync
