#include "config/secret_reference.hpp"

#include "tests/config/settings_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

using namespace stravasync;
using test::settings_fixture;

TEST_CASE_METHOD(settings_fixture, "a secret is read through its reference",
                 "[secret]") {
  variable("MY_SECRET", "from-variable");
  auto path = write("secret", "from-file\n");
  SECTION("of a variable") {
    file("[strava]\nclient_secret = \"env:MY_SECRET\"");
    CHECK(loaded().strava.client_secret.reveal() == "from-variable");
  }
  SECTION("of a file, without the line's end") {
    file("[strava]\nclient_secret = \"file:" + path + "\"");
    CHECK(loaded().strava.client_secret.reveal() == "from-file");
  }
  SECTION("in the environment too") {
    variable("STRAVASYNC_STRAVA_CLIENT_SECRET", "file:" + path);
    CHECK(loaded().strava.client_secret.reveal() == "from-file");
  }
  SECTION("given as a flag") {
    flag("strava.client_secret", "env:MY_SECRET");
    CHECK(loaded().strava.client_secret.reveal() == "from-variable");
  }
}

TEST_CASE_METHOD(settings_fixture,
                 "a plain secret is taken from the environment only",
                 "[secret]") {
  SECTION("environment") {
    variable("STRAVASYNC_STRAVA_CLIENT_SECRET", "hunter2");
    CHECK(loaded().strava.client_secret.reveal() == "hunter2");
  }
  SECTION("file") {
    file("[strava]\nclient_secret = \"hunter2\"");
    CHECK(refusal()
          == "stravasync.toml:2: strava.client_secret: a secret must not be "
             "written here; allowed: env:NAME or file:PATH");
  }
  SECTION("flag") {
    flag("strava.client_secret", "hunter2");
    CHECK(refusal()
          == "--set strava.client_secret: a secret must not be written here; "
             "allowed: env:NAME or file:PATH");
  }
}

TEST_CASE_METHOD(settings_fixture, "a broken reference says what is missing",
                 "[secret]") {
  auto says = [&](const std::string& reference) {
    return detail_of(
      resolve_secret(reference, true, request.variables).error());
  };
  CHECK(says("env:NOT_THERE") == "environment variable NOT_THERE is not set");
  CHECK(says("file:/nonexistent")
        == "cannot read /nonexistent: No such file or directory");
  CHECK(says("file:/") == "cannot read /: Is a directory");
  auto empty = write("empty", "\n");
  CHECK(says("file:" + empty) == empty + " is empty");
  CHECK(says("file:" + write("large", std::string(70'000, 'x')))
          .ends_with("larger than 64KiB"));
  CHECK(says("vault:a#b").starts_with("vault: needs the Vault adapter"));
}

TEST_CASE_METHOD(settings_fixture,
                 "a secret is in a regular file, by whatever links",
                 "[secret]") {
  auto secret_in = [&](const std::string& path) {
    auto found = resolve_secret("file:" + path, false, request.variables);
    return found ? *found : detail_of(found.error());
  };
  auto target = write("secret", "hunter2\n");
  SECTION("a link to a link to it, as of a mounted volume") {
    std::filesystem::create_symlink(target, target + ".data");
    std::filesystem::create_symlink(target + ".data", target + ".link");
    CHECK(secret_in(target + ".link") == "hunter2");
  }
  SECTION("not a pipe into which nobody writes") {
    auto pipe = target + ".pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(secret_in(pipe) == "cannot read " + pipe + ": it is no regular file");
    request.file = pipe;
    CHECK(refusal() == "cannot read secret.pipe: it is no regular file");
  }
  SECTION("nor one that a shell hands over") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    auto path = "/dev/fd/" + std::to_string(ends[0]);
    CHECK(secret_in(path) == "cannot read " + path + ": it is no regular file");
    ::close(ends[0]);
    ::close(ends[1]);
  }
  SECTION("nor a device without an end") {
    CHECK(secret_in("/dev/zero")
          == "cannot read /dev/zero: it is no regular file");
  }
}

TEST_CASE_METHOD(settings_fixture,
                 "what surrounds a secret in its file is no part of it",
                 "[secret]") {
  auto read = [&](const std::string& text) {
    auto found = resolve_secret("file:" + write("secret", text), false,
                                request.variables);
    return found ? *found : detail_of(found.error());
  };
  CHECK(read("secret\n") == "secret");
  CHECK(read("secret\r\n") == "secret");
  CHECK(read("\xEF\xBB\xBFsecret\n\n") == "secret");
  CHECK(read(" \t secret \t \n") == "secret");
  CHECK(read("se cret") == "se cret");
  CHECK(read("\xEF\xBB\xBF \n").ends_with("secret is empty"));
  CHECK(read("it's\n") == "it's");
}

TEST_CASE_METHOD(settings_fixture, "quotes around a value are refused by name",
                 "[secret]") {
  auto path = write("quoted", "\"hunter2\"\n");
  SECTION("in a secret's file") {
    variable("STRAVASYNC_STRAVA_CLIENT_SECRET", "file:" + path);
    auto said = refusal();
    CHECK(said.find("quoted is in quotes: write it without")
          != std::string::npos);
    CHECK(said.find("hunter2") == std::string::npos);
  }
  SECTION("in the variable that a secret names") {
    variable("MY_SECRET", "'hunter2'");
    variable("STRAVASYNC_STRAVA_CLIENT_SECRET", "env:MY_SECRET");
    CHECK(refusal().find("MY_SECRET is in quotes: give it without")
          != std::string::npos);
  }
  SECTION("in any setting's variable") {
    variable("STRAVASYNC_STRAVA_CLIENT_ID", "\"12345\"");
    CHECK(refusal()
          == "STRAVASYNC_STRAVA_CLIENT_ID: the value is in quotes: give it "
             "without");
  }
}

TEST_CASE_METHOD(settings_fixture, "a key of the wrong size is not shown",
                 "[secret]") {
  variable("STRAVASYNC_SECRETS_TOKEN_KEY", "c2hvcnQ=");
  CHECK(refusal()
        == "STRAVASYNC_SECRETS_TOKEN_KEY: not 32 bytes in base64; allowed: "
           "env:NAME or file:PATH of 32 bytes in base64");
}

TEST_CASE_METHOD(settings_fixture, "what is shown hides every secret",
                 "[secret]") {
  variable("STRAVASYNC_STRAVA_CLIENT_SECRET", "hunter2");
  variable("STRAVASYNC_STRAVA_API_URL", "http://me:hunter2@127.0.0.1/api");
  auto result = load(request);
  REQUIRE(result);
  auto text = show(*result);
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(text.find("client_secret = \"********\" # "
                  "STRAVASYNC_STRAVA_CLIENT_SECRET\n")
        != std::string::npos);
  CHECK(text.find("token_key = \"\" # default\n") != std::string::npos);
  CHECK(text.find("http://me:********@127.0.0.1/api") != std::string::npos);
}

TEST_CASE_METHOD(settings_fixture,
                 "where a URL comes from does not tell its password",
                 "[secret]") {
  flag("node.roles", "worker");
  flag("bus.url", "nats://me:hunter2@a:4222,nats://me:hunter2@b:4222");
  flag("store.url", "postgresql://me@db/x?password=hunter2&sslmode=require");
  auto result = load(request);
  REQUIRE(result);
  auto text = show(*result);
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(text.find("# --set bus.url=nats://me:********@b:4222\n")
        != std::string::npos);
  CHECK(text.find("postgresql://me@db/x?password=********&sslmode=require")
        != std::string::npos);
}
