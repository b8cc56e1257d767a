#include "adapters/secrets/primitives.hpp"
#include "adapters/secrets/token_key.hpp"
#include "messages/error.hpp"
#include "messages/scoped_fd.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

namespace stravasync::secrets {

namespace {

/// A key is 44 characters; whatever is longer is another file.
constexpr auto file_bytes_max = std::size_t{4'096};

caf::error failed(const std::string& doing, const std::string& path) {
  return make_failure(ec::unavailable,
                      "cannot " + doing + " the key file " + path + ": "
                        + std::generic_category().message(errno));
}

/// @returns nothing if there is no such file.
caf::expected<std::optional<token_key>> load(const std::string& path) {
  // Opening a pipe would wait for who writes into it.
  auto file
    = scoped_fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() < 0) {
    if (errno == ENOENT)
      return std::optional<token_key>{};
    return failed("open", path);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0)
    return failed("examine", path);
  if (!S_ISREG(status.st_mode))
    return make_failure(ec::invalid_argument,
                        "the key file " + path + " is no regular file");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return make_failure(
      ec::denied, "the key file " + path + " is open to others: run `chmod 600 "
                    + path + "`, or replace the key if they may know it");
  auto text = std::string(file_bytes_max, '\0');
  auto size = ::read(file.get(), text.data(), text.size());
  if (size < 0)
    return failed("read", path);
  auto key = parse_key(
    std::string_view{text}.substr(0, static_cast<std::size_t>(size)));
  OPENSSL_cleanse(text.data(), text.size());
  if (!key)
    return with_context(key.error(), "the key file " + path);
  return std::optional{*key};
}

std::string new_key_text() {
  auto bytes = bytes_32{};
  fill_random(bytes);
  auto text = std::array<unsigned char, 45>{};
  auto size = EVP_EncodeBlock(text.data(), bytes.data(),
                              static_cast<int>(bytes.size()));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return {text.begin(), text.begin() + size};
}

bool write_synced(int fd, const std::string& text) {
  auto written = ::write(fd, text.data(), text.size());
  if (written >= 0 && static_cast<std::size_t>(written) < text.size())
    errno = ENOSPC;
  return written == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
}

/// The whole key appears under its name at once or not at all, and never
/// replaces one that is there.
caf::error create(const std::string& path) {
  auto draft = path + ".new-XXXXXX";
  // mkostemp makes the file with mode 0600 and O_EXCL.
  auto file = scoped_fd{::mkostemp(draft.data(), O_CLOEXEC)};
  if (file.get() < 0)
    return failed("create", path);
  auto failure = caf::error{};
  if (!write_synced(file.get(), new_key_text() + '\n'))
    failure = failed("write", path);
  // EEXIST: another process was faster; its key counts.
  else if (::link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST)
    failure = failed("create", path);
  ::unlink(draft.c_str());
  if (failure)
    return failure;
  auto folder = std::filesystem::path{path}.parent_path().string();
  auto directory = scoped_fd{::open(folder.empty() ? "." : folder.c_str(),
                                    O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.get() < 0 || ::fsync(directory.get()) != 0)
    return failed("sync the folder of", path);
  return caf::none;
}

} // namespace

caf::expected<token_key> load_or_create_key(const std::string& path) {
  auto key = load(path);
  if (!key)
    return key.error();
  if (*key)
    return **key;
  if (auto failure = create(path))
    return failure;
  key = load(path);
  if (!key)
    return key.error();
  if (!*key)
    return failed("find", path);
  return **key;
}

} // namespace stravasync::secrets
