#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace stravasync::http {

/// Lets a few through at a time, in the order of their coming: for answers that
/// are large while they are made. The others wait as what they were asked,
/// which is small. Thread-safe; made with `make_shared`.
class turnstile : public std::enable_shared_from_this<turnstile> {
public:
  /// The right to be inside; what goes with its last copy.
  using turn = std::shared_ptr<void>;

  explicit turnstile(std::size_t at_once) : free_{at_once} {
  }

  /// Runs `work`: now, or later on the thread that ends another turn.
  void enter(std::function<void(turn)> work);

private:
  turn make_turn();
  void leave();

  std::mutex guard_;
  std::size_t free_;
  std::deque<std::function<void(turn)>> waiting_;
};

} // namespace stravasync::http
