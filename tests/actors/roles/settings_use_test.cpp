// How settings arrive where they act.

#include "actors/roles/front.hpp"
#include "actors/roles/groups.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace stravasync;

TEST_CASE("limits on what clients hold are the server's") {
  http_settings config;
  config.connections_max = 11;
  config.streams_max = 12;
  config.in_flight_max = 13;
  config.held_bytes_max = std::uint64_t{5} << 32;
  config.header_bytes_max = 15;
  config.body_bytes_max = 16;
  auto site = http::site{{config.public_url, config.listen, {}}};
  auto options = server_options_of(config, site);
  CHECK(options.connections_max == 11);
  CHECK(options.streams_max == 12);
  CHECK(options.in_flight_max == 13);
  CHECK(options.held_bytes_max == std::uint64_t{5} << 32);
  CHECK(options.header_bytes_max == 15);
  CHECK(options.body_bytes_max == 16);
}

TEST_CASE("one reader reads for all, more have long reads to themselves") {
  store_settings config;
  config.readers = 1;
  CHECK(long_reader_names(config).empty());
  config.readers = 3;
  CHECK(long_reader_names(config)
        == std::vector<std::string>{"store-reader-2", "store-reader-3"});
  config.readers = 0;
  CHECK(long_reader_names(config).size() >= 2);
}
