# embed_files(<target> <file>... [<name>=<file>...])
# Puts files into <target>: a source is generated that includes their bytes
# with the assembler's .incbin and lists them as embedded.hpp says. A file's
# name is its own, or the one before "=".
function(embed_files target)
  set(labels "")
  set(rows "")
  set(inputs "")
  set(index 0)
  foreach(argument IN LISTS ARGN)
    if(argument MATCHES "^([^=/]+)=(.+)$")
      set(name "${CMAKE_MATCH_1}")
      set(path "${CMAKE_MATCH_2}")
    else()
      get_filename_component(name "${argument}" NAME)
      set(path "${argument}")
    endif()
    list(APPEND inputs "${path}")
    set(label "stravasync_embedded_${index}")
    string(APPEND labels
           "asm(\".section .rodata\\n\"\n"
           "    \".global ${label}, ${label}_end\\n\"\n"
           "    \"${label}: .incbin \\\"${path}\\\"\\n\"\n"
           "    \"${label}_end: .byte 0\\n\"\n"
           "    \".previous\\n\");\n"
           "extern \"C\" const char ${label}[];\n"
           "extern \"C\" const char ${label}_end[];\n\n")
    string(APPEND rows "    {\"${name}\", {${label}, ${label}_end}},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded.cpp")
  file(
    GENERATE
    OUTPUT "${source}"
    CONTENT
      "#include \"adapters/http/embedded.hpp\"\n\n#include <array>\n\n${labels}namespace stravasync::http {

std::span<const embedded_file> embedded_files() {
  static const auto files = std::to_array<embedded_file>({
${rows}  });
  return files;
}

} // namespace stravasync::http
")
  set_source_files_properties("${source}" PROPERTIES OBJECT_DEPENDS "${inputs}")
  target_sources(${target} PRIVATE "${source}")
endfunction()
