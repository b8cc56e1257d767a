#include "actors/nodes/watched_store.hpp"

#include "messages/error.hpp"

#include <utility>

namespace stravasync {

namespace {

class watched_session final : public store_session {
public:
  watched_session(std::unique_ptr<store_session> inner, health_record record)
    : inner_{std::move(inner)},
      record_{std::move(record)} {
  }

  using store_session::write;

  caf::error
  write(std::span<const std::int64_t> about,
        const std::function<caf::error(transaction&)>& work) override {
    auto why = inner_->write(about, work);
    auto code = code_of(why);
    // One that says when to come again is busy and no more.
    if ((code == ec::unavailable && !retry_after_of(why)) || code == ec::denied)
      record_.failed(database_part, "", why);
    return why;
  }

  caf::error
  read(const std::function<caf::error(transaction&)>& work) override {
    auto why = inner_->read(work);
    // A server that is gone is told of by who guards the session.
    if (code_of(why) == ec::denied)
      record_.failed(database_reads_part, "", why);
    return why;
  }

private:
  std::unique_ptr<store_session> inner_;
  health_record record_;
};

} // namespace

store_opener watch_store(store_opener inner, health_record record) {
  using opened = std::unique_ptr<store_session>;
  return [inner = std::move(inner),
          record = std::move(record)]() -> caf::expected<opened> {
    auto session = inner();
    if (!session)
      return std::move(session.error());
    return opened{
      std::make_unique<watched_session>(std::move(*session), record)};
  };
}

} // namespace stravasync
