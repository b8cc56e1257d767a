#include "adapters/http/page.hpp"

#include "adapters/http/api.hpp"
#include "adapters/http/embedded.hpp"
#include "adapters/http/html_text.hpp"
#include "adapters/http/input.hpp"
#include "adapters/http/response_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>

namespace stravasync::http {

namespace {

constexpr auto index_name = std::string_view{"index.html"};
constexpr auto openapi_name = std::string_view{"openapi.json"};

const embedded_file* find_file(std::string_view name) {
  auto files = embedded_files();
  auto found = std::ranges::find(files, name, &embedded_file::name);
  return found == files.end() ? nullptr : &*found;
}

std::string content_type_of(std::string_view name) {
  struct known {
    std::string_view ending;
    std::string_view type;
  };
  constexpr auto types = std::to_array<known>({
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".json", "application/json"},
    {".woff2", "font/woff2"},
  });
  for (const auto& [ending, type] : types)
    if (name.ends_with(ending))
      return std::string{type};
  return "application/octet-stream";
}

/// A strong validator: FNV-1a of the bytes, and their number.
std::string etag_of(std::string_view bytes) {
  auto hash = std::uint64_t{14'695'981'039'346'656'037U};
  for (auto c : bytes)
    hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  std::array<char, 32> digits{};
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), hash,
                           16);
  return '"' + std::string{digits.data(), end.ptr} + '-'
         + std::to_string(bytes.size()) + '"';
}

/// If-None-Match is a list of tags or "*" (RFC 9110, 13.1.2).
bool has_tag(std::string_view list, std::string_view tag) {
  return list == "*" || list.find(tag) != std::string_view::npos;
}

/// Links from the root are links from the public path.
std::string under_path(std::string_view html, const site& where) {
  constexpr auto root = std::string_view{"=\"/"};
  std::string result;
  for (;;) {
    auto link = html.find(root);
    result += html.substr(0, link);
    if (link == std::string_view::npos)
      return result;
    result += "=\"" + where.path() + "/";
    html.remove_prefix(link + root.size());
  }
}

/// What a path of the page answers.
struct document {
  std::string content_type;
  std::string_view bytes;
  std::string etag;
};

void serve(const document& what, const call& asked) {
  auto result = response{.content_type = what.content_type,
                         .headers = page_headers()};
  // Asked for again each time, and mostly answered with 304: names of files
  // do not change when their content does.
  result.headers.emplace_back("Cache-Control", "no-cache");
  result.headers.emplace_back("ETag", what.etag);
  if (has_tag(asked.what.header_or_empty("if-none-match"), what.etag))
    result.status = 304;
  else
    result.body = what.bytes;
  asked.reply->send(std::move(result));
}

/// @param bytes Must outlive the routes.
void add_file(router& routes, std::string path, std::string_view name,
              std::string_view bytes) {
  auto what = document{content_type_of(name), bytes, etag_of(bytes)};
  routes.add("GET", std::move(path),
             [what = std::move(what)](call asked) { serve(what, asked); });
}

/// The page's frame, for as long as a route keeps it.
void add_index(router& routes, const embedded_file& index, const site& where) {
  auto html
    = std::make_shared<const std::string>(under_path(index.bytes, where));
  auto what = document{content_type_of(index.name), *html, etag_of(*html)};
  // The page itself looks at its address.
  for (const auto* path : {"/", "/athletes/{id}"})
    routes.add("GET", path, [what, html](call asked) { serve(what, asked); });
}

} // namespace

std::vector<std::pair<std::string, std::string>> page_headers() {
  return {
    // Athletes' pictures come from Strava's hosts.
    {"Content-Security-Policy",
     "default-src 'self'; img-src 'self' data: https:; object-src 'none'; "
     "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
  };
}

response problem_page(const problem& what, const site& where) {
  auto title = html_escaped(reason_phrase(what.status));
  auto detail = html_escaped(what.detail);
  auto before = under_path(
    "<!doctype html>\n<html lang=\"en\">\n<head>\n"
    "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
    "content=\"width=device-width, initial-scale=1\">\n"
    "<title>Not connected - Stravasync</title>\n"
    "<link rel=\"icon\" href=\"/assets/icon.svg\">\n"
    "<link rel=\"stylesheet\" href=\"/assets/base.css\">\n"
    "<link rel=\"stylesheet\" href=\"/assets/frame.css\">\n"
    "<link rel=\"stylesheet\" href=\"/assets/controls.css\">\n"
    "</head>\n<body>\n<main id=\"main\">\n<section class=\"panel\">\n"
    "<h1>Not connected</h1>\n<p id=\"problem\">",
    where);
  auto after = under_path("<p><a href=\"/connect\">Try again</a> or go <a "
                          "href=\"/\">back to the athletes</a>.</p>\n"
                          "</section>\n</main>\n</body>\n</html>\n",
                          where);
  auto result = response{.status = what.status,
                         .content_type = "text/html; charset=utf-8",
                         .body = before + detail + "</p>\n<p class=\"hint\">"
                                 + std::to_string(what.status) + " " + title
                                 + "</p>\n" + after,
                         .headers = page_headers()};
  result.headers.emplace_back("Cache-Control", "no-store");
  return result;
}

void mount_page(router& routes, const site& where) {
  if (const auto* index = find_file(index_name))
    add_index(routes, *index, where);
  for (const auto& file : embedded_files())
    if (file.name != index_name && file.name != openapi_name)
      add_file(routes, "/assets/" + std::string{file.name}, file.name,
               file.bytes);
}

std::string openapi_document(const site& where) {
  constexpr auto root = std::string_view{R"("servers": [{"url": "/"}])"};
  const auto* file = find_file(openapi_name);
  auto result = std::string{file == nullptr ? "{}" : file->bytes};
  auto servers = result.find(root);
  if (!where.path().empty() && servers != std::string::npos)
    result.replace(servers, root.size(),
                   R"("servers": [{"url": ")" + where.path() + R"("}])");
  return result;
}

} // namespace stravasync::http
