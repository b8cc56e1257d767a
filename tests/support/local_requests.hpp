#pragma once

#include "actors/ports/requests.hpp"
#include "messages/error.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace test {

/// Questions between actors of one test, as if over a network. A place answers
/// at once unless `lose` was said. On one thread.
class local_requests final
  : public stravasync::requests,
    public std::enable_shared_from_this<local_requests> {
public:
  /// The next `times` questions get no answer within their deadline.
  void lose(int times) {
    losses_ += times;
  }

  /// @returns the subjects asked for so far.
  [[nodiscard]] const std::deque<std::string>& asked() const {
    return asked_;
  }

  /// @returns how many places there are now.
  [[nodiscard]] std::size_t places() const {
    return places_.size();
  }

  void ask(std::string subject, std::string question, std::chrono::milliseconds,
           stravasync::completion<std::string> done) override {
    using namespace stravasync;
    asked_.push_back(subject);
    if (losses_ > 0) {
      --losses_;
      return done(make_failure(ec::timed_out, "nobody answered in time"));
    }
    auto found = places_.find(subject);
    if (found == places_.end())
      return done(make_failure(ec::unavailable, "nobody answers " + subject));
    found->second(std::move(question), std::move(done));
  }

  void
  serve(std::string subject, std::string,
        stravasync::question_callback on_question,
        stravasync::completion<std::shared_ptr<stravasync::responder_place>>
          done) override {
    places_[subject] = std::move(on_question);
    done(std::make_shared<place>(shared_from_this(), subject));
  }

private:
  class place final : public stravasync::responder_place {
  public:
    place(std::shared_ptr<local_requests> in, std::string subject)
      : in_{std::move(in)},
        subject_{std::move(subject)} {
    }

    ~place() override {
      in_->places_.erase(subject_);
    }

  private:
    std::shared_ptr<local_requests> in_;
    std::string subject_;
  };

  std::map<std::string, stravasync::question_callback> places_;
  std::deque<std::string> asked_;
  int losses_ = 0;
};

} // namespace test
