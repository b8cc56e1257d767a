#pragma once

#include "tests/support/node_cluster.hpp"

#include <boost/json/serialize.hpp>

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

/// @file
/// Work that a cluster is never done with.

namespace test {

/// How far one athlete is.
struct progress {
  std::string run;
  std::int64_t pages = 0;
};

/// Athletes who always have work under way.
class load {
public:
  static constexpr auto first_athlete = 80'000'001;
  static constexpr auto athletes = 8;

  explicit load(::test::node_cluster& all) : all_{all} {
  }

  /// @returns how far each athlete is, by whatever api node answers; none if
  /// none does. Whoever is through begins again.
  std::vector<progress> look() {
    for (const auto* name : {"api-1", "api-2"})
      try {
        std::vector<progress> result;
        for (auto i = 0; i < athletes; ++i)
          result.push_back(look_at(name, first_athlete + i));
        return result;
      } catch (const std::exception&) {
        continue; // Killed, or what it needs is.
      }
    return {};
  }

  /// @returns how far the athletes are, and what waits in the streams, as text.
  std::string state() {
    auto result = std::string{};
    try {
      for (auto i = 0; i < athletes; ++i)
        result += boost::json::serialize(
                    all_.get("api-1", sync_of(first_athlete + i)))
                  + "\n";
      result
        += boost::json::serialize(all_.get("api-1", "/api/v1/admin/streams"));
    } catch (const std::exception& why) {
      result += why.what();
    }
    return result + "\n";
  }

private:
  static std::string sync_of(std::int64_t athlete) {
    return "/api/v1/athletes/" + std::to_string(athlete) + "/sync";
  }

  progress look_at(const std::string& name, std::int64_t athlete) {
    auto target = sync_of(athlete);
    auto sync = all_.get(name, target);
    if (sync.at("state") == "complete" || sync.at("state") == "failed")
      all_.http(name).post(target, R"({"mode":"relist"})");
    const auto& run = sync.at("run_id");
    return {run.is_string() ? std::string{run.as_string()} : std::string{},
            sync.at("pages_stored").to_number<std::int64_t>()};
  }

  ::test::node_cluster& all_;
};

/// Pages of one athlete that show that its chain of jobs goes on: those that
/// were on their way when something was killed may still arrive.
inline constexpr auto pages_on = 4;

/// @returns whether each athlete's chain of jobs went on in between.
inline bool
goes_on(const std::vector<progress>& before, const std::vector<progress>& now) {
  if (now.empty())
    return false;
  for (auto i = std::size_t{0}; i < now.size(); ++i)
    if (now[i].run == before[i].run
        && now[i].pages < before[i].pages + pages_on)
      return false;
  return true;
}

} // namespace test
