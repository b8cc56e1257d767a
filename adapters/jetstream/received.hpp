#pragma once

#include "messages/contracts.hpp"

#include <nats/nats.h>

#include <memory>
#include <string>
#include <string_view>

namespace stravasync::jetstream {

/// A message that came. Copies share it; the views live as long as one does.
class received {
public:
  /// @param owned Destroyed with the last copy.
  explicit received(natsMsg* owned);

  [[nodiscard]] std::string_view subject() const;
  [[nodiscard]] std::string_view reply() const;
  [[nodiscard]] std::string_view data() const;

  /// @returns the header as it was sent; empty if there is none.
  [[nodiscard]] std::string header(const char* name) const;

  /// @returns the status that the server gives instead of a message, such as
  /// 408; 0 if it gives none.
  [[nodiscard]] int status() const;

  /// @returns all headers, decoded.
  [[nodiscard]] header_map headers() const;

private:
  std::shared_ptr<natsMsg> message_;
};

} // namespace stravasync::jetstream
