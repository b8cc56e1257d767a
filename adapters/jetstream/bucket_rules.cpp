#include "adapters/jetstream/key_values.hpp"
#include "messages/error.hpp"

#include <algorithm>

namespace stravasync::jetstream {

caf::error check_bucket(const std::string& bucket) {
  auto fits = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; };
  if (!bucket.empty() && std::ranges::all_of(bucket, fits))
    return {};
  return make_failure(ec::invalid_argument,
                      "bucket '" + bucket + "' is not [A-Z_]+");
}

caf::error check_key(const std::string& key) {
  auto fits = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
           || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  if (!key.empty() && std::ranges::all_of(key, fits) && key.front() != '.'
      && key.back() != '.' && key.find("..") == std::string::npos)
    return {};
  return make_failure(ec::invalid_argument,
                      "key '" + key
                        + "' is not [A-Za-z0-9_.-]+ with single "
                          "dots inside");
}

bool is_deletion(const header_map& headers) {
  auto found = headers.find("KV-Operation");
  return found != headers.end()
         && (found->second == "DEL" || found->second == "PURGE");
}

} // namespace stravasync::jetstream
