#include "adapters/strava_sim/pages.hpp"

#include "adapters/http/html_text.hpp"
#include "adapters/strava_sim/simulator.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace stravasync::strava_sim {

namespace {

using http::html_escaped;

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--bg:#f4f4f2;--card:#fff;--ink:#1f2328;
--soft:#5c6470;--line:#dcdedf;--go:#c4410c;--go-ink:#fff;--pick:#fff1ea}
@media (prefers-color-scheme:dark){:root{--bg:#15171a;--card:#1f2226;
--ink:#eceef0;--soft:#a3abb5;--line:#363b42;--go:#ff7a40;--go-ink:#1b0d06;
--pick:#33231b}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:34rem;margin:0 auto;padding:1.25rem 1rem 1rem}
.note{font-size:.85rem;color:var(--soft);border:1px dashed var(--line);
border-radius:.5rem;padding:.4rem .75rem;margin:0 0 1.25rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem;text-wrap:balance}
p{margin:.25rem 0 1rem;color:var(--soft)}
fieldset,section{background:var(--card);border:1px solid var(--line);
border-radius:.75rem;padding:.5rem;margin:0 0 1.25rem;min-width:0}
legend,h2{font-size:1rem;font-weight:650;padding:0 .5rem;margin:0}
h2{padding:.4rem .5rem}
.list{max-height:21rem;overflow:auto;overscroll-behavior:contain}
label,.row{display:flex;gap:.75rem;align-items:center;padding:.5rem .6rem;
border-radius:.5rem}
label{cursor:pointer}
label:hover,label:has([type=radio]:checked){background:var(--pick)}
input[type=radio],input[type=checkbox]{inline-size:1.15rem;block-size:1.15rem;
flex:none;margin:0;accent-color:var(--go)}
.what{flex:1;min-width:0}
.what b{display:block;font-weight:600;overflow-wrap:anywhere}
small{color:var(--soft);font-size:.85rem}
.count{text-align:right;font-size:.85rem;color:var(--soft);white-space:nowrap;
font-variant-numeric:tabular-nums}
input[type=text]{font:inherit;width:100%;max-width:11rem;padding:.35rem .6rem;
color:inherit;background:var(--bg);border:1px solid var(--line);
border-radius:.4rem}
code{font-size:.85em}
.problem{color:var(--ink);background:var(--pick);padding:.6rem .8rem;
border-left:4px solid var(--go);border-radius:.25rem;margin:0 0 1rem}
.buttons{position:sticky;bottom:0;background:var(--bg);padding:.8rem 0;
display:flex;gap:.75rem}
.other{border-top:1px solid var(--line);border-radius:0;margin-top:.25rem;
padding-top:.75rem;flex-wrap:wrap}
.other .what{flex:1 1 11rem}
.other input[type=text]{flex:1 1 9rem;margin-left:1.9rem}
button{font:inherit;font-weight:650;padding:.65rem 1rem;border-radius:.5rem;
border:1px solid var(--line);background:var(--card);color:inherit;
cursor:pointer;flex:1}
button.go{background:var(--go);border-color:var(--go);color:var(--go-ink);
flex:2}
:focus-visible{outline:3px solid var(--go);outline-offset:2px}
table{border-collapse:collapse;width:100%}
td{padding:.35rem .6rem;border-top:1px solid var(--line);vertical-align:top}
td:last-child{text-align:right;color:var(--soft);white-space:nowrap;
font-variant-numeric:tabular-nums}
)";

std::string grouped(std::size_t number) {
  auto result = std::to_string(number);
  for (auto at = result.size(); at > 3;)
    result.insert(at -= 3, ",");
  return result;
}

std::string page(std::string_view title, std::string_view body) {
  auto result = std::string{"<!doctype html><html lang=\"en\"><head>"
                            "<meta charset=\"utf-8\"><meta name=\"viewport\" "
                            "content=\"width=device-width,initial-scale=1\">"
                            "<link rel=\"icon\" href=\"data:,\"><title>"};
  result.append(title).append("</title><style>").append(style);
  result.append("</style></head><body><main>").append(body);
  return result.append("</main></body></html>\n");
}

struct scope_text {
  std::string_view scope, title, detail;
};

constexpr auto scope_texts = std::to_array<scope_text>(
  {{"read", "Public profile", "Always included"},
   {"read_all", "Private routes and segments", "Routes, segments, events"},
   {"profile:read_all", "Complete profile", "Bikes, shoes, zones, weight, FTP"},
   {"profile:write", "Change the profile", "Weight and FTP"},
   {"activity:read", "Activities", "Those that everyone or followers can see"},
   {"activity:read_all", "All activities",
    "Also those only you can see, and privacy zones"},
   {"activity:write", "Upload activities", "Create and change them"}});

std::string scope_row(const scope_text& text) {
  auto always = text.scope == "read";
  auto result = std::string{"<label><input type=\"checkbox\" name=\"scope\" "
                            "value=\""};
  result.append(text.scope).append("\" checked");
  if (always)
    result += " disabled";
  result.append("><span class=\"what\"><b>").append(text.title);
  result.append("</b><small>").append(text.detail).append(" · <code>");
  return result.append(text.scope).append("</code></small></span></label>");
}

std::string athlete_row(const athlete_card& who, bool checked) {
  auto id = std::to_string(who.id);
  auto result = std::string{"<label><input type=\"radio\" name=\"athlete_id\" "
                            "value=\""};
  result.append(id).append(checked ? "\" checked>" : "\">");
  result.append("<span class=\"what\"><b>").append(html_escaped(who.name));
  result.append("</b><small>").append(html_escaped(who.town));
  result.append("</small></span><span class=\"count\">");
  result.append(grouped(who.activities)).append(" activities<br>");
  return result.append(id).append("</span></label>");
}

} // namespace

std::string consent_page(const consent& what) {
  auto body = std::string{
    "<p class=\"note\">Simulated Strava: nothing leaves this machine, and no "
    "password is needed.</p>"};
  body += "<h1>Authorize an application to connect</h1><p>Application <b>"
          + html_escaped(what.client_id)
          + "</b> asks for access to an athlete’s data.</p>";
  if (!what.problem.empty())
    body += R"(<p class="problem" role="alert">)" + html_escaped(what.problem)
            + "</p>";
  body += R"(<form method="post" action=")" + html_escaped(what.action) + "\">";
  body += "<fieldset><legend>Who are you?</legend><div class=\"list\">";
  auto first = true;
  for (const auto& athlete : what.athletes)
    body += athlete_row(athlete, std::exchange(first, false));
  body += "</div><label class=\"other\"><input type=\"radio\" "
          "name=\"athlete_id\" value=\"\"";
  body += first ? " checked" : "";
  body += "><span class=\"what\"><b>Somebody else</b><small>Any id from 1 to "
          "1,000,000,000 is an athlete</small></span><input type=\"text\" "
          "name=\"other_athlete_id\" inputmode=\"numeric\" "
          "pattern=\"[0-9]{1,10}\" placeholder=\"80000123\" aria-label=\"Id of "
          "another athlete\"></label></fieldset>";
  body += "<fieldset><legend>What may it see?</legend>"
          + scope_row(scope_texts.front());
  for (const auto& text : scope_texts)
    if (text.scope != "read"
        && std::ranges::find(what.scopes, text.scope) != what.scopes.end())
      body += scope_row(text);
  body += "</fieldset><div class=\"buttons\">"
          "<button name=\"decision\" value=\"deny\" formnovalidate>Cancel"
          "</button><button class=\"go\" name=\"decision\" "
          "value=\"authorize\">Authorize</button></div></form>";
  return page("Authorize · Simulated Strava", body);
}

