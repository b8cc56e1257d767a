#include "adapters/jetstream/key_values.hpp"

#include "adapters/jetstream/faults.hpp"
#include "adapters/jetstream/json.hpp"
#include "adapters/jetstream/publishing.hpp"
#include "adapters/jetstream/reading.hpp"
#include "adapters/jetstream/streams.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

namespace stravasync::jetstream {

namespace {

constexpr auto operation = "KV-Operation";
constexpr auto expected_header = "Nats-Expected-Last-Subject-Sequence";
constexpr auto attempts_max = 16; // Of an erase that others come in between.

std::string stream_of(const std::string& bucket) {
  return std::string{bucket_prefix} + bucket;
}

std::string subject_of(const std::string& bucket, const std::string& key) {
  return "$KV." + bucket + "." + key;
}

/// As `nats kv add` makes them, without what servers before 2.10 do not know.
std::string bucket_json(const bucket& what, std::uint32_t replicas) {
  return "{\"name\":" + json_text(stream_of(what.name)) + ",\"subjects\":["
         + json_text(subject_of(what.name, ">"))
         + "],\"retention\":\"limits\",\"storage\":\"file\",\"discard\":\"new\""
           ",\"max_consumers\":-1,\"max_msgs\":-1,\"max_bytes\":-1"
           ",\"max_msgs_per_subject\":1,\"max_msg_size\":-1,\"max_age\":"
         + nanoseconds_text(what.max_age)
         + ",\"duplicate_window\":120000000000,\"allow_rollup_hdrs\":true"
           ",\"deny_delete\":true,\"deny_purge\":false,\"allow_direct\":true"
           ",\"num_replicas\":"
         + std::to_string(replicas) + "}";
}

caf::error conflict(const std::string& bucket, const std::string& key,
                    std::uint64_t expected) {
  return make_failure(ec::conflict, bucket + "/" + key
                                      + " has another revision than "
                                      + std::to_string(expected));
}

} // namespace

key_values::key_values(std::shared_ptr<session> over,
                       std::shared_ptr<keeper> buckets)
  : over_(std::move(over)),
    buckets_(std::move(buckets)) {
}

void key_values::make_bucket(const bucket& what, completion<bool> done) {
  buckets_->provide(stream_of(what.name), bucket_json(what, over_->replicas()),
                    std::chrono::nanoseconds{what.max_age}.count(),
                    std::move(done));
}

template <class T>
void key_values::in_bucket(const std::string& bucket, const completion<T>& done,
                           std::function<void()> then) {
  make_bucket({bucket},
              [done, then = std::move(then)](const caf::expected<bool>& ready) {
                if (!ready)
                  return done(ready.error());
                then();
              });
}

void key_values::look(const std::string& bucket, const std::string& key,
                      completion<current> done) {
  auto wrong = check_bucket(bucket);
  if (!wrong)
    wrong = check_key(key);
  if (wrong)
    return over_->post([done, wrong] { done(wrong); });
  in_bucket(bucket, done, [self = shared_from_this(), bucket, key, done] {
    self->look_at(bucket, key, done);
  });
}

void key_values::look_at(const std::string& bucket, const std::string& key,
                         completion<current> done) {
  // The stream's leader answers, so what was written is seen.
  last_message(
    over_, stream_of(bucket), subject_of(bucket, key),
    [done = std::move(done), to = buckets_, name = stream_of(bucket)](
      caf::expected<std::optional<stored_message>> got) {
      if (!got && is_missing(got.error())) {
        to->forget(name); // Somebody deleted the bucket.
        return done(current{});
      }
      if (!got)
        return done(got.error());
      if (!*got)
        return done(current{});
      auto& message = (*got)->message;
      done(current{(*got)->sequence, !is_deletion(message.headers),
                   std::move(message.payload)});
    });
}

void key_values::get(const std::string& bucket, const std::string& key,
                     completion<entry> done) {
  look(bucket, key, [done = std::move(done)](caf::expected<current> now) {
    if (!now)
      return done(now.error());
    if (!now->has_value)
      return done(entry{});
    done(entry{{std::move(now->value), now->revision}});
  });
}

void key_values::write(const change& what, completion<std::uint64_t> done) {
  auto message = envelope{subject_of(what.bucket, what.key),
                          {{expected_header, std::to_string(what.expected)}},
                          what.value};
  if (what.removes)
    message.headers.emplace(operation, "DEL");
  publish(*over_, std::move(message),
          [self = shared_from_this(), what,
           done = std::move(done)](const caf::expected<publish_ack>& got) {
            self->written(what, done, got);
          });
}

void key_values::written(const change& what,
                         const completion<std::uint64_t>& done,
                         const caf::expected<publish_ack>& got) {
  if (got)
    return done(got->sequence);
  auto code = code_of(got.error());
  if (code == ec::conflict)
    return done(conflict(what.bucket, what.key, what.expected));
  if (code != ec::not_found)
    return done(got.error());
  // Somebody deleted the bucket, and this value with it.
  buckets_->forget(stream_of(what.bucket));
  if (what.expected != 0)
    return done(conflict(what.bucket, what.key, what.expected));
  in_bucket(what.bucket, done, [self = shared_from_this(), what, done] {
    self->write(what, done);
  });
}

void key_values::put(const std::string& bucket, const std::string& key,
                     std::string value, std::uint64_t expected,
                     completion<std::uint64_t> done) {
  auto wrong = check_bucket(bucket);
  if (!wrong)
    wrong = check_key(key);
  if (wrong)
    return over_->post([done, wrong] { done(wrong); });
  auto what = change{bucket, key, std::move(value), false, expected};
  auto written = [self = shared_from_this(), what,
                  done](caf::expected<std::uint64_t> got) {
    auto occupied = !got && code_of(got.error()) == ec::conflict;
    if (what.expected != 0 || !occupied)
      return done(std::move(got));
    self->put_over_marker(what, done);
  };
  in_bucket(bucket, done, [self = shared_from_this(), what, written] {
    self->write(what, written);
  });
}

/// For JetStream the mark of a deletion is a message like any other.
void key_values::put_over_marker(const change& what,
                                 completion<std::uint64_t> done) {
  look(what.bucket, what.key,
       [self = shared_from_this(), what,
        done = std::move(done)](const caf::expected<current>& now) {
         if (!now)
           return done(now.error());
         if (now->has_value || now->revision == 0)
           return done(conflict(what.bucket, what.key, what.expected));
         auto over = what;
         over.expected = now->revision;
         self->write(over, done);
       });
}

void key_values::erase(const std::string& bucket, const std::string& key,
                       completion<bool> done) {
  erase_again(bucket, key, attempts_max, std::move(done));
}

void key_values::erase_again(const std::string& bucket, const std::string& key,
                             int attempts_left, completion<bool> done) {
  look(bucket, key,
       [=, self = shared_from_this()](const caf::expected<current>& now) {
         if (!now)
           return done(now.error());
         if (!now->has_value)
           return done(false);
         self->write({bucket, key, "", true, now->revision},
                     [=](const caf::expected<std::uint64_t>& got) {
                       if (got)
                         return done(true);
                       if (code_of(got.error()) != ec::conflict
                           || attempts_left <= 1)
                         return done(got.error());
                       self->erase_again(bucket, key, attempts_left - 1, done);
                     });
       });
}

/// The keys of a bucket while it is asked which of them have a value.
struct key_values::listing {
  std::mutex mutex;
  completion<std::vector<std::string>> done;
  std::vector<std::string> found;
  std::size_t waiting = 0;
  caf::error failure;

