#pragma once

#include <caf/error.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace stravasync::strava {

/// Strava's error body: `{"message", "errors":[{"resource","field","code"}]}`.
struct fault {
  struct entry {
    std::string resource;
    std::string field;
    std::string code;
  };
  bool is_json = false; // A JSON object, whatever it holds.
  std::string message;
  std::vector<entry> errors; // Empty if `errors` is a string, as once seen.
};

/// Reads whatever can be read; never fails.
[[nodiscard]] fault parse_fault(std::string_view body);

/// A response that is not the wanted one.
struct refusal {
  int status = 0;
  std::string_view body;
  std::string_view location; // Of a redirect.
};

/// @returns what an answer of the API other than 200 means. A 401 is about a
/// scope if the fault's field is `<scope>_permission`, else about the token.
[[nodiscard]] caf::error api_failure(const refusal& answer);

/// @returns the same for the OAuth endpoints, where a 400 or 401 tells by its
/// resource whether the application or the code or token was refused.
[[nodiscard]] caf::error oauth_failure(const refusal& answer);

/// @returns `text` in printable ASCII, at most 200 characters: fit for an
/// error's detail, wherever it came from.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace stravasync::strava
