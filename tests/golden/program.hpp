#pragma once

#include "tests/support/scratch_folder.hpp"

#include <string>
#include <vector>

/// @file
/// The program as a person runs it.

namespace stravasync::golden {

/// How the program ended, as a file shows it.
struct ended {
  int exit_code = -1;
  std::string text; // The command line, the exit code and both outputs.
};

/// Runs the program in a folder, with no settings but those of the command
/// line, and waits for it.
/// @param node Where a node listens; "NODE" stands for it in the text.
[[nodiscard]] ended
run_program(const std::vector<std::string>& arguments,
            const scratch_folder& folder, const std::string& node = {});

} // namespace stravasync::golden
