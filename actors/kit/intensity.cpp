#include "actors/kit/intensity.hpp"

namespace kit {

bool restart_window::exceeded_by(time_point now) {
  restarts_.push_back(now);
  while (now - restarts_.front() >= config_.period && restarts_.size() > 1)
    restarts_.pop_front();
  return restarts_.size() > config_.restarts_max;
}

} // namespace kit
