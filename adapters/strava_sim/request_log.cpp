#include "adapters/strava_sim/request_log.hpp"

#include <algorithm>

namespace stravasync::strava_sim {

namespace {

constexpr std::size_t requests_max = 10'000;
constexpr std::size_t refreshes_max = 1'000;

/// "/activities/123" and "/activities/124" are one path.
std::string without_ids(const std::string& path) {
  auto result = std::string{};
  for (std::size_t i = 0; i < path.size();) {
    auto end = std::min(path.find('/', i + 1), path.size());
    auto segment = path.substr(i, end - i);
    auto is_id = segment.size() > 1
                 && segment.find_first_not_of("0123456789", 1)
                      == std::string::npos;
    result += is_id ? "/{id}" : segment;
    i = end;
  }
  return result;
}

} // namespace

const logged_request& request_log::add(logged_request request) {
  request.sequence = last_ + 1;
  ++totals_[{request.method + " " + without_ids(request.path), request.status}];
  restore(std::move(request));
  return requests_.back();
}

void request_log::add(logged_refresh refresh) {
  refreshes_.push_back(refresh);
  if (refreshes_.size() > refreshes_max)
    refreshes_.pop_front();
}

std::vector<logged_request> request_log::since(std::uint64_t since) const {
  auto first = std::ranges::upper_bound(requests_, since, {},
                                        &logged_request::sequence);
  return {first, requests_.end()};
}

const std::deque<logged_refresh>& request_log::refreshes() const {
  return refreshes_;
}

const request_log::totals_map& request_log::totals() const {
  return totals_;
}

std::uint64_t request_log::last_sequence() const {
  return last_;
}

void request_log::restore(logged_request request) {
  last_ = request.sequence;
  requests_.push_back(std::move(request));
  if (requests_.size() > requests_max)
    requests_.pop_front();
}

void request_log::restore_total(const std::string& what, int status,
                                std::uint64_t count) {
  totals_[{what, status}] += count;
}

} // namespace stravasync::strava_sim
