#include "adapters/jetstream/watching.hpp"

#include "adapters/jetstream/puller.hpp"
#include "adapters/jetstream/streams.hpp"

#include <utility>

namespace stravasync::jetstream {

namespace {

constexpr auto read_ahead = std::size_t{256};

class bucket_watch final : public key_value_watch {
public:
  bucket_watch(std::shared_ptr<session> link, std::shared_ptr<puller> from)
    : link_(std::move(link)),
      from_(std::move(from)) {
  }

  ~bucket_watch() override {
    from_->close();
  }

private:
  std::shared_ptr<session> link_;
  std::shared_ptr<puller> from_;
};

key_value_change change_from(delivery what, std::size_t prefix) {
  auto deleted = is_deletion(what.message.headers);
  return {.key = what.message.subject.substr(prefix),
          .value = deleted ? std::nullopt
                           : std::optional{std::move(what.message.payload)},
          .revision = what.sequence};
}

void begin(const std::shared_ptr<session>& link, const std::string& bucket,
           std::function<void(key_value_change)> on_change,
           completion<std::shared_ptr<key_value_watch>> done) {
  auto how = reader_options{};
  how.options.stream = std::string{bucket_prefix} + bucket;
  how.options.filter_subject = "$KV." + bucket + ".>";
  how.last_per_subject = true;
  auto prefix = ("$KV." + bucket + ".").size();
  // Each delivery gives back its credit: there is no end to a watch.
  auto self = std::make_shared<std::weak_ptr<puller>>();
  auto came = [self, prefix, on_change = std::move(on_change),
               at_start = true](delivery what) mutable {
    // A key that was erased before the watch has no value to tell.
    auto news = !at_start || !is_deletion(what.message.headers);
    at_start = at_start && what.pending > 0;
    if (auto from = self->lock())
      from->request(1);
    if (news)
      on_change(change_from(std::move(what), prefix));
  };
  auto from = std::make_shared<puller>(link->shared_from_this(), std::move(how),
                                       came, nullptr);
  *self = from;
  from->start([link = std::weak_ptr{link}, from, done = std::move(done)](
                const caf::expected<joined_consumer>& got) {
    if (!got)
      return done(got.error());
    auto owner = link.lock();
    if (!owner)
      return from->close();
    from->request(read_ahead);
    done(std::make_shared<bucket_watch>(std::move(owner), from));
  });
}

} // namespace

void watch_bucket(const std::shared_ptr<session>& link,
                  const std::shared_ptr<key_values>& buckets,
                  const std::string& bucket,
                  std::function<void(key_value_change)> on_change,
                  completion<std::shared_ptr<key_value_watch>> done) {
  if (auto wrong = check_bucket(bucket))
    return link->post([done, wrong] { done(wrong); });
  buckets->make_bucket(
    {bucket},
    [weak = std::weak_ptr{link}, bucket, on_change = std::move(on_change),
     done = std::move(done)](const caf::expected<bool>& made) mutable {
      if (!made)
        return done(made.error());
      if (auto owner = weak.lock())
        begin(owner, bucket, std::move(on_change), std::move(done));
    });
}

} // namespace stravasync::jetstream
