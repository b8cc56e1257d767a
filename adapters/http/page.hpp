#pragma once

#include "adapters/http/problem.hpp"
#include "adapters/http/server.hpp"
#include "adapters/http/site.hpp"

#include <string>
#include <utility>
#include <vector>

namespace stravasync::http {

/// What pages carry so that a browser runs and loads only what is ours.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> page_headers();

/// A problem as a small page with a way back to the page's start.
[[nodiscard]] response problem_page(const problem& what, const site& where);

} // namespace stravasync::http