  void add(const std::string& key, const caf::expected<current>& now) {
    {
      auto lock = std::lock_guard{mutex};
      if (!now)
        failure = now.error();
      else if (now->has_value)
        found.push_back(key);
      if (--waiting > 0)
        return;
    }
    if (failure)
      return done(failure);
    std::ranges::sort(found);
    done(std::move(found));
  }
};

// Not by a consumer: while a value is replaced, 2.9.10 counts messages that it
// never delivers. At most as many keys as an answer lists, 100,000.
void key_values::keys(const std::string& bucket,
                      completion<std::vector<std::string>> done) {
  if (auto wrong = check_bucket(bucket))
    return over_->post([done, wrong] { done(wrong); });
  in_bucket(bucket, done, [self = shared_from_this(), bucket, done] {
    self->list(bucket, done);
  });
}

void key_values::list(const std::string& bucket,
                      const completion<std::vector<std::string>>& done) {
  auto prefix = subject_of(bucket, "").size();
  auto listed = [self = shared_from_this(), bucket, prefix,
                 done](const caf::expected<json_value>& got) {
    if (!got && !is_missing(got.error()))
      return done(got.error());
    if (!got)
      self->buckets_->forget(stream_of(bucket));
    auto subjects = got ? got->at("state").names("subjects")
                        : std::vector<std::string>{};
    if (subjects.empty())
      return done(std::vector<std::string>{});
    auto all = std::make_shared<listing>();
    all->done = done;
    all->waiting = subjects.size();
    for (const auto& subject : subjects) {
      auto key = subject.substr(prefix);
      self->look(bucket, key, [all, key](const caf::expected<current>& now) {
        all->add(key, now);
      });
    }
  };
  over_->call("$JS.API.STREAM.INFO." + stream_of(bucket),
              "{\"subjects_filter\":" + json_text(subject_of(bucket, ">"))
                + "}",
              std::move(listed));
}

} // namespace stravasync::jetstream
