#include "messages/validation.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>
#include <google/protobuf/wire_format_lite.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

namespace stravasync {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

/// Each becomes an object of some 50 bytes when it is read.
constexpr auto elements_max = std::size_t{20'000};
/// Each byte of packed numbers may become one of 8 bytes.
constexpr auto packed_bytes_max = std::size_t{1} << 20;
constexpr auto depth_max = 16;

/// Counts what reading a message would make, without making it.
class element_count {
public:
  /// @returns whether it is within bounds, as far as it is well-formed.
  bool walk(CodedInputStream& in, const Descriptor& type, int depth = 0) {
    if (depth > depth_max)
      return false;
    while (auto tag = in.ReadTag()) {
      if (++elements_ > elements_max)
        return false;
      auto delimited = WireFormatLite::GetTagWireType(tag)
                       == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
      auto within = delimited ? walk_block(in, type, tag, depth)
                              : WireFormatLite::SkipField(&in, tag);
      if (!within)
        return false;
    }
    return true;
  }

private:
  bool walk_block(CodedInputStream& in, const Descriptor& type,
                  std::uint32_t tag, int depth) {
    auto size = std::uint32_t{0};
    if (!in.ReadVarint32(&size) || size > plain_bytes_max)
      return false;
    const auto* field
      = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    if (field != nullptr && field->message_type() != nullptr) {
      auto limit = in.PushLimit(static_cast<int>(size));
      auto within = walk(in, *field->message_type(), depth + 1);
      in.PopLimit(limit);
      return within;
    }
    if (field != nullptr && field->is_packable()
        && (packed_bytes_ += size) > packed_bytes_max)
      return false;
    return in.Skip(static_cast<int>(size));
  }

  std::size_t elements_ = 0;
  std::size_t packed_bytes_ = 0;
};

/// @returns whether `packed` held a whole frame of at most `plain_bytes_max`,
/// whatever size it says itself.
bool decompress(std::string_view packed, std::string& plain) {
  auto said = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (said == ZSTD_CONTENTSIZE_ERROR
      || (said != ZSTD_CONTENTSIZE_UNKNOWN && said > plain_bytes_max))
    return false;
  struct free_stream {
    void operator()(ZSTD_DStream* what) const {
      ZSTD_freeDStream(what);
    }
  };
  auto stream
    = std::unique_ptr<ZSTD_DStream, free_stream>{ZSTD_createDStream()};
  auto in = ZSTD_inBuffer{packed.data(), packed.size(), 0};
  // What a frame says is no more than a hint.
  constexpr auto least_step = std::size_t{4'096};
  auto step = std::clamp<std::size_t>(said, least_step, ZSTD_DStreamOutSize());
  while (true) {
    auto before = plain.size();
    if (before > plain_bytes_max)
      return false;
    plain.resize(before + step);
    auto out = ZSTD_outBuffer{plain.data() + before, plain.size() - before, 0};
    auto left = ZSTD_decompressStream(stream.get(), &out, &in);
    plain.resize(before + out.pos);
    if (ZSTD_isError(left) != 0u)
      return false;
    if (left == 0)
      return in.pos == in.size && plain.size() <= plain_bytes_max;
    if (in.pos == in.size && out.pos == 0)
      return false; // It ends in the middle.
  }
}

} // namespace

bool parse_bounded(std::string_view bytes, google::protobuf::Message& out) {
  if (bytes.size() > plain_bytes_max)
    return false;
  auto size = static_cast<int>(bytes.size());
  auto in = CodedInputStream{
    reinterpret_cast<const std::uint8_t*>(bytes.data()), size};
  return element_count{}.walk(in, *out.GetDescriptor())
         && out.ParseFromArray(bytes.data(), size);
}

bool parse_payload(const envelope& from, google::protobuf::Message& out) {
  constexpr auto encoding_header = std::string_view{"Ss-Encoding"};
  if (from.header_or_empty(header::type) != out.GetDescriptor()->full_name())
    return false;
  auto encoding = from.header_or_empty(encoding_header);
  if (encoding.empty())
    return parse_bounded(from.payload, out);
  std::string plain;
  return encoding == "zstd" && decompress(from.payload, plain)
         && parse_bounded(plain, out);
}

} // namespace stravasync
