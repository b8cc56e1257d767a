#include "tests/support/process.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string_view>
#include <system_error>
#include <thread>

namespace test {

namespace {

using namespace std::chrono_literals;

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error{error, std::generic_category(), what};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  auto result = std::vector<char*>{};
  for (auto& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_with(
  const std::vector<std::pair<std::string, std::string>>& changes) {
  auto result = std::vector<std::string>{};
  for (auto** entry = environ; *entry != nullptr; ++entry) {
    auto text = std::string_view{*entry};
    auto name = text.substr(0, text.find('='));
    auto changed = std::ranges::any_of(
      changes, [name](const auto& change) { return change.first == name; });
    if (!changed)
      result.emplace_back(text);
  }
  for (const auto& [name, value] : changes)
    if (!value.empty())
      result.push_back(name + "=" + value);
  return result;
}

/// What the child has before it runs: its own group, default signals, and the
/// file for what it writes.
class launch_settings {
public:
  explicit launch_settings(const std::filesystem::path& output) {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP
                                               | POSIX_SPAWN_SETSIGMASK
                                               | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    auto none = sigset_t{};
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    auto all = sigset_t{};
    ::sigfillset(&all);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null",
                                       O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&files_, STDOUT_FILENO, output.c_str(),
                                       O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::posix_spawn_file_actions_adddup2(&files_, STDOUT_FILENO, STDERR_FILENO);
  }

  launch_settings(const launch_settings&) = delete;
  launch_settings& operator=(const launch_settings&) = delete;

  ~launch_settings() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  pid_t
  launch(std::vector<std::string> argv, std::vector<std::string> environment) {
    auto pid = pid_t{-1};
    auto error = ::posix_spawnp(&pid, argv.front().c_str(), &files_,
                                &attributes_, pointers_to(argv).data(),
                                pointers_to(environment).data());
    if (error != 0)
      fail(error, "cannot start " + argv.front());
    return pid;
  }

private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t files_{};
};

int code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Keeps the port from other test programs until this one ends, whether
/// something listens there or not. @returns whether nobody else has it.
bool reserve(std::uint16_t port) {
  auto handle = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (handle < 0)
    fail(errno, "cannot make a socket");
  // A name that is in no folder: it goes with the program, however that ends.
  auto name = "stravasync-test-port-" + std::to_string(port);
  auto address = sockaddr_un{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, name.size());
  auto size = offsetof(sockaddr_un, sun_path) + 1 + name.size();
  if (::bind(handle, reinterpret_cast<sockaddr*>(&address),
             static_cast<socklen_t>(size))
      == 0)
    return true;
  ::close(handle);
  return false;
}

bool nobody_listens(std::uint16_t port) {
  auto handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (handle < 0)
    fail(errno, "cannot make a socket");
  auto address = sockaddr_in{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  auto free = ::bind(handle, reinterpret_cast<sockaddr*>(&address),
                     sizeof(address))
              == 0;
  ::close(handle);
  return free;
}

} // namespace

process process::spawn(const options& what) {
  auto settings = launch_settings{what.output};
  auto pid = settings.launch(what.argv, environment_with(what.environment));
  return process{pid, what.output};
}

process::process(pid_t pid, std::filesystem::path output)
  : pid_{pid},
    output_{std::move(output)} {
}

process::process(process&& other) noexcept
  : pid_{std::exchange(other.pid_, -1)},
    output_{std::move(other.output_)},
    ended_{other.ended_} {
}

process::~process() {
  if (pid_ < 0)
    return;
  ::kill(-pid_, SIGKILL); // Whatever it started ends with it.
  if (!ended_)
    ::waitpid(pid_, nullptr, 0);
}

void process::kill(int signal) const {
  if (pid_ > 0 && !ended_)
    ::kill(pid_, signal);
}

void process::freeze() const {
  if (pid_ <= 0 || ended_)
    return;
  kill(SIGSTOP);
  auto info = siginfo_t{};
  constexpr auto until = WSTOPPED | WEXITED | WNOWAIT;
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, until) < 0)
    if (errno != EINTR)
      fail(errno, "cannot wait for a process to stop");
}

std::optional<process::exit_code>
process::wait(std::chrono::milliseconds most) {
  auto deadline = std::chrono::steady_clock::now() + most;
  while (!ended_) {
    auto status = 0;
    auto ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended < 0)
      fail(errno, "cannot wait for a process");
    if (ended == pid_)
      ended_ = code_of(status);
    else if (std::chrono::steady_clock::now() >= deadline)
      return std::nullopt;
    else
      std::this_thread::sleep_for(5ms);
  }
  return ended_;
}

std::string process::output() const {
  auto stream = std::ifstream{output_, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

std::uint16_t free_port() {
  // Below what the system gives to outgoing connections (32768 and up): one of
  // those would take the port while what listens there is killed, and a client
  // that tries to connect to such a port again and again meets itself there.
  constexpr auto first = 20'000;
  constexpr auto last = 32'767;
  constexpr auto tries = 1'000;
  static auto random = std::mt19937{std::random_device{}()};
  auto any = std::uniform_int_distribution<int>{first, last};
  for (auto i = 0; i < tries; ++i) {
    auto port = static_cast<std::uint16_t>(any(random));
    if (reserve(port) && nobody_listens(port))
      return port;
  }
  fail(EADDRINUSE, "cannot find a free port");
}

bool is_installed(const std::string& name) {
  const auto* path = std::getenv("PATH");
  auto folders = std::istringstream{path == nullptr ? "" : path};
  for (std::string folder; std::getline(folders, folder, ':');)
    if (::access((folder + "/" + name).c_str(), X_OK) == 0)
      return true;
  return false;
}

} // namespace test
