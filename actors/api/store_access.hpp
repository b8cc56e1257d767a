#pragma once

#include "actors/protocols/store.hpp"

#include <caf/event_based_actor.hpp>

#include <memory>
#include <utility>

namespace stravasync {

/// The guarded sessions of the store that actors of the api group share.
struct store_access {
  store_session_actor writer;
  /// For short reads: of one row, or of few by an index.
  store_session_actor reader;
  /// For lists, statistics and whatever looks at many rows; null: the reader.
  store_readers_actor long_readers{};
};

namespace detail {

template <class Request, class Result, class Self, class Session, class Work,
          class Then>
void ask_store(Self* self, const Session& session, Request request, Work work,
               Then then) {
  auto result = std::make_shared<Result>();
  request.run = [result, work = std::move(work)](transaction& tx) {
    *result = Result{}; // It may run twice.
    return work(tx, *result);
  };
  self->request(session, caf::infinite, std::move(request))
    .then([result,
           then]() mutable { then(caf::expected<Result>{std::move(*result)}); },
          [then](caf::error& why) mutable {
            then(caf::expected<Result>{std::move(why)});
          });
}

} // namespace detail

/// Runs `work(transaction&, Result&) -> caf::error` in a read of the store, on
/// the session's thread: it must not touch the actor. Then, in the actor,
/// `then(caf::expected<Result>)`.
template <class Result, class Self, class Work, class Then>
void read_store(Self* self, const store_access& store, Work work, Then then) {
  detail::ask_store<store_read, Result>(self, store.reader, {}, std::move(work),
                                        std::move(then));
}

/// The same for a read that may take long.
template <class Result, class Self, class Work, class Then>
void read_store_long(Self* self, const store_access& store, Work work,
                     Then then) {
  if (!store.long_readers)
    return read_store<Result>(self, store, std::move(work), std::move(then));
  detail::ask_store<store_read, Result>(self, store.long_readers, {},
                                        std::move(work), std::move(then));
}

/// The same in a write, committed before `then`: of the outbox only, or by
/// single statements.
template <class Result, class Self, class Work, class Then>
void write_store(Self* self, const store_access& store, Work work, Then then) {
  detail::ask_store<store_write, Result>(self, store.writer, {},
                                         std::move(work), std::move(then));
}

/// The same in a write about one athlete, or `outbox_upkeep`.
template <class Result, class Self, class Work, class Then>
void write_store_of(Self* self, const store_access& store,
                    std::int64_t athlete_id, Work work, Then then) {
  auto request = store_write{{}, athlete_id};
  detail::ask_store<store_write, Result>(self, store.writer, request,
                                         std::move(work), std::move(then));
}

} // namespace stravasync
