#pragma once

#include "adapters/jetstream/puller.hpp"

namespace stravasync::jetstream {

/// A durable's member, or a reader, as the port wants it.
class joined_subscription final : public subscription {
public:
  /// @param link An owner of the session.
  joined_subscription(std::shared_ptr<session> link,
                      std::shared_ptr<puller> from, consumer_options options,
                      std::shared_ptr<unsettled> open);

  ~joined_subscription() override;

  void request(std::size_t credit) override;

  void
  settle(std::string token, settlement what, completion<bool> done) override;

private:
  std::shared_ptr<session> link_;
  std::shared_ptr<puller> from_;
  const consumer_options options_;
  std::shared_ptr<unsettled> open_;
};

} // namespace stravasync::jetstream
