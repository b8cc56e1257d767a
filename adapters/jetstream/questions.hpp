#pragma once

#include "adapters/jetstream/session.hpp"

#include <memory>
#include <string>

namespace stravasync::jetstream {

class jetstream_requests final : public requests {
public:
  /// @param link An owner of the session.
  explicit jetstream_requests(std::shared_ptr<session> link);

  void ask(std::string subject, std::string question, milliseconds deadline,
           completion<std::string> done) override;
  void
  serve(std::string subject, std::string group, question_callback on_question,
        completion<std::shared_ptr<responder_place>> done) override;

private:
  std::shared_ptr<session> link_;
};

} // namespace stravasync::jetstream
