#include "adapters/jetstream/jetstream_bus.hpp"

#include "adapters/jetstream/advisories.hpp"
#include "adapters/jetstream/consumers.hpp"
#include "adapters/jetstream/publishing.hpp"
#include "adapters/jetstream/reading.hpp"
#include "adapters/jetstream/settling.hpp"
#include "adapters/jetstream/streams.hpp"
#include "adapters/jetstream/watching.hpp"
#include "messages/error.hpp"

namespace stravasync::jetstream {

namespace {

/// @returns `done`, or what does nothing if nobody wants the answer.
template <class T>
completion<T> or_nobody(completion<T> done) {
  if (!done)
    return [](const caf::expected<T>&) {};
  return done;
}

void join(const std::shared_ptr<session>& link, consumer_options options,
          delivery_callback on_message, std::shared_ptr<unsettled> open,
          completion<std::shared_ptr<subscription>> done) {
  auto from = std::make_shared<puller>(link->shared_from_this(),
                                       reader_options{options},
                                       std::move(on_message), open);
  from->start([link = std::weak_ptr{link}, from, options, open,
               done = std::move(done)](const auto& got) {
    if (!got)
      return done(got.error());
    auto owner = link.lock();
    if (!owner)
      return from->close();
    done(std::make_shared<joined_subscription>(std::move(owner), from, options,
                                               open));
  });
}

} // namespace

jetstream_bus::jetstream_bus(std::shared_ptr<session> link)
  : link_(std::move(link)),
    keeper_(std::make_shared<keeper>(inner())),
    buckets_(std::make_shared<key_values>(inner(), keeper_)) {
  link_->add(keeper_);
}

void jetstream_bus::make_bucket(const bucket& what, completion<bool> done) {
  buckets_->make_bucket(what, std::move(done));
}

void jetstream_bus::publish(envelope message, completion<publish_ack> done) {
  auto area = message.subject.substr(0, message.subject.find('.'));
  auto then
    = [to = keeper_, area = std::move(area),
       done = or_nobody(std::move(done))](caf::expected<publish_ack> got) {
        to->published(area, got ? caf::error{} : got.error());
        done(std::move(got));
      };
  jetstream::publish(*link_, std::move(message), std::move(then));
}

std::shared_ptr<unsettled>
jetstream_bus::unsettled_of(const consumer_options& options) {
  if (options.durable.empty())
    return nullptr;
  auto lock = std::lock_guard{mutex_};
  auto& known = unsettled_[{options.stream, options.durable}];
  auto result = known.lock();
  if (!result)
    known = result = std::make_shared<unsettled>();
  return result;
}

void jetstream_bus::subscribe(consumer_options options,
                              delivery_callback on_message,
                              completion<std::shared_ptr<subscription>> done) {
  auto open = unsettled_of(options);
  join(link_, std::move(options), std::move(on_message), std::move(open),
       or_nobody(std::move(done)));
}

void jetstream_bus::subscribe_exhausted(
  std::string durable, exhausted_callback on_notice,
  completion<std::shared_ptr<subscription>> done) {
  auto options = notices_options(std::move(durable));
  auto open = unsettled_of(options);
  ensure(notices_config(),
         [link = std::weak_ptr{link_}, options, open,
          reader = notice_reader(std::move(on_notice)),
          done = or_nobody(std::move(done))](const auto& ready) {
           if (!ready)
             return done(ready.error());
           if (auto owner = link.lock())
             join(owner, options, reader, open, done);
         });
}

void jetstream_bus::ensure(stream_config config, completion<bool> done) {
  auto then = keeping(config, or_nobody(std::move(done)));
  ensure_stream(inner(), std::move(config), std::move(then));
}

completion<bool> jetstream_bus::keeping(const stream_config& config,
                                        completion<bool> done) const {
  return [to = keeper_, name = config.name,
          json = stream_json(config, link_->replicas()),
          done = std::move(done)](caf::expected<bool> got) {
    if (got)
      to->keep(name, json);
    done(std::move(got));
  };
}

void jetstream_bus::apply(stream_config config, completion<bool> done) {
  auto then = keeping(config, or_nobody(std::move(done)));
  apply_stream(inner(), std::move(config), std::move(then));
}

void jetstream_bus::apply(consumer_options options, completion<bool> done) {
  apply_consumer(inner(), options, or_nobody(std::move(done)));
}

void jetstream_bus::describe(completion<std::vector<stream_state>> done) {
  describe_streams(inner(), or_nobody(std::move(done)));
}

void jetstream_bus::read(read_options options,
                         completion<std::vector<stored_message>> done) {
  read_stream(inner(), std::move(options), or_nobody(std::move(done)));
}

void jetstream_bus::last(std::string stream, std::string filter_subject,
                         completion<std::optional<stored_message>> done) {
  last_message(inner(), stream, filter_subject, or_nobody(std::move(done)));
}

void jetstream_bus::remove(std::string stream, std::uint64_t sequence,
                           completion<bool> done) {
  remove_message(*link_, stream, sequence, or_nobody(std::move(done)));
}

void jetstream_bus::get(std::string bucket, std::string key,
                        completion<std::optional<key_value_entry>> done) {
  buckets_->get(bucket, key, or_nobody(std::move(done)));
}

void jetstream_bus::put(std::string bucket, std::string key, std::string value,
                        std::uint64_t expected,
                        completion<std::uint64_t> done) {
  buckets_->put(bucket, key, std::move(value), expected,
                or_nobody(std::move(done)));
}

void jetstream_bus::erase(std::string bucket, std::string key,
                          completion<bool> done) {
  buckets_->erase(bucket, key, or_nobody(std::move(done)));
}

void jetstream_bus::keys(std::string bucket,
                         completion<std::vector<std::string>> done) {
  buckets_->keys(bucket, or_nobody(std::move(done)));
}

void jetstream_bus::watch(std::string bucket,
                          std::function<void(key_value_change)> on_change,
                          completion<std::shared_ptr<key_value_watch>> done) {
  watch_bucket(link_, buckets_, bucket, std::move(on_change),
               or_nobody(std::move(done)));
}

} // namespace stravasync::jetstream
