// A database that answers and takes nothing.

#include "tests/support/node_cluster.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace std::chrono_literals;

TEST_CASE("a database that has room for nothing more is said until it has, "
          "though all that needs no room works",
          "[faults][cluster]") {
  constexpr auto athlete = 80'000'001;
  REQUIRE_CLUSTER();
  ::test::node_cluster all{{}};
  all.add("api", "api");
  all.start("api");
  auto run = [&](const std::string& statements) {
    return all.postgres().run(all.database(), statements);
  };
  // A sequence counts those that were undone, too.
  run("CREATE SEQUENCE refused; CREATE FUNCTION refuse() RETURNS trigger "
      "LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('refused'); RAISE "
      "EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$; "
      "CREATE TRIGGER refuse BEFORE INSERT ON outbox FOR EACH ROW "
      "EXECUTE FUNCTION refuse()");
  auto refused = [&] {
    return run("SELECT last_value FROM refused")[0][0].as<int>();
  };
  auto given = ::test::consent(all.address("api"), athlete);
  all.http("api").get(given.target, given.cookies);
  auto ready = [&] { return all.http("api").get("/readyz"); };
  CHECK(ready().body.find("no room left on its disk") != std::string::npos);
  // Nobody asks for anything.
  auto before = refused();
  for (auto tries : {1, 2, 3}) {
    CHECK(::test::eventually([&] { return refused() >= before + tries; }, 20s));
    CHECK(ready().status == 503);
  }
  run("DROP TRIGGER refuse ON outbox");
  CHECK(::test::eventually([&] { return all.ready("api"); }, 20s));
  CHECK(run("SELECT count(*) FROM outbox WHERE subject = ''")[0][0].as<int>()
        == 0);
}
