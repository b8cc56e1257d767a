#include "adapters/http/dead_letters_client.hpp"
#include "tests/adapters/http/api_fixture.hpp"

#include <boost/json/serialize.hpp>

namespace stravasync::http {

namespace {

namespace json = boost::json;

const auto dlq = std::string{"/api/v1/admin/dlq"};

struct letters_fixture : api_fixture {
  test::http_reply post(const std::string& verb, const std::string& body) {
    return client.post(dlq + "/" + verb, body);
  }

  admin_client node() {
    auto where = parse_admin_address(server.address());
    REQUIRE(where);
    return admin_client{std::move(*where)};
  }
};

} // namespace

TEST_CASE_METHOD(letters_fixture, "dead letters are listed as they are") {
  query::v1::DeadLetterList list;
  *list.add_items() = sample_letter();
  service.list_letters.give(list);
  auto reply = client.get(
    dlq
    + "?durable=consumer__job&reason=no%20page&athlete_id=7&older_than_s=60"
      "&newer_than_s=3600&limit=10&cursor=12");
  REQUIRE(reply.status == 200);
  auto page = json::parse(reply.body);
  CHECK(page.at("next_cursor").is_null());
  const auto& letter = page.at("items").at(0);
  CHECK(letter.at("id") == 1);
  CHECK(letter.at("reason") == "Strava \"said\" no");
  CHECK(letter.at("dead_since") == "2023-09-03T22:29:20Z");
  CHECK(letter.at("original_stored_at").is_null());
  REQUIRE(service.list_letters.asked.size() == 1);
  const auto& asked = service.list_letters.asked[0];
  CHECK(asked.filter().durable() == "consumer__job");
  CHECK(asked.filter().reason_contains() == "no page");
  CHECK(asked.filter().athlete_id() == 7);
  CHECK(asked.filter().older_than_ms() == 60'000);
  CHECK(asked.filter().newer_than_ms() == 3'600'000);
  CHECK(asked.limit() == 10);
  CHECK(asked.cursor() == "12");
}

TEST_CASE_METHOD(letters_fixture, "a dead letter shows its payload") {
  auto letter = sample_letter();
  letter.set_payload_json(R"({"athlete_id":7})");
  (*letter.mutable_headers())["Ss-Type"] = "t";
  (*letter.mutable_headers())["A"] = "\"";
  service.get_letter.give(letter);
  auto shown = json::parse(client.get(dlq + "/1").body);
  CHECK(shown.at("payload").at("athlete_id") == 7);
  CHECK(json::serialize(shown.at("headers")) == R"({"A":"\"","Ss-Type":"t"})");
  CHECK(shown.at("payload_hex").is_null());
  CHECK(shown.at("attempt_log").as_array().empty());
  CHECK(shown.at("unread").is_null());
  letter.set_unread("<html>\xff");
  letter.set_unread_at(10);
  letter.set_unread_bytes(400);
  service.get_letter.give(letter);
  shown = json::parse(client.get(dlq + "/1").body);
  CHECK(json::serialize(shown.at("unread"))
        == "{\"text\":\"<html>\xEF\xBF\xBD\",\"at\":10,\"bytes\":400}");
  service.get_letter.fail(
    make_failure(ec::not_found, "there is no dead letter 1"));
  check_problem(client.get(dlq + "/1"), 404, "not_found");
}

TEST_CASE_METHOD(letters_fixture, "a dead letter shows each attempt") {
  auto letter = sample_letter();
  for (const auto* why : {"502", "\"504\""}) {
    auto& one = *letter.add_attempt_log();
    one.set_at_ms(sample_start_ms);
    one.set_node("n1");
    one.set_reason(why);
  }
  service.get_letter.give(letter);
  auto body = client.get(dlq + "/1").body;
  auto log = json::parse(body).at("attempt_log").as_array();
  REQUIRE(log.size() == 2);
  CHECK(log[0].at("at") == "2023-09-03T22:29:20Z");
  CHECK(log[0].at("node") == "n1");
  CHECK(log[1].at("reason") == "\"504\"");
  auto fields = fields_of(body);
  REQUIRE(fields);
  auto lines = std::vector<std::string>{};
  for (const auto& [name, value] : *fields)
    if (name == "attempt_log")
      lines.push_back(value);
  CHECK(lines
        == std::vector<std::string>{"2023-09-03T22:29:20Z  n1  502",
                                    "2023-09-03T22:29:20Z  n1  \"504\""});
}

TEST_CASE_METHOD(letters_fixture,
                 "one letter is retried or dropped by its id") {
  query::v1::DeadLettersSettled settled;
  settled.add_items()->set_id(7);
  settled.set_done(1);
  service.retry.give(settled);
  service.drop.give(settled);
  CHECK(client.post(dlq + "/7/retry", "").status == 200);
  REQUIRE(service.retry.asked.size() == 1);
  CHECK(service.retry.asked[0].choice().ids(0) == 7);
  CHECK(client.del(dlq + "/7").status == 200);
  REQUIRE(service.drop.asked.size() == 1);
  auto& one = *settled.mutable_items(0);
  one.set_problem("there is no dead letter 7");
  one.set_code(static_cast<std::uint32_t>(ec::not_found));
  service.drop.give(settled);
  check_problem(client.del(dlq + "/7"), 404, "not_found");
  one.set_problem("it could not be sent again: JOBS is full");
  one.set_code(static_cast<std::uint32_t>(ec::full));
  service.retry.give(settled);
  check_problem(client.post(dlq + "/7/retry", ""), 507, "full");
}

TEST_CASE_METHOD(letters_fixture, "many are chosen by ids or by a filter") {
  CHECK(post("retry", R"({"ids":[3,4],"dry_run":true})").status == 200);
  CHECK(post("drop", R"({"all":true,"durable":"d","reason":"r",
                         "athlete_id":7,"older_than_s":1,"newer_than_s":2,
                         "cursor":"9"})")
          .status
        == 200);
  REQUIRE(service.retry.asked.size() == 1);
  const auto& ids = service.retry.asked[0].choice();
  CHECK(ids.ids_size() == 2);
  CHECK(ids.dry_run());
  CHECK_FALSE(ids.all());
  REQUIRE(service.drop.asked.size() == 1);
  const auto& all = service.drop.asked[0].choice();
  CHECK(all.all());
  CHECK_FALSE(all.dry_run());
  CHECK(all.cursor() == "9");
  CHECK(all.filter().durable() == "d");
  CHECK(all.filter().newer_than_ms() == 2'000);
}

TEST_CASE_METHOD(letters_fixture,
                 "a choice of letters that is none is refused") {
  auto check = [&](const std::string& body, const std::string& field) {
    INFO(body);
    check_bad_field(post("retry", body), field);
    check_bad_field(post("drop", body), field);
  };
  check("", "body");
  check("[]", "body");
  check("{", "body");
  check(R"({"id":1})", "body");
  check("{}", "ids");
  check(R"({"ids":[]})", "ids");
  check(R"({"ids":[0]})", "ids");
  check(R"({"ids":["1"]})", "ids");
  check(R"({"ids":1})", "ids");
  check(R"({"ids":[1],"all":true})", "ids");
  check(R"({"ids":[1],"durable":"d"})", "all");
  check(R"({"all":"yes"})", "all");
  check(R"({"all":true,"dry_run":1})", "dry_run");
  check(R"({"all":true,"athlete_id":-1})", "athlete_id");
  check(R"({"all":true,"older_than_s":0})", "older_than_s");
  check(R"({"all":true,"newer_than_s":1.5})", "newer_than_s");
  check(R"({"all":true,"durable":7})", "durable");
  check(R"({"all":true,"durable":""})", "durable");
  check(R"({"all":true,"reason":""})", "reason");
  std::string many = R"({"ids":[1)";
  for (auto i = 2; i <= 101; ++i)
    many += "," + std::to_string(i);
  check(many + "]}", "ids");
  CHECK(client.post(dlq + "/retry", R"({"all":true})", "text/plain").status
        == 415);
  CHECK(service.retry.asked.empty());
  CHECK(service.drop.asked.empty());
}

TEST_CASE_METHOD(letters_fixture, "questions about letters are checked") {
  for (const auto* query :
       {"athlete_id=0", "athlete_id=x", "older_than_s=0", "newer_than_s=1h",
        "limit=201", "older_than_s=4294967296"}) {
    auto text = std::string{query};
    check_bad_field(client.get(dlq + "?" + text),
                    text.substr(0, text.find('=')));
  }
  check_bad_field(client.get(dlq + "?age=1"), "age");
  check_bad_field(client.get(dlq + "/0"), "id");
  check_bad_field(client.get(dlq + "/x"), "id");
  check_bad_field(client.del(dlq + "/x"), "id");
  check_bad_field(client.post(dlq + "/x/retry", ""), "id");
  CHECK(service.list_letters.asked.empty());
}

TEST_CASE_METHOD(letters_fixture, "a command's questions arrive as meant") {
  query::v1::DeadLetterList list;
  *list.add_items() = sample_letter();
  list.set_next_cursor("5");
  service.list_letters.give(list);
  query::v1::ListDeadLetters question;
  question.set_limit(200);
  question.set_cursor("4");
  auto& filter = *question.mutable_filter();
  filter.set_durable("d");
  filter.set_reason_contains("no & \"never\"");
  filter.set_athlete_id(7);
  filter.set_older_than_ms(60'000);
  auto page = list_letters(node(), question);
  REQUIRE(page);
  CHECK(page->next_cursor == "5");
  REQUIRE(page->items.size() == 1);
  CHECK(page->items[0].id == 1);
  CHECK(page->items[0].attempts == 3);
  CHECK(page->items[0].dead_since == "2023-09-03T22:29:20Z");
  REQUIRE(service.list_letters.asked.size() == 1);
  CHECK(service.list_letters.asked[0].SerializeAsString()
        == question.SerializeAsString());
  query::v1::DeadLetterChoice choice;
  choice.set_all(true);
  choice.set_dry_run(true);
  choice.set_cursor("9");
  *choice.mutable_filter() = filter;
  query::v1::DeadLettersSettled settled;
  settled.add_items()->set_problem("it is full");
  service.retry.give(settled);
  auto done = settle_letters(node(), "retry", choice);
  REQUIRE(done);
  CHECK(done->items.at(0).problem == "it is full");
  REQUIRE(service.retry.asked.size() == 1);
  CHECK(service.retry.asked[0].choice().SerializeAsString()
        == choice.SerializeAsString());
  query::v1::DeadLetterChoice two;
  two.add_ids(3);
  two.add_ids(4);
  REQUIRE(settle_letters(node(), "drop", two));
  CHECK(service.drop.asked.at(0).choice().ids_size() == 2);
}

TEST_CASE("a document is taken apart in its order") {
  auto fields = fields_of(R"({"b":"text","a":[1, 2],"c":null,"d":7})");
  REQUIRE(fields);
  REQUIRE(fields->size() == 4);
  CHECK((*fields)[0].name == "b");
  CHECK((*fields)[0].value == "text");
  CHECK((*fields)[1].value == "[1,2]");
  CHECK((*fields)[2].value.empty());
  CHECK((*fields)[3].value == "7");
  CHECK_FALSE(fields_of("[]"));
}

} // namespace stravasync::http
