#pragma once

#include "adapters/jetstream/keeper.hpp"
#include "adapters/jetstream/session.hpp"

#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace stravasync::jetstream {

/// Buckets as streams, as NATS's key-value convention has them (NATS ADR-8), so
/// that `nats kv` shows them: stream KV_<bucket>, subject $KV.<bucket>.<key>,
/// the newest message of a subject is the value, a header marks a deletion.
class key_values : public std::enable_shared_from_this<key_values> {
public:
  using entry = std::optional<key_value_entry>;

  key_values(std::shared_ptr<session> over, std::shared_ptr<keeper> buckets);

  void get(const std::string& bucket, const std::string& key,
           completion<entry> done);
  void put(const std::string& bucket, const std::string& key, std::string value,
           std::uint64_t expected, completion<std::uint64_t> done);
  void erase(const std::string& bucket, const std::string& key,
             completion<bool> done);
  void
  keys(const std::string& bucket, completion<std::vector<std::string>> done);

  /// Makes the bucket if it is not there; one with another age is changed.
  void make_bucket(const bucket& what, completion<bool> done);

private:
  struct listing;
  struct current {
    std::uint64_t revision = 0; // 0: never written.
    bool has_value = false;
    std::string value;
  };

  struct change {
    std::string bucket;
    std::string key;
    std::string value;
    bool removes = false;
    std::uint64_t expected = 0;
  };

  /// Goes on with `then` once the bucket is there.
  template <class T>
  void in_bucket(const std::string& bucket, const completion<T>& done,
                 std::function<void()> then);
  void look(const std::string& bucket, const std::string& key,
            completion<current> done);
  void look_at(const std::string& bucket, const std::string& key,
               completion<current> done);
  void list(const std::string& bucket,
            const completion<std::vector<std::string>>& done);
  void write(const change& what, completion<std::uint64_t> done);
  void written(const change& what, const completion<std::uint64_t>& done,
               const caf::expected<publish_ack>& got);
  void put_over_marker(const change& what, completion<std::uint64_t> done);
  void erase_again(const std::string& bucket, const std::string& key,
                   int attempts_left, completion<bool> done);

  std::shared_ptr<session> over_;
  std::shared_ptr<keeper> buckets_;
};

/// @returns `ec::invalid_argument` if no bucket or no key can have that name.
[[nodiscard]] caf::error check_bucket(const std::string& bucket);
[[nodiscard]] caf::error check_key(const std::string& key);

/// @returns whether the headers mark a key that has no value any more.
[[nodiscard]] bool is_deletion(const header_map& headers);

} // namespace stravasync::jetstream
