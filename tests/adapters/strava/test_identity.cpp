#include "tests/adapters/strava/test_identity.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace stravasync::test {

namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

key_ptr make_key() {
  return {EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &EVP_PKEY_free};
}

/// Writes with `write(bio)` into a text.
template <class Write>
std::string pem_text(Write write) {
  std::unique_ptr<BIO, decltype(&BIO_free)> bio{BIO_new(BIO_s_mem()),
                                                &BIO_free};
  write(bio.get());
  const char* data = nullptr;
  auto size = BIO_ctrl(bio.get(), BIO_CTRL_INFO, 0, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  return pem_text(
    [certificate](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  if (extension == nullptr)
    throw std::runtime_error("extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

struct subject {
  std::string name;
  long serial = 0;
  long ends_in_s = 0;
};

certificate_ptr make_certificate(const subject& of, EVP_PKEY* key) {
  auto result = certificate_ptr{X509_new(), &X509_free};
  X509_set_version(result.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(result.get()), of.serial);
  X509_gmtime_adj(X509_getm_notBefore(result.get()), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(result.get()), of.ends_in_s);
  X509_NAME_add_entry_by_txt(
    X509_get_subject_name(result.get()), "CN", MBSTRING_ASC,
    reinterpret_cast<const unsigned char*>(of.name.c_str()), -1, -1, 0);
  X509_set_pubkey(result.get(), key);
  return result;
}

} // namespace

struct test_authority::state {
  key_ptr key = make_key();
  certificate_ptr certificate = make_certificate({"Test authority", 1, 3'600},
                                                 key.get());
};

test_authority::test_authority() : state_(std::make_unique<state>()) {
  auto* own = state_->certificate.get();
  add_extension(own, NID_basic_constraints, "critical,CA:TRUE");
  X509_set_issuer_name(own, X509_get_subject_name(own));
  X509_sign(own, state_->key.get(), EVP_sha256());
  auto pattern
    = (std::filesystem::temp_directory_path() / "strava-ca-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("mkdtemp");
  folder_ = pattern;
  std::ofstream{certificate_file()} << pem_of(own);
}

test_authority::~test_authority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

tls_identity
test_authority::issue(const std::string& name, long ends_in_s) const {
  auto key = make_key();
  auto certificate = make_certificate({"Test server", 2, ends_in_s}, key.get());
  add_extension(certificate.get(), NID_subject_alt_name, name);
  X509_set_issuer_name(certificate.get(),
                       X509_get_subject_name(state_->certificate.get()));
  X509_sign(certificate.get(), state_->key.get(), EVP_sha256());
  return {pem_of(certificate.get()), pem_text([&](BIO* bio) {
            PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0,
                                     nullptr, nullptr);
          })};
}

std::string test_authority::certificate_file() const {
  return (folder_ / "authority.pem").string();
}

} // namespace stravasync::test
