#pragma once

#include <set>
#include <string>
#include <string_view>

/// @file
/// Texts that are kept as files under tests/golden and must stay byte for byte
/// what they are. With STRAVASYNC_RENEW_GOLDEN=1 a test writes the files
/// instead.

namespace stravasync::golden {

/// Checks that the file of this name, a path below tests/golden, holds `text`;
/// says where the two differ first, and how the file is renewed.
void check_file(const std::string& name, std::string_view text);

/// Checks that the folder, a path below tests/golden, holds the files of these
/// names and no others, which no test would look at; removes the others when
/// files are renewed.
void check_folder(const std::string& folder,
                  const std::set<std::string>& names);

/// @returns `text` for a terminal and a reviewer: what is not printable ASCII
/// or well-formed UTF-8 as \x1b, but line feeds as they are.
[[nodiscard]] std::string readable(std::string_view text);

/// @returns where two texts differ first: the line before, and both lines,
/// those that are long cut to what is around the place.
[[nodiscard]] std::string
difference(std::string_view expected, std::string_view actual);

} // namespace stravasync::golden