std::string index_page(const std::vector<athlete_card>& athletes,
                       std::size_t synthetic_athletes) {
  auto body = std::string{
    "<h1>Simulated Strava</h1><p>This server behaves like Strava’s API for "
    "development and tests: the same paths, shapes, limits and quirks. "
    "Athletes "
    "and their activities are invented or recorded.</p>"
    "<section><h2>For people and programs</h2><table>"
    "<tr><td><code>/oauth/authorize</code></td><td>consent page</td></tr>"
    "<tr><td><code>/oauth/token</code></td><td>tokens</td></tr>"
    "<tr><td><code>/api/v3/athlete/activities</code></td><td>the list</td>"
    "</tr><tr><td><a href=\"/sim/stats\"><code>/sim/stats</code></a></td>"
    "<td>what was asked, limits</td></tr><tr><td><a href=\"/sim/requests\">"
    "<code>/sim/requests</code></a></td><td>the last requests</td></tr>"
    "<tr><td><code>POST /sim/faults</code></td><td>break something</td></tr>"
    "</table></section><section><h2>Athletes</h2><table>"};
  for (const auto& who : athletes)
    body += "<tr><td><b>" + html_escaped(who.name) + "</b><br><small>"
            + html_escaped(who.town) + " · " + std::to_string(who.id)
            + "</small></td><td>" + grouped(who.activities)
            + " activities</td></tr>";
  body += "</table></section><p>";
  if (synthetic_athletes > consent_athletes_max)
    body += grouped(synthetic_athletes) + " athletes have ids from "
            + std::to_string(first_synthetic_athlete) + ". ";
  body += "Every other id from 1 to 1,000,000,000 is an invented athlete, too."
          "</p>";
  return page("Simulated Strava", body);
}

} // namespace stravasync::strava_sim
