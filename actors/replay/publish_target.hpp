#pragma once

#include "actors/replay/play.hpp"

#include <caf/expected.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace stravasync {

/// Fails with `ec::invalid_argument`: no subject, or one of a stream that
/// services work from, unless `force`.
/// @param subject As for `publish_target`.
[[nodiscard]] caf::error
check_target_subject(std::string_view subject, bool force);

/// Publishes each message anew under another subject, with its headers and a
/// new id; the id that it had is kept in `Ss-Original-Id` and its place in
/// `Ss-Origin`.
class publish_target final : public replay_target {
public:
  /// @param stream Where the messages come from.
  /// @param subject "replay.x": all go there; "replay.>": in place of '>' comes
  /// the subject that the message had.
  /// @param replay Names this replay in the new ids, so that the next one's
  /// differ.
  publish_target(std::shared_ptr<publisher> to, std::string stream,
                 std::string subject, std::string replay);

  caf::expected<bool> take(const stored_message& what) override;

  /// @returns the message that `what` becomes.
  [[nodiscard]] envelope anew(const stored_message& what) const;

private:
  std::shared_ptr<publisher> to_;
  std::string stream_;
  std::string subject_;
  std::string replay_;
};

} // namespace stravasync
